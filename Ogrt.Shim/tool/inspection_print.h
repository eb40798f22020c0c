/* What was found in a file, for people and for programs. */
#ifndef OGRT_INSPECTION_PRINT_H
#define OGRT_INSPECTION_PRINT_H

#include "inspection.h"

void inspection_print_text(const char *path, const struct inspection *inspection);

/* One element of an array. Where the file could not be inspected, inspection is null and problem says why. */
void inspection_print_json(const char *path, const struct inspection *inspection, const char *problem, bool first);

#endif
