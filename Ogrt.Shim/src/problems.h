/* What is wrong with the settings. It changes nothing for the program, so it is counted, and told on standard error
 * only when OGRT_TRACE or OGRT_DEBUG_INFO asks. */
#ifndef OGRT_PROBLEMS_H
#define OGRT_PROBLEMS_H

#include "text.h"

struct problems {
    bool loud;
    unsigned count;
    unsigned line;    /* where it is read: 0 where it is no line of the settings file */
    const char *name; /* the variable that is read, where it is no line */
};

/* A part of a line or a variable, and what is wrong with it. */
void problem(struct problems *problems, struct text what, const char *reason);

/* A file that is not used, and what textfile_read answered. */
void problem_file(struct problems *problems, const char *path, long result);

/* Says how many were not told. */
void problems_finish(const struct problems *problems);

#endif
