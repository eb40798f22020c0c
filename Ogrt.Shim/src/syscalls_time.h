/* The system calls that take or give times, which are 64 bit on every processor. */
#ifndef OGRT_SYSCALLS_TIME_H
#define OGRT_SYSCALLS_TIME_H

#include "arch.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

/* As the kernel has it; the struct timespec of a 32-bit C library may be shorter. */
struct kernel_time {
    int64_t seconds;
    int64_t nanoseconds;
};

#if defined(__i386__)

/* The calls with 64-bit times came with Linux 5.1, and older kernels have those with 32-bit times only. */
struct kernel_time32 {
    int32_t seconds;
    int32_t nanoseconds;
};

static inline long sys_clock_gettime(int clock, struct kernel_time *time)
{
    long result = system_call(SYS_clock_gettime64, clock, (long)time, 0, 0, 0, 0);
    if (result != -ENOSYS)
        return result;
    struct kernel_time32 old = {0, 0};
    result = system_call(SYS_clock_gettime, clock, (long)&old, 0, 0, 0, 0);
    *time = (struct kernel_time){old.seconds, old.nanoseconds};
    return result;
}

static inline long sys_ppoll(struct pollfd *fds, size_t count, struct kernel_time *timeout)
{
    struct kernel_time32 old = {(int32_t)timeout->seconds, (int32_t)timeout->nanoseconds};
    long result = system_call(SYS_ppoll_time64, (long)fds, (long)count, (long)timeout, 0, 0, 0);
    return result == -ENOSYS ? system_call(SYS_ppoll, (long)fds, (long)count, (long)&old, 0, 0, 0) : result;
}

static inline long futex_wait(const void *address, unsigned value, const struct kernel_time *timeout)
{
    const struct kernel_time32 old = {(int32_t)timeout->seconds, (int32_t)timeout->nanoseconds};
    const int operation = FUTEX_WAIT | FUTEX_PRIVATE_FLAG;
    long result = system_call(SYS_futex_time64, (long)address, operation, (long)value, (long)timeout, 0, 0);
    return result == -ENOSYS ? system_call(SYS_futex, (long)address, operation, (long)value, (long)&old, 0, 0) : result;
}

#else

static inline long sys_clock_gettime(int clock, struct kernel_time *time)
{
    return system_call(SYS_clock_gettime, clock, (long)time, 0, 0, 0, 0);
}

/* The kernel writes the time that is left into timeout. */
static inline long sys_ppoll(struct pollfd *fds, size_t count, struct kernel_time *timeout)
{
    return system_call(SYS_ppoll, (long)fds, (long)count, (long)timeout, 0, 0, 0);
}

static inline long futex_wait(const void *address, unsigned value, const struct kernel_time *timeout)
{
    return system_call(SYS_futex, (long)address, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, value, (long)timeout, 0, 0);
}

#endif

/* Sleeps while the word at address is value, for no time at all. What is wanted is the answer -EFAULT for a word that
 * cannot be read: any other means that it can. */
static inline long sys_futex_wait_never(const void *address, unsigned value)
{
    const struct kernel_time never = {0, 0};
    return futex_wait(address, value, &never);
}

#endif
