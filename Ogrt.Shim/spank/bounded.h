/* Work that may block for as long as it likes, in a child process that is not waited for longer than a deadline. */
#ifndef OGRT_SPANK_BOUNDED_H
#define OGRT_SPANK_BOUNDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nanoseconds of the monotonic clock. */
int64_t now_monotonic(void);

/* Milliseconds until a time of now_monotonic, for poll: at least 0, rounded up. */
int milliseconds_until(int64_t deadline);

/* Calls `work` in a child, and copies what it has put into `result` (`size` bytes) back. False when it answered false,
 * or not until the deadline: then the child is killed and `result` is as it was. */
bool bounded(bool (*work)(const void *argument, void *result), const void *argument, void *result, size_t size,
             int64_t deadline);

#endif
