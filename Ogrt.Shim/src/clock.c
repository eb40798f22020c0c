#include "clock.h"

#include "syscalls_time.h"

#include <time.h>

static int64_t nanoseconds(int clock)
{
    struct kernel_time time = {0, 0};
    sys_clock_gettime(clock, &time);
    return time.seconds * 1000000000 + time.nanoseconds;
}

int64_t clock_now(void)
{
    return nanoseconds(CLOCK_REALTIME);
}

int64_t clock_monotonic(void)
{
    return nanoseconds(CLOCK_MONOTONIC);
}
