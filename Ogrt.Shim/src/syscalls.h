/* The system calls that the library uses, and all of them: few, old and common, so that a seccomp filter written for
 * the program is unlikely to forbid one. Each answers with its result or a negative error number.
 *
 * They are raw because the program may define functions named connect, getenv or write, and because a call into the C
 * library would need one: this library runs in programs with glibc, with musl and with none. */
#ifndef OGRT_SYSCALLS_H
#define OGRT_SYSCALLS_H

#include "syscalls_time.h"

#include <fcntl.h>
#include <linux/stat.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

static inline long sys_openat(int directory, const char *path, int flags)
{
    return system_call(SYS_openat, directory, (long)path, flags, 0, 0, 0);
}

static inline long sys_read(int fd, void *buffer, size_t size)
{
    return system_call(SYS_read, fd, (long)buffer, (long)size, 0, 0, 0);
}

static inline long sys_write(int fd, const void *buffer, size_t size)
{
    return system_call(SYS_write, fd, (long)buffer, (long)size, 0, 0, 0);
}

static inline long sys_close(int fd)
{
    return system_call(SYS_close, fd, 0, 0, 0, 0, 0);
}

static inline long sys_fcntl(int fd, int command, long argument)
{
    return system_call(SYS_fcntl, fd, command, argument, 0, 0, 0);
}

static inline long sys_readlinkat(int directory, const char *path, char *buffer, size_t size)
{
    return system_call(SYS_readlinkat, directory, (long)path, (long)buffer, (long)size, 0, 0);
}

static inline long sys_faccessat(int directory, const char *path, int mode)
{
    return system_call(SYS_faccessat, directory, (long)path, mode, 0, 0, 0);
}

static inline long sys_statx(int directory, const char *path, int flags, unsigned mask, struct statx *status)
{
    return system_call(SYS_statx, directory, (long)path, flags, (long)mask, (long)status, 0);
}

static inline long sys_getcwd(char *buffer, size_t size)
{
    return system_call(SYS_getcwd, (long)buffer, (long)size, 0, 0, 0, 0);
}

static inline long sys_uname(struct utsname *name)
{
    return system_call(SYS_uname, (long)name, 0, 0, 0, 0, 0);
}

/* The mode of seccomp: 0 for none. */
static inline long sys_prctl(int option)
{
    return system_call(SYS_prctl, option, 0, 0, 0, 0, 0);
}

static inline long sys_getrusage(int who, struct rusage *usage)
{
    return system_call(SYS_getrusage, who, (long)usage, 0, 0, 0, 0);
}

static inline long sys_getpid(void)
{
    return system_call(SYS_getpid, 0, 0, 0, 0, 0, 0);
}

static inline long sys_getppid(void)
{
    return system_call(SYS_getppid, 0, 0, 0, 0, 0, 0);
}

/* On i386 the plain call takes a block of memory instead of arguments. */
#ifdef SYS_mmap2
#define OGRT_MMAP SYS_mmap2
#else
#define OGRT_MMAP SYS_mmap
#endif

static inline long sys_mmap_anonymous(size_t size)
{
    return system_call(OGRT_MMAP, 0, (long)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static inline long sys_munmap(void *start, size_t size)
{
    return system_call(SYS_munmap, (long)start, (long)size, 0, 0, 0, 0);
}

static inline long sys_socket(int family, int type, int protocol)
{
    return system_call(SYS_socket, family, type, protocol, 0, 0, 0);
}

static inline long sys_connect(int fd, const void *address, size_t size)
{
    return system_call(SYS_connect, fd, (long)address, (long)size, 0, 0, 0);
}

static inline long sys_sendto(int fd, const void *data, size_t size, int flags, const void *address, size_t length)
{
    return system_call(SYS_sendto, fd, (long)data, (long)size, flags, (long)address, (long)length);
}

static inline long sys_shutdown(int fd, int how)
{
    return system_call(SYS_shutdown, fd, how, 0, 0, 0, 0);
}

#endif
