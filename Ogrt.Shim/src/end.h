/* The end of the process: a second record, with its exit code and what it has used.
 *
 * Nothing is kept over main but what the record needs, in one page that is written to at the start anyway. At exit, the
 * C library calls a handler that it was given at the start; it knows the exit code. Where it cannot be given one (musl
 * has no such handlers), .fini_array is called, which does not know it. A process that ends in another way (by a
 * signal, by _exit, by executing another program) sends nothing. */
#ifndef OGRT_END_H
#define OGRT_END_H

#include "deliver.h"

/* After a record has been delivered: lets the end go to the same server. */
void end_arm(const struct process *process, const struct delivery *delivery);

#endif
