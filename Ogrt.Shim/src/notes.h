/* ELF notes of a loaded object, read where the dynamic linker has mapped them: no file is opened. */
#ifndef OGRT_NOTES_H
#define OGRT_NOTES_H

#include "text.h"

#include <link.h>

/* An object in memory: its program headers, which must be readable, and what is added to each address in them. */
struct image {
    uintptr_t bias;
    const ElfW(Phdr) * headers;
    size_t count;
};

/* What the notes say; texts without bytes where they say nothing. The bytes lie in the image itself. */
struct notes {
    struct text signature; /* the last watermark: the linker appends the stamp of the final link */
    struct text build_id;
};

struct notes notes_of(const struct image *image);

/* The same for the bytes of one note segment. Adds to notes. */
void notes_scan(struct notes *notes, const unsigned char *bytes, size_t size, size_t alignment);

#endif
