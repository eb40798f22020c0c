/* What the kernel put on the stack of a new program: arguments, environment, auxiliary vector. */
#ifndef OGRT_VECTOR_H
#define OGRT_VECTOR_H

#include <elf.h>
#include <link.h>
#include <stdbool.h>

struct process_vector {
    long argc;
    char **argv;
    char **envp;
    const ElfW(auxv_t) * auxv;
};

/* glibc hands the arguments of main to each constructor; musl and others leave other things in the same registers.
 * So the three values are believed only where they fit each other as the kernel lays them out, and only then read. */
bool vector_from_arguments(struct process_vector *vector, int argc, char **argv, char **envp);

/* The same from the stack's start, which /proc/self/stat names: one read, for every C library. */
bool vector_from_procfs(struct process_vector *vector);

/* The value of a type in the auxiliary vector; false where the kernel gave none. */
bool vector_auxiliary(const struct process_vector *vector, unsigned long type, unsigned long *value);

#endif
