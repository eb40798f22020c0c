/* The ProcessInfo message of this process. */
#ifndef OGRT_RECORD_H
#define OGRT_RECORD_H

#include "frame.h"
#include "process.h"

/* Writes the message. What does not fit is left out in a fixed order and flagged: first environment variables, then
 * arguments, then the command line, then loaded objects from the end, then modules.
 * False when something did not fit. */
bool record_write(struct frame *frame, const struct process *process);

/* Memory that the stack of a program has at hand, and whether the record probably fits into that. */
enum { RECORD_SMALL = 2560 };
bool record_is_small(const struct process *process);

/* Adds how many servers have been tried without success. */
void record_failed_sends(struct frame *frame, unsigned count);

#endif
