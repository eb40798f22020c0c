/* Reports of static and set-user-id programs, which cannot report themselves: --report-static=yes.
 *
 * The library then defines the functions of the exec family and of posix_spawn in front of the C library's. Each looks
 * at the file that will run; a program that cannot load this library is reported by the process that starts it. Then
 * the C library's function runs with the caller's own arguments. */
#ifndef OGRT_EXECS_H
#define OGRT_EXECS_H

#include "vector.h"

/* Called at the start of every process, before main: remembers the way to the C library. */
void execs_start(const struct process_vector *vector);

/* Called in a process that is active and whose settings want the reports; with the number of seccomp filters that it
 * is under. Should there be others later, nothing is looked at any more. */
void execs_report(uint64_t filters);

#endif
