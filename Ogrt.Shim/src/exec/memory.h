/* Arguments and environments that a caller hands to the kernel. A bad pointer among them is an error of the system call
 * and must stay one, so the kernel is asked before anything is read: it is told to write one byte of each page into a
 * pipe, which it does only where the byte can be read. Tools that check each use of memory find nothing in that. */
#ifndef OGRT_EXEC_MEMORY_H
#define OGRT_EXEC_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct memory {
    int out; /* the two ends of the pipe */
    int in;
};

bool memory_open(struct memory *memory);

void memory_close(const struct memory *memory);

bool memory_is_readable(const struct memory *memory, const void *byte);

/* A list of strings that ends with a null. */
struct strings {
    size_t count;
    uint64_t bytes; /* of the strings with their ends, and of the pointers */
};

/* False where some of it cannot be read, or is more than the kernel takes. A null is an empty list. */
bool strings_measure(struct strings *strings, const struct memory *memory, char *const *list);

/* True where the kernel takes these together as the arguments and environment of a program. */
bool strings_fit(const struct strings *arguments, const struct strings *environment);

#endif
