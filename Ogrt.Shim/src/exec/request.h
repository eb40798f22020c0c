/* A call of the exec family, whichever of its functions it was. */
#ifndef OGRT_EXEC_REQUEST_H
#define OGRT_EXEC_REQUEST_H

#include "functions.h"
#include "program.h"

enum {
    /* A folder of PATH and a name. Longer ones get memory of their own, so that little stack is needed. */
    USUAL_PATH = 512,
    DESCRIPTOR_PATH = 40, /* /proc/self/fd/N */
};

/* Where the arguments of a call are: as many as there are registers for them, and the rest on the stack. */
struct arguments {
    const uintptr_t *registers;
    const uintptr_t *stack;
};

uintptr_t argument(const struct arguments *arguments, size_t number);

struct request {
    struct target target;
    const char *file;   /* to be searched along PATH; null where the target says it */
    bool shell;         /* the C library runs what has no format by /bin/sh */
    int descriptor;     /* that the program, or the folder of a relative name, was given by; -1 without one */
    const char *called; /* its path as the caller gave it; empty where there was a descriptor alone */

    char *const *argv;         /* null where the arguments are an ellipsis */
    struct arguments ellipsis; /* from number 1 on, up to a null; an environment may follow */
    bool environment_follows;
    bool environment_given; /* else it is that of this process */
    char *const *envp;

    long child;       /* the process that posix_spawn has made; 0 when this process execs */
    bool child_moved; /* its working directory may be another one */

    char descriptor_path[DESCRIPTOR_PATH];
};

/* What an entry was called with. False for what never starts a program. */
bool request_read(struct request *request, enum exec_function function, const struct arguments *arguments);

/* The environment that the new program gets. */
char *const *request_environment(const struct request *request);

/* Finds the program along PATH where that is to be done, and leaves its name in the buffer. */
bool request_find(struct request *request, char *buffer, size_t size, bool *no_room);

#endif
