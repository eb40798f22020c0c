/* Times: what is sent, and when to give up. */
#ifndef OGRT_CLOCK_H
#define OGRT_CLOCK_H

#include <stdint.h>

/* Nanoseconds since 1970. */
int64_t clock_now(void);

/* Nanoseconds of a clock that never jumps: for deadlines. */
int64_t clock_monotonic(void);

#endif
