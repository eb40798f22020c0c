#include "transport.h"

#include "descriptor.h"
#include "syscalls.h"

long transport_udp(const struct address *server, const void *frame, size_t size)
{
    int fd = descriptor_socket(server->as.any.sa_family, SOCK_DGRAM);
    if (fd < 0)
        return fd;
    long sent = sys_sendto(fd, frame, size, MSG_DONTWAIT | MSG_NOSIGNAL, &server->as, server->size);
    sys_close(fd);
    return sent < 0 ? sent : 0;
}
