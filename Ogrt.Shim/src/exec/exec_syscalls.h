/* The system calls that only the reports of static programs need. */
#ifndef OGRT_EXEC_SYSCALLS_H
#define OGRT_EXEC_SYSCALLS_H

#include "syscalls.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statfs.h>

static inline long sys_pipe(int ends[2], int flags)
{
    return system_call(SYS_pipe2, (long)ends, flags, 0, 0, 0, 0);
}

/* 32-bit processors pass the offset as two words. */
static inline long sys_pread(int fd, void *buffer, size_t size, uint64_t offset)
{
    long low = (long)offset, high = sizeof(long) == 8 ? 0 : (long)(offset >> 32);
    return system_call(SYS_pread64, fd, (long)buffer, (long)size, low, high, 0);
}

/* On i386 the calls with the plain names have ids of 16 bits and sizes of 32. */
#ifdef SYS_getresuid32
#define OGRT_GETRESUID SYS_getresuid32
#define OGRT_GETRESGID SYS_getresgid32
#else
#define OGRT_GETRESUID SYS_getresuid
#define OGRT_GETRESGID SYS_getresgid
#endif

struct ids {
    uint32_t real;
    uint32_t effective;
    uint32_t saved;
};

static inline struct ids sys_user_ids(void)
{
    struct ids ids = {0, 0, 0};
    system_call(OGRT_GETRESUID, (long)&ids.real, (long)&ids.effective, (long)&ids.saved, 0, 0, 0);
    return ids;
}

static inline struct ids sys_group_ids(void)
{
    struct ids ids = {0, 0, 0};
    system_call(OGRT_GETRESGID, (long)&ids.real, (long)&ids.effective, (long)&ids.saved, 0, 0, 0);
    return ids;
}

static inline bool sys_has_no_new_privileges(void)
{
    return system_call(SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0, 0) == 1;
}

/* The ST_ flags of the mount at which an open file lies, or a negative error number. */
static inline long sys_mount_flags(int fd)
{
#ifdef SYS_fstatfs64
    struct statfs64 status;
    long result = system_call(SYS_fstatfs64, fd, sizeof status, (long)&status, 0, 0, 0);
#else
    struct statfs status;
    long result = system_call(SYS_fstatfs, fd, (long)&status, 0, 0, 0, 0);
#endif
    return result < 0 ? result : (long)status.f_flags;
}

static inline long sys_getxattr(const char *path, const char *name, void *value, size_t size)
{
    return system_call(SYS_getxattr, (long)path, (long)name, (long)value, (long)size, 0, 0);
}

static inline long sys_fgetxattr(int fd, const char *name, void *value, size_t size)
{
    return system_call(SYS_fgetxattr, fd, (long)name, (long)value, (long)size, 0, 0);
}

/* The limit in bytes of the stack that a new program gets; a quarter of it is for its arguments. */
static inline uint64_t sys_stack_limit(void)
{
    struct {
        uint64_t current;
        uint64_t maximum;
    } limit;
    long result = system_call(SYS_prlimit64, 0, RLIMIT_STACK, 0, (long)&limit, 0, 0);
    return result < 0 ? UINT64_MAX : limit.current;
}

#endif
