/* Reports the program of a request where it cannot report itself. */
#ifndef OGRT_EXEC_REPORT_H
#define OGRT_EXEC_REPORT_H

#include "request.h"

/* Looks at the program, and reports it where that is to be done. Changes nothing that the caller can see, errno
 * neither; async-signal-safe, and safe in a child of vfork. */
void exec_report(struct request *request);

#endif
