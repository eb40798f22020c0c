/* This process: what is known about it before anything is written or sent. */
#ifndef OGRT_PROCESS_H
#define OGRT_PROCESS_H

#include "settings.h"
#include "vector.h"

struct process {
    const struct settings *settings;
    struct process_vector vector;
    long pid;
    int64_t started; /* clock_monotonic at the start of this library, for OGRT_DEBUG_INFO */
};

/* The value of the first job id variable that is set, and its name; texts without bytes where none is. */
void process_job(const struct process *process, struct text *id, struct text *variable);

#endif
