/* /proc/PID/stat: it takes no lock that another process could hold. */
#ifndef OGRT_PROCFS_H
#define OGRT_PROCFS_H

#include "text.h"

struct process_stat {
    uint64_t pid;          /* field 1: in the pid namespace of /proc, which need not be that of this process */
    uint64_t parent;       /* field 4: in the same; 0 where the parent is outside of it */
    uint64_t start_ticks;  /* field 22: clock ticks since boot */
    uintptr_t stack_start; /* field 28: where the kernel put the argument count; 0 for another user's process */
};

/* Of the process pid as /proc counts, or of this one for 0. False without /proc, with hidepid, or when the process has
 * gone. */
bool procfs_stat(struct process_stat *stat, uint64_t pid);

/* Reads a stat line as in proc(5). False where a field is missing. */
bool stat_parse(struct process_stat *stat, struct text line);

#endif
