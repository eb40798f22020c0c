/* JobStart and JobEnd as frames. */
#ifndef OGRT_SPANK_MESSAGE_H
#define OGRT_SPANK_MESSAGE_H

#include "job.h"

#include <stddef.h>

enum { MESSAGE_MAX = 16384 }; /* more than the longest texts of a job together */

/* Writes the frame and gives its size. Where the controller did not say when the job started or ended, it is now, in
 * nanoseconds since 1970. */
size_t message_start(unsigned char *frame, const struct job *job, int64_t now_ns);
size_t message_end(unsigned char *frame, const struct job *job, int64_t now_ns);

#endif
