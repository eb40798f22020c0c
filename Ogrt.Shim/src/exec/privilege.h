/* Whether the kernel will tell a new program that it has other rights than its caller (AT_SECURE). The dynamic linker
 * then takes only libraries of the system, and this library keeps away. */
#ifndef OGRT_EXEC_PRIVILEGE_H
#define OGRT_EXEC_PRIVILEGE_H

#include "exec_syscalls.h"

struct privilege {
    bool secure;
    uint32_t real_user;
    uint32_t real_group;
    uint32_t effective_user; /* of the new program */
};

/* `fd` is the program's file or negative; `path` is its name, for where there is no descriptor. */
struct privilege privilege_of(const struct statx *status, int directory, const char *path, int fd);

#endif
