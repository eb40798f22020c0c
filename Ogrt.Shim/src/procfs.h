/* /proc/PID/stat, the one file of /proc that is read: it takes no lock that another process could hold. */
#ifndef OGRT_PROCFS_H
#define OGRT_PROCFS_H

#include "text.h"

struct process_stat {
    uint64_t start_ticks;  /* field 22: clock ticks since boot */
    uintptr_t stack_start; /* field 28: where the kernel put the argument count; 0 for another user's process */
};

/* Of the process pid, or of this one for 0. False without /proc, with hidepid, or when the process has gone. */
bool procfs_stat(struct process_stat *stat, long pid);

/* The number in one of the blank-separated fields of a stat line, counted as in proc(5): from 3 on. */
bool stat_field(struct text line, unsigned field, uint64_t *value);

#endif
