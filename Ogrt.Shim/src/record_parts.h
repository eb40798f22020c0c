/* The parts of a ProcessInfo, one group of facts each. Those that can be cut answer with the flags that say so. */
#ifndef OGRT_RECORD_PARTS_H
#define OGRT_RECORD_PARTS_H

#include "fields.h"
#include "objects.h"
#include "process.h"
#include "wire.h"

/* record_identity.c: who and when */
void record_identity(struct wire *wire, const struct process *process);

/* record_executable.c: which program */
void record_executable(struct wire *wire, const struct process *process, const struct image *image);

/* record_job.c: on whose behalf, and where it runs */
void record_job(struct wire *wire, const struct process *process);
unsigned record_container(const struct process *process);

/* record_lists.c: what can be long */
unsigned record_modules(struct wire *wire, const struct process *process);
unsigned record_objects(struct wire *wire, struct objects *objects, struct text directory);
unsigned record_arguments(struct wire *wire, const struct process *process);
unsigned record_environment(struct wire *wire, const struct process *process);

#endif
