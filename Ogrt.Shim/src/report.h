/* The line that OGRT_DEBUG_INFO=1 asks for. Nothing else is ever printed. */
#ifndef OGRT_REPORT_H
#define OGRT_REPORT_H

#include "deliver.h"

void report(const struct process *process, const struct delivery *delivery);

#endif
