/* The file that this process runs: its path and its attributes. */
#ifndef OGRT_EXECUTABLE_H
#define OGRT_EXECUTABLE_H

#include "text.h"
#include "vector.h"

#include <linux/stat.h>

struct executable {
    struct text path; /* without bytes where it is not known; lies in the buffer that was given for it */
    bool has_file;
    struct statx file;
};

/* Asks the kernel for what it really runs. */
void executable_from_procfs(struct executable *executable, char *buffer, size_t size);

/* The same answer without /proc/self/exe, whose first look costs a process more than everything here: from the path
 * as called, by following its symbolic links. False, and then the kernel must be asked, where that could be another
 * file than the one that runs: for a script, for a descriptor, for a program that was started by calling the dynamic
 * linker, and for a file that has been changed or put into its place within the last seconds. now is clock_now. */
bool executable_from_call(struct executable *executable, const struct process_vector *vector, int64_t now, char *buffer,
                          size_t size);

/* The part of it that walks: finds the path of the file that `called` leads to, without symbolic links, "." and "..",
 * and its attributes. False where the file cannot be found or is no regular file, where the path leads into /proc, or
 * where something is too long. */
bool executable_walk(struct executable *executable, struct text called, char *buffer, size_t size);

#endif
