#include "descriptor.h"

#include "syscalls.h"

enum { FIRST_FREE = 3 };

static int lift(long fd)
{
    if (fd < 0 || fd >= FIRST_FREE)
        return (int)fd;
    long lifted = sys_fcntl((int)fd, F_DUPFD_CLOEXEC, FIRST_FREE);
    sys_close((int)fd);
    return (int)lifted;
}

int descriptor_open(const char *path)
{
    return lift(sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
}

int descriptor_open_waitless(const char *path)
{
    return lift(sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
}

int descriptor_open_at(int directory, const char *path, int flags)
{
    return lift(sys_openat(directory, path, flags));
}

int descriptor_socket(int family, int type)
{
    return lift(sys_socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}
