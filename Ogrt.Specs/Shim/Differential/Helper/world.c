/* A network of its own with a server in one of the states that a server can be in. */
#define _GNU_SOURCE
#include "helper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SMALL_BUFFER = 4096,
    /* Connections that are kept open and never read: more than are alive at a time. */
    HELD = 1024,
    HEADER = 8,
    EVENTS = 64,
};

struct server {
    int listener;
    bool reads, datagrams;
    unsigned long records;
};

static int failed(const char *what)
{
    fprintf(stderr, "helper: %s: %s\n", what, strerror(errno));
    return 1;
}

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t written = fd < 0 ? -1 : write(fd, text, strlen(text));
    if (fd >= 0)
        close(fd);
    return written < 0 ? -1 : 0;
}

static int make_network(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    if (unshare(CLONE_NEWNET))
        return -1;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request))
        return -1;
    request.ifr_flags |= IFF_UP;
    if (ioctl(fd, SIOCSIFFLAGS, &request))
        return -1;
    close(fd);
    /* So small that a record with the environment does not fit. */
    return write_file("/proc/sys/net/ipv4/tcp_wmem", "4096 4096 4096");
}

static struct sockaddr_in server_address(void)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(SERVER_PORT)};
}

static int listen_for(int type, int backlog, bool small)
{
    struct sockaddr_in at = server_address();
    int size = SMALL_BUFFER, fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (fd < 0 || (small && setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size)) ||
        bind(fd, (struct sockaddr *)&at, sizeof at) || (type == SOCK_STREAM && listen(fd, backlog)))
        return -1;
    return fd;
}

/* Fills the queue of connections that nobody accepts: from then on nobody answers. */
static int fill(void)
{
    struct sockaddr_in at = server_address();
    for (int i = 0; i < 64; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
        if (fd < 0 || (connect(fd, (struct sockaddr *)&at, sizeof at) && errno != EINPROGRESS))
            return -1;
        if (poll(&poll_fd, 1, 300) == 0)
            return 0;
    }
    return -1;
}

static int prepare(struct server *server, const char *state)
{
    server->listener = -1;
    if (strcmp(state, "down") == 0)
        return 0;
    server->datagrams = strcmp(state, "up-udp") == 0;
    server->reads = strcmp(state, "up") == 0;
    if (!server->datagrams && !server->reads && strcmp(state, "full") != 0 && strcmp(state, "silent") != 0) {
        errno = EINVAL;
        return -1;
    }
    bool silent = strcmp(state, "silent") == 0;
    int listener =
        listen_for(server->datagrams ? SOCK_DGRAM : SOCK_STREAM, silent ? 0 : 4096, strcmp(state, "full") == 0);
    if (listener < 0)
        return -1;
    if (silent)
        return fill();
    server->listener = listener;
    return 0;
}

static void accept_one(struct server *server, int events)
{
    static int held[HELD], next;
    int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (server->reads) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(events, EPOLL_CTL_ADD, fd, &event);
        return;
    }
    if (held[next])
        close(held[next]);
    held[next] = fd;
    next = (next + 1) % HELD;
}

/* A record is counted when the end of its stream has come. */
static void drain(struct server *server, int fd)
{
    static char buffer[1 << 16];
    ssize_t length = read(fd, buffer, sizeof buffer);
    if (length > 0 || (length < 0 && errno == EAGAIN))
        return;
    server->records += length == 0;
    close(fd);
}

static void receive(struct server *server)
{
    static char buffer[1 << 16];
    server->records += recv(server->listener, buffer, sizeof buffer, MSG_DONTWAIT) > HEADER;
}

static bool answer(const struct server *server)
{
    char line[64];
    if (read(STDIN_FILENO, line, sizeof line) <= 0)
        return false;
    printf("%lu\n", server->records);
    fflush(stdout);
    return true;
}

static bool handle(struct server *server, int fd, int events)
{
    if (fd == STDIN_FILENO)
        return answer(server);
    if (fd != server->listener)
        drain(server, fd);
    else if (server->datagrams)
        receive(server);
    else
        accept_one(server, events);
    return true;
}

int world(const char *state)
{
    struct server server = {0};
    struct epoll_event input = {.events = EPOLLIN, .data.fd = STDIN_FILENO}, ready[EVENTS];
    if (make_network())
        return failed("a network namespace");
    if (prepare(&server, state))
        return failed(state);
    int events = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event listener = {.events = EPOLLIN, .data.fd = server.listener};
    if (events < 0 || epoll_ctl(events, EPOLL_CTL_ADD, STDIN_FILENO, &input) ||
        (server.listener >= 0 && epoll_ctl(events, EPOLL_CTL_ADD, server.listener, &listener)))
        return failed("events");
    printf("ready\n");
    fflush(stdout);
    for (;;) {
        int count = epoll_wait(events, ready, EVENTS, -1);
        for (int i = 0; i < count; i++)
            if (!handle(&server, ready[i].data.fd, events))
                return 0;
    }
}
