#include "frame.h"

#include "syscalls.h"

enum { REGION = FRAME_HEADER + FRAME_MAX_MESSAGE };

bool frame_open(struct frame *frame)
{
    long region = sys_mmap_anonymous(REGION);
    if (region < 0 && region > -4096)
        return false;
    frame->start = (unsigned char *)region;
    frame->wire = (struct wire){frame->start + FRAME_HEADER, frame->start + REGION - FRAME_RESERVED};
    return true;
}

void frame_use_reserve(struct frame *frame)
{
    frame->wire.end = frame->start + REGION;
}

static void put_big_endian(unsigned char *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(value >> (24 - 8 * i));
}

size_t frame_seal(struct frame *frame, uint32_t type)
{
    size_t size = (size_t)(frame->wire.at - frame->start);
    put_big_endian(frame->start, type);
    put_big_endian(frame->start + 4, (uint32_t)(size - FRAME_HEADER));
    return size;
}

void frame_close(struct frame *frame)
{
    sys_munmap(frame->start, REGION);
}
