/* What an ELF file says about itself: its watermarks and its build-id. */
#ifndef OGRT_INSPECTION_H
#define OGRT_INSPECTION_H

#include "elf_reader.h"
#include "watermark.h"

enum {
    MAX_WATERMARKS = 64, /* of more than this in one file the last are kept */
    MAX_BUILD_ID = 64,   /* bytes; linkers make 8, 16 or 20 */
};

struct found_watermark {
    struct watermark watermark; /* the fields point into content */
    unsigned char *content;     /* ours; null where there is nothing but the UUID */
    bool loaded;                /* lies in a segment that is loaded: the preload library sees it */
};

struct inspection {
    struct elf elf;
    struct found_watermark marks[MAX_WATERMARKS]; /* in the order of the file; the last counts */
    unsigned count;
    unsigned dropped; /* how many more there were */
    unsigned char build_id[MAX_BUILD_ID];
    size_t build_id_size; /* 0: none */
    bool interpreted;     /* names a dynamic linker: it is a program */
    bool damaged;         /* something in it could not be read */
};

/* Reads the file. What an ELF file has of notes is looked for in its note segments, or where it has none (object files)
 * in its sections. */
enum elf_kind inspect_source(struct inspection *inspection, const struct elf_source *source);

/* Frees what belongs to it. */
void inspection_free(struct inspection *inspection);

/* The watermark that counts; null where there is none. */
const struct found_watermark *inspection_mark(const struct inspection *inspection);

#endif
