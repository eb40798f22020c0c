/* The functions that a library configured with --report-static=yes defines in front of the C library's. */
#ifndef OGRT_EXEC_FUNCTIONS_H
#define OGRT_EXEC_FUNCTIONS_H

/* Name and number: the numbers are written into machine code, where no enum can go. */
#define EXEC_ENTRIES(X)                                                                                                \
    X(execve, 0)                                                                                                       \
    X(execv, 1)                                                                                                        \
    X(execvp, 2)                                                                                                       \
    X(execvpe, 3)                                                                                                      \
    X(execl, 4)                                                                                                        \
    X(execlp, 5)                                                                                                       \
    X(execle, 6)                                                                                                       \
    X(fexecve, 7)                                                                                                      \
    X(execveat, 8)

/* These return to the caller, so they are functions in C and no entries. */
#define EXEC_SPAWNS(X)                                                                                                 \
    X(posix_spawn, 9)                                                                                                  \
    X(posix_spawnp, 10)

#define EXEC_NAME_FUNCTION(name, number) FUNCTION_##name = number,
enum exec_function { EXEC_ENTRIES(EXEC_NAME_FUNCTION) EXEC_SPAWNS(EXEC_NAME_FUNCTION) FUNCTIONS };
#undef EXEC_NAME_FUNCTION

#endif
