/* The contents of watermark notes: ELF notes with the name "OGRT" and the type below, in a section .note.ogrt.info.
 *
 * Version 1, as the first OGRT writes and reads it (38 bytes): a byte 1, the UUID as text, a null.
 * Version 2 tells about the build: a byte 2, the UUID as text, a null, and then fields, each a tag (one byte), a length
 * (two bytes, the low one first) and as many bytes. Numbers have their low byte first. A tag with its highest bit set
 * says that the text was cut. Readers skip tags that they do not know. A note of version 2 stands behind one of version
 * 1 with the same UUID, so readers of version 1 find what they know. */
#ifndef OGRT_WATERMARK_H
#define OGRT_WATERMARK_H

#include "uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WATERMARK_TYPE = 0x4f475254,
    WATERMARK_NAME = 5, /* bytes of "OGRT" with its null */
    WATERMARK_V1_SIZE = 38,
    WATERMARK_V2_SIZE = 16384, /* at most; a longer one is read as far as this */
};

enum watermark_tag {
    WATERMARK_TIME = 1, /* seconds since 1970, 8 bytes, signed */
    WATERMARK_UID,      /* 4 bytes */
    WATERMARK_USER,     /* from here on texts */
    WATERMARK_HOST,
    WATERMARK_COMPILER, /* the program that called the linker */
    WATERMARK_OUTPUT,   /* what was linked, as it was named */
    WATERMARK_CWD,
    WATERMARK_MODULES, /* LOADEDMODULES: names with a colon between them */
    WATERMARK_OGRT,    /* version of the stamp's author */
    WATERMARK_TAGS,
};

/* The value of one tag. The bytes belong to the note. */
struct watermark_field {
    const unsigned char *bytes; /* null where the note does not have it */
    size_t length;
    bool cut;
};

/* A note, taken apart. */
struct watermark {
    int version;
    struct uuid uuid;
    struct watermark_field fields[WATERMARK_TAGS];
};

/* False for another version or shape. A field that goes over the end of the note ends the reading, not the note. */
bool watermark_parse(struct watermark *watermark, const unsigned char *content, size_t size);

/* The number in a field of 4 or 8 bytes; 0 for any other. */
int64_t watermark_number(const struct watermark_field *field);

/* Write the content of a note; room must be at least WATERMARK_V1_SIZE and WATERMARK_V2_SIZE. Return the size. A text
 * that is too long for its kind is cut and says so. */
size_t watermark_write_v1(unsigned char *room, const struct uuid *uuid);
size_t watermark_write_v2(unsigned char *room, const struct watermark *watermark);

#endif
