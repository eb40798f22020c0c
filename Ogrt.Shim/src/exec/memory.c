#include "memory.h"

#include "exec_syscalls.h"

#include <errno.h>

enum {
    PAGE = 4096,          /* or a part of one */
    MAX_STRING = 131072,  /* MAX_ARG_STRLEN */
    LEAST_LIMIT = 131072, /* ARG_MAX: there is always room for this much */
    MOST_LIMIT = 6291456, /* three quarters of the usual stack */
};

bool memory_open(struct memory *memory)
{
    int ends[2];
    if (sys_pipe(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return false;
    *memory = (struct memory){ends[0], ends[1]};
    return true;
}

void memory_close(const struct memory *memory)
{
    sys_close(memory->out);
    sys_close(memory->in);
}

/* The pipe holds 65536 bytes in 16 pages, or one page where the user has many pipes; it is emptied in time. */
bool memory_is_readable(const struct memory *memory, const void *byte)
{
    char bytes[64];
    long written = sys_write(memory->in, byte, 1);
    if (written == -EAGAIN) {
        while (sys_read(memory->out, bytes, sizeof bytes) > 0)
            ;
        written = sys_write(memory->in, byte, 1);
    }
    return written == 1;
}

/* Remembers the page that was asked for last. */
static bool readable(const struct memory *memory, uintptr_t *seen, const void *byte)
{
    uintptr_t page = (uintptr_t)byte & ~(uintptr_t)(PAGE - 1);
    if (page == *seen)
        return true;
    if (!memory_is_readable(memory, byte))
        return false;
    *seen = page;
    return true;
}

/* -1 where the string cannot be read or is longer than the kernel takes. */
static long measure(const struct memory *memory, uintptr_t *seen, const char *string)
{
    for (long length = 0; length < MAX_STRING; length++) {
        bool page_begins = length == 0 || (uintptr_t)(string + length) % PAGE == 0;
        if (page_begins && !readable(memory, seen, string + length))
            return -1;
        if (!string[length])
            return length;
    }
    return -1;
}

bool strings_measure(struct strings *strings, const struct memory *memory, char *const *list)
{
    uintptr_t pointers = 1, bytes = 1; /* no page begins there */
    *strings = (struct strings){0, 0};
    if (!list)
        return true;
    if ((uintptr_t)list % sizeof *list)
        return false;
    for (;; list++) {
        if (!readable(memory, &pointers, list))
            return false;
        if (!*list)
            return true;
        long length = measure(memory, &bytes, *list);
        strings->count++;
        strings->bytes += (uint64_t)length + 1 + sizeof *list;
        if (length < 0 || strings->bytes > MOST_LIMIT)
            return false;
    }
}

/* As in exec_args (fs/exec.c): a quarter of the stack's limit, but neither less nor more than these. */
bool strings_fit(const struct strings *arguments, const struct strings *environment)
{
    uint64_t limit = sys_stack_limit() / 4;
    if (limit > MOST_LIMIT)
        limit = MOST_LIMIT;
    if (limit < LEAST_LIMIT)
        limit = LEAST_LIMIT;
    return arguments->bytes + environment->bytes <= limit;
}
