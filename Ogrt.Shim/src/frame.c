#include "frame.h"

#include "syscalls.h"

enum { MAX_ERROR = 4095 }; /* the kernel's: results from -4095 to -1 are errors */

struct frame frame_in(unsigned char *memory, size_t size)
{
    return (struct frame){memory, memory + size, {memory + FRAME_HEADER, memory + size - FRAME_RESERVED, false}};
}

bool frame_map(struct frame *frame, size_t size)
{
    long region = sys_mmap_anonymous(size);
    if (region < 0 && region >= -MAX_ERROR)
        return false;
    *frame = frame_in((unsigned char *)region, size);
    return true;
}

void frame_unmap(struct frame *frame)
{
    sys_munmap(frame->start, (size_t)(frame->end - frame->start));
}

void frame_use_reserve(struct frame *frame)
{
    frame->wire.end = frame->end;
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
