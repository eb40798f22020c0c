/* Where execvp and its like find a program. */
#ifndef OGRT_EXEC_SEARCH_H
#define OGRT_EXEC_SEARCH_H

#include "text.h"

enum search_answer { SEARCH_FOUND, SEARCH_NOTHING, SEARCH_NO_ROOM };

/* Looks for the file in each folder of the path and writes the whole name of the first that may be executed into the
 * buffer. No room means that a name was longer than the buffer and that all before it were not it. */
enum search_answer search_path(const char *file, const char *path, char *buffer, size_t size);

#endif
