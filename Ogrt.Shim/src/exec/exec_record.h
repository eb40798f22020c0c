/* The ProcessInfo of a program that cannot send its own. */
#ifndef OGRT_EXEC_RECORD_H
#define OGRT_EXEC_RECORD_H

#include "frame.h"
#include "process.h"
#include "subject.h"

/* The process holds the settings and the arguments and environment of the new program. What does not fit is cut as in
 * the record of any process. */
void exec_record_write(struct frame *frame, const struct process *process, const struct subject *subject,
                       struct username_room *room);

#endif
