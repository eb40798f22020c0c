/* /proc/PID/status: whether system calls of a process are filtered, and what it has used.
 *
 * Reading it is how to ask before any other system call is made: where a filter could kill the process, the three calls
 * for that (openat, read, close) are those that every program makes when it loads its libraries. */
#ifndef OGRT_PROCFS_STATUS_H
#define OGRT_PROCFS_STATUS_H

#include "text.h"

struct process_status {
    uint64_t pid;          /* Pid, as /proc counts */
    uint64_t seccomp;      /* Seccomp: 0 none, 1 strict, 2 filtered; 0 in a kernel without seccomp */
    uint64_t filters;      /* Seccomp_filters: how many lie one above the other */
    bool has_filters;      /* since Linux 5.9 */
    uint64_t peak_rss_kib; /* VmHWM: of this program image; 0 where it is not told */
};

/* Of the process pid as /proc counts, or of this one for 0. False where it cannot be read. Uses little stack: it is
 * called at exit, which may come on the small stack of a signal handler. */
bool procfs_status(struct process_status *status, uint64_t pid);

/* Takes what one line says, without its end. */
void status_line(struct process_status *status, struct text line);

#endif
