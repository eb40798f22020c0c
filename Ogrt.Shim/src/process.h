/* This process: what is known about it before anything is written or sent. */
#ifndef OGRT_PROCESS_H
#define OGRT_PROCESS_H

#include "executable.h"
#include "procfs.h"
#include "settings.h"
#include "vector.h"

enum { PROCESS_MAX_PATH = 4096 };

/* The parent's start makes its pid unique: pids come round. It is not known where the parent is outside of this pid
 * namespace, or where /proc hides other users' processes. */
struct ancestry {
    bool has_self;
    bool has_parent;
    struct process_stat self;
    uint64_t parent_start_ticks;
};

struct process {
    const struct settings *settings; /* null until they are read */
    const struct switches *switches;
    struct process_vector vector;
    struct executable executable;
    struct text path; /* of the executable; as called where that is not known */
    uint64_t user;    /* the effective one */
    uint64_t filters; /* seccomp filters that this process is under */
    struct ancestry ancestry;
    long pid;
    int64_t now;     /* clock_now at the start of this library */
    int64_t started; /* clock_monotonic at the same time, only for OGRT_DEBUG_INFO and OGRT_TRACE */
};

/* Finds path and user by the path as called. The path lies in the buffer. False where that is not enough. */
bool process_identify(struct process *process, char *buffer, size_t size);

/* The same by /proc. The path lies in the buffer, or where the kernel put it. */
void process_identify_by_procfs(struct process *process, char *buffer, size_t size);

/* Finds the ancestry. */
void process_descend(struct process *process);

/* The value of the first job id variable that is set, and its name; texts without bytes where none is. */
void process_job(const struct process *process, struct text *id, struct text *variable);

#endif
