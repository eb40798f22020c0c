/* The line that OGRT_TRACE=1 asks for: why this process is reported or not. */
#ifndef OGRT_TRACE_H
#define OGRT_TRACE_H

#include "deliver.h"

/* For a process that OGRT_ACTIVE, or the settings where they were read, leave out. */
void trace_inactive(const struct process *process, const struct switches *switches);

/* For a process under a seccomp filter: makes no system call but the one that writes. */
void trace_confined(const struct process *process);

void trace_filtered(const struct process *process);

/* For a reason that needs no more words. */
void trace_left_out(const struct process *process, const char *reason);

void trace_delivery(const struct process *process, const struct delivery *delivery);

#endif
