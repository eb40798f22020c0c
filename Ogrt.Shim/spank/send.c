#include "send.h"

#include "bounded.h"
#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_ADDRESSES = 8, MAX_HOST = 256 };

struct endpoint {
    char host[MAX_HOST];
    char port[8];
};

struct addresses {
    unsigned count;
    struct {
        struct sockaddr_storage address;
        socklen_t size;
    } items[MAX_ADDRESSES];
};

/* HOST, HOST:PORT, [ADDRESS]:PORT, and an IPv6 address without a port. */
static bool endpoint_parse(struct endpoint *endpoint, const char *text)
{
    const char *host = text, *port = NULL;
    size_t length = strlen(text);
    const char *colon = strchr(text, ':');
    if (*text == '[') {
        const char *close = strchr(text, ']');
        if (!close || (close[1] && close[1] != ':'))
            return false;
        host = text + 1;
        length = (size_t)(close - host);
        port = close[1] ? close + 2 : NULL;
    } else if (colon && !strchr(colon + 1, ':')) {
        length = (size_t)(colon - text);
        port = colon + 1;
    }
    if (length == 0 || length >= sizeof endpoint->host || (port && (!*port || strlen(port) >= sizeof endpoint->port)))
        return false;
    memcpy(endpoint->host, host, length);
    endpoint->host[length] = '\0';
    if (port)
        strcpy(endpoint->port, port);
    else
        snprintf(endpoint->port, sizeof endpoint->port, "%d", OGRT_SERVER_PORT);
    return true;
}

static bool look_up(const struct endpoint *endpoint, int flags, struct addresses *addresses)
{
    struct addrinfo hints = {.ai_flags = flags | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *found = NULL;
    if (getaddrinfo(endpoint->host, endpoint->port, &hints, &found) != 0)
        return false;
    for (struct addrinfo *item = found; item && addresses->count < MAX_ADDRESSES; item = item->ai_next) {
        if (item->ai_addrlen > sizeof addresses->items[0].address)
            continue;
        memcpy(&addresses->items[addresses->count].address, item->ai_addr, item->ai_addrlen);
        addresses->items[addresses->count++].size = item->ai_addrlen;
    }
    freeaddrinfo(found);
    return addresses->count > 0;
}

static bool look_up_name(const void *argument, void *result)
{
    return look_up(argument, AI_ADDRCONFIG, result);
}

/* Asking a name server may take as long as it likes, so that is done in a child. */
static bool resolve(const struct endpoint *endpoint, struct addresses *addresses, int64_t deadline)
{
    addresses->count = 0;
    return look_up(endpoint, AI_NUMERICHOST, addresses) ||
           bounded(look_up_name, endpoint, addresses, sizeof *addresses, deadline);
}

/* 0 when the socket is ready, else an error number. */
static int wait_for(int fd, short events, int64_t deadline)
{
    for (;;) {
        struct pollfd poll_fd = {.fd = fd, .events = events, .revents = 0};
        int ready = poll(&poll_fd, 1, milliseconds_until(deadline));
        if (ready > 0)
            return 0;
        if (ready == 0)
            return ETIMEDOUT;
        if (errno != EINTR)
            return errno;
    }
}

static int connected(int fd, int64_t deadline)
{
    int error = wait_for(fd, POLLOUT, deadline);
    socklen_t size = sizeof error;
    if (error == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    return error;
}

static int write_all(int fd, const unsigned char *frame, size_t size, int64_t deadline)
{
    while (size) {
        ssize_t written = send(fd, frame, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (written > 0) {
            frame += written;
            size -= (size_t)written;
            continue;
        }
        int error = errno;
        if (error == EAGAIN || error == EWOULDBLOCK)
            error = wait_for(fd, POLLOUT, deadline);
        if (error && error != EINTR)
            return error;
    }
    return 0;
}

/* Until the server has closed the connection in order. */
static int confirmed(int fd, int64_t deadline)
{
    char byte;
    shutdown(fd, SHUT_WR);
    for (;;) {
        ssize_t length = recv(fd, &byte, 1, MSG_DONTWAIT);
        if (length == 0)
            return 0;
        if (length > 0)
            continue;
        int error = errno;
        if (error == EAGAIN || error == EWOULDBLOCK)
            error = wait_for(fd, POLLIN, deadline);
        if (error && error != EINTR)
            return error;
    }
}

static int send_to(const struct sockaddr *address, socklen_t length, bool datagram, const unsigned char *frame,
                   size_t size, int64_t deadline)
{
    int fd = socket(address->sa_family, (datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    int error = 0;
    if (datagram) {
        if (sendto(fd, frame, size, MSG_NOSIGNAL | MSG_DONTWAIT, address, length) < 0)
            error = errno;
    } else {
        if (connect(fd, address, length) != 0)
            error = errno == EINPROGRESS ? connected(fd, deadline) : errno;
        if (error == 0)
            error = write_all(fd, frame, size, deadline);
        if (error == 0)
            error = confirmed(fd, deadline);
    }
    close(fd);
    return error;
}

static int64_t share(int64_t deadline, int parts)
{
    int64_t now = now_monotonic();
    return deadline > now ? now + (deadline - now) / parts : deadline;
}

static const char *send_to_server(const char *server, bool datagram, const unsigned char *frame, size_t size,
                                  int64_t deadline)
{
    static char reason[512];
    struct endpoint endpoint;
    struct addresses addresses;
    if (!endpoint_parse(&endpoint, server)) {
        snprintf(reason, sizeof reason, "server '%.256s' is neither HOST:PORT nor [ADDRESS]:PORT", server);
        return reason;
    }
    if (!resolve(&endpoint, &addresses, share(deadline, 2))) {
        snprintf(reason, sizeof reason, "the name '%s' was not resolved in time", endpoint.host);
        return reason;
    }
    int error = 0;
    for (unsigned i = 0; i < addresses.count; i++) {
        int64_t until = share(deadline, (int)(addresses.count - i));
        error = send_to((struct sockaddr *)&addresses.items[i].address, addresses.items[i].size, datagram, frame, size,
                        until);
        if (error == 0)
            return NULL;
    }
    snprintf(reason, sizeof reason, "server %.256s: %s", server, strerror(error));
    return reason;
}

/* The servers of configure: texts one behind the other, an empty one at the end. */
static int default_servers(const char **servers)
{
    static const char list[] = OGRT_SERVERS;
    int count = 0;
    for (const char *server = list; *server && count < MAX_SERVERS; server += strlen(server) + 1)
        servers[count++] = server;
    return count;
}

const char *send_frame(const struct settings *settings, const unsigned char *frame, size_t size, int64_t deadline)
{
    const char *defaults[MAX_SERVERS];
    const char *const *servers = settings->servers;
    int count = settings->server_count;
    if (count == 0) {
        count = default_servers(defaults);
        servers = defaults;
    }
    const char *reason = "no server is configured";
    for (int i = 0; i < count; i++) {
        reason = send_to_server(servers[i], settings->datagrams, frame, size, share(deadline, count - i));
        if (!reason)
            return NULL;
    }
    return reason;
}
