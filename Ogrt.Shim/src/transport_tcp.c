#include "transport.h"

#include "clock.h"
#include "descriptor.h"
#include "syscalls.h"

#include <errno.h>

/* Waits until something can be written, or the connection has failed, which the next write then says. Looks once even
 * when the time is up already: on a busy machine it may have gone by while others ran, and looking is no waiting. */
static long wait_writable(int fd, int64_t deadline)
{
    for (;;) {
        int64_t left = deadline - clock_monotonic();
        if (left < 0)
            left = 0;
        struct pollfd poll = {.fd = fd, .events = POLLOUT, .revents = 0};
        struct kernel_time timeout = {left / 1000000000, left % 1000000000};
        long ready = sys_ppoll(&poll, 1, &timeout);
        if (ready > 0)
            return 0;
        if (ready == 0)
            return -ETIMEDOUT;
        if (ready != -EINTR) /* a handler of the program may have run: go on with the time that is left */
            return ready;
    }
}

static long send_all(int fd, const char *data, size_t size, int64_t deadline)
{
    while (size) {
        long result = sys_sendto(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
        if (result > 0) {
            data += result;
            size -= (size_t)result;
        } else if (result == -EAGAIN) {
            result = wait_writable(fd, deadline);
        }
        if (result < 0 && result != -EINTR)
            return result;
    }
    return 0;
}

long transport_tcp(const struct address *server, const void *frame, size_t size, int64_t deadline)
{
    int fd = descriptor_socket(server->as.any.sa_family, SOCK_STREAM);
    if (fd < 0)
        return fd;
    long result = sys_connect(fd, &server->as, server->size);
    if (result == -EINPROGRESS)
        result = wait_writable(fd, deadline);
    if (result == 0)
        result = send_all(fd, frame, size, deadline);
    /* What the kernel has taken is delivered after close too. The end of the stream is sent here and not left to
     * close, because a thread that forked meanwhile holds a copy of the descriptor. */
    if (result == 0)
        sys_shutdown(fd, SHUT_WR);
    sys_close(fd);
    return result;
}
