/* Hands a frame to one server. */
#ifndef OGRT_TRANSPORT_H
#define OGRT_TRANSPORT_H

#include "address.h"

/* Each answers 0 when the whole frame has been handed to the kernel, else a negative error number. */

/* Connects and sends until the deadline (clock_monotonic); -ETIMEDOUT when that has passed. */
long transport_tcp(const struct address *server, const void *frame, size_t size, int64_t deadline);

/* Never waits. */
long transport_udp(const struct address *server, const void *frame, size_t size);

#endif
