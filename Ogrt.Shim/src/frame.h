/* A frame: eight bytes of header (type and length, big-endian), then a protobuf message. */
#ifndef OGRT_FRAME_H
#define OGRT_FRAME_H

#include "wire.h"

enum {
    FRAME_HEADER = 8,
    FRAME_PROCESS_INFO = 12,
    FRAME_PROCESS_END = 16,
    /* Kept free behind the cut fields for those that are written last: flags and failed sends. */
    FRAME_RESERVED = 24,
};

struct frame {
    unsigned char *start;
    unsigned char *end;
    struct wire wire;
};

/* A frame in memory that the caller owns. */
struct frame frame_in(unsigned char *memory, size_t size);

/* A frame of that size in memory of its own. Pages that are not written cost nothing. False when there is no memory. */
bool frame_map(struct frame *frame, size_t size);

void frame_unmap(struct frame *frame);

/* Lets the fields that come now use the reserved room too. */
void frame_use_reserve(struct frame *frame);

/* Writes the header. May be called again after more fields. Gives the size of header and message. */
size_t frame_seal(struct frame *frame, uint32_t type);

#endif
