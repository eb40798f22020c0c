/* The functions behind ours: those of the C library, or of a library that stands between. */
#ifndef OGRT_EXEC_NEXT_H
#define OGRT_EXEC_NEXT_H

#include "functions.h"

#include <stdbool.h>
#include <stdint.h>

/* The address of the function that is called if this library does not define it. Never 0: where there is none, that of
 * a function of the same kind which makes the system call, or fails with ENOSYS where no single call does the same. */
uintptr_t exec_next(enum exec_function function);

/* The variable that points to the environment of this process. Null where there is none. */
char *const *exec_environment(void);

/* Whether the C library is glibc; else it is musl. */
bool exec_is_glibc(void);

#endif
