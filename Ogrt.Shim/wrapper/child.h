/* The linker as a child whose output is kept back until it is known whether the link succeeds. */
#ifndef OGRT_CHILD_H
#define OGRT_CHILD_H

#include <stdbool.h>

struct child_result {
    bool ran;      /* false where it could not be started; then nothing else is set */
    int status;    /* as waitpid gives it */
    bool signaled; /* we were told to end meanwhile, and told the child */
};

/* A file without a name; its descriptor is above 2 and closed on exec. -1 where there is none. */
int nameless_file(const char *what);

/* Runs the program and waits for its end. Its standard output and error go to these descriptors. Signals to end are
 * passed on to it, and when we are killed it is killed too. */
struct child_result child_run(const char *path, char *const *arguments, int output, int error);

/* Ends as the child ended: with its exit code or by its signal. */
_Noreturn void child_end_like(int status);

#endif
