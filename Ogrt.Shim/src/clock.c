#include "clock.h"

#include "syscalls.h"

static int64_t nanoseconds(int clock)
{
    struct timespec time = {0, 0};
    sys_clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t clock_now(void)
{
    return nanoseconds(CLOCK_REALTIME);
}

int64_t clock_monotonic(void)
{
    return nanoseconds(CLOCK_MONOTONIC);
}
