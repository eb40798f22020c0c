/* The process that is reported and the program that it is about to run: what the record says of them. */
#ifndef OGRT_EXEC_SUBJECT_H
#define OGRT_EXEC_SUBJECT_H

#include "request.h"
#include "workspace.h"

struct subject {
    const struct program *program;
    long pid;
    uint64_t parent;
    uint64_t start_ticks; /* 0 where it could not be read */
    uint64_t parent_start_ticks;
    struct text binary;
    struct text called;
    struct text directory;
    struct text signature;
    struct text build_id;
};

/* Everything but the lists. The texts lie in the workspace. */
void subject_read(struct subject *subject, const struct request *request, struct workspace *workspace);

#endif
