/* Lines on standard error, each written at once. Only OGRT_TRACE and OGRT_DEBUG_INFO lead here. */
#ifndef OGRT_SAY_H
#define OGRT_SAY_H

#include "format.h"

enum { SAY_LINE = 1024 };

/* Begins a line with the name of this library. */
struct format say_begin(char buffer[SAY_LINE]);

/* Bytes that others chose: at most so many, and a question mark for each that a terminal could obey. */
void say_quoted(struct format *line, struct text text, size_t most);

/* A positive error number, with the name of those that one meets. */
void say_error(struct format *line, long error);

void say_end(struct format *line);

#endif
