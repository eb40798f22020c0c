/* Stamps: relocatable ELF objects without code that give what they are linked into a watermark. */
#ifndef OGRT_STAMP_H
#define OGRT_STAMP_H

#include "gnu_property.h"
#include "target.h"
#include "watermark.h"

enum { STAMP_SIZE = 20480 }; /* bytes that no stamp exceeds */

struct stamp {
    unsigned char bytes[STAMP_SIZE];
    size_t size;
};

/* Makes a stamp with the watermark's UUID, and with a note of version 2 where its version is 2. The stamp asks for no
 * executable stack; it has the given properties where there are some. */
void stamp_make(struct stamp *stamp, const struct target *target, const struct watermark *watermark,
                const struct gnu_properties *properties);

#endif
