/* What preload libraries add to the start of a program.
 *
 * usage: start_cost ROUNDS PROGRAM CASE...
 *
 * A CASE is the variables of one kind of start, separated by commas: LD_PRELOAD=/x/libogrt.so,OGRT_ACTIVE=yes. Each
 * round starts the program once plainly and once in every case, so that a busy machine disturbs all cases alike. What
 * is printed is how much longer than a plain start one of each case takes: the median of all, and the twentieth, which
 * hardly sees the disturbance. Frames are taken in and thrown away on the configured port. */
#define _GNU_SOURCE
#include "config.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CASES = 16, MAX_VARIABLES = 32, MAX_ROUNDS = 100000 };

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int server(int type)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(OGRT_SERVER_PORT)};
    int fd = socket(AF_INET, type, 0), on = 1, size = 8 << 20;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) || (type == SOCK_STREAM && listen(fd, 4096)))
        fail("cannot listen on the configured port");
    return fd;
}

static void take_frames(int datagrams, int listener)
{
    static char buffer[65536];
    struct pollfd poll_for[2] = {{datagrams, POLLIN, 0}, {listener, POLLIN, 0}};
    for (;;) {
        poll(poll_for, 2, -1);
        if (poll_for[0].revents && recv(datagrams, buffer, sizeof buffer, 0) < 0)
            fail("recv");
        if (poll_for[1].revents) {
            int fd = accept(listener, NULL, NULL);
            while (read(fd, buffer, sizeof buffer) > 0)
                ;
            close(fd);
        }
    }
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* Microseconds of one start, from spawn to exit. */
static double start(char *program, char **environment)
{
    char *arguments[] = {program, NULL};
    double since = now();
    pid_t child;
    int status;
    if (posix_spawn(&child, program, NULL, NULL, arguments, environment) || waitpid(child, &status, 0) != child ||
        status)
        fail("posix_spawn");
    return now() - since;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static double taken[MAX_CASES + 1][MAX_ROUNDS];
    static char *environments[MAX_CASES + 1][MAX_VARIABLES + 8];
    char *plain[] = {"PATH=/usr/bin:/bin", "JOBID=42", "LOADEDMODULES=gcc/12.2.0:openmpi/4.1.4", NULL};
    int rounds = argc > 2 ? atoi(argv[1]) : 0, cases = argc - 3;
    if (rounds < 1 || rounds > MAX_ROUNDS || cases < 1 || cases > MAX_CASES) {
        fprintf(stderr, "usage: start_cost ROUNDS PROGRAM CASE...\n");
        return 2;
    }
    for (int i = 0; i <= cases; i++) {
        int count = 0;
        for (char **variable = plain; *variable; variable++)
            environments[i][count++] = *variable;
        for (char *variable = i ? strtok(strdup(argv[2 + i]), ",") : NULL; variable && count < MAX_VARIABLES;
             variable = strtok(NULL, ","))
            environments[i][count++] = variable;
    }
    int datagrams = server(SOCK_DGRAM), listener = server(SOCK_STREAM);
    pid_t taker = fork();
    if (taker == 0)
        take_frames(datagrams, listener);
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i <= cases; i++)
            taken[i][round] = start(argv[2], environments[i]);
    kill(taker, SIGKILL);
    for (int i = 0; i <= cases; i++)
        qsort(taken[i], (size_t)rounds, sizeof **taken, ascending);
    const double median = taken[0][rounds / 2], twentieth = taken[0][rounds / 20];
    printf("%8.1f us median, %8.1f us twentieth: %s alone\n", median, twentieth, argv[2]);
    for (int i = 1; i <= cases; i++)
        printf("%+8.1f us median, %+8.1f us twentieth: %s\n", taken[i][rounds / 2] - median,
               taken[i][rounds / 20] - twentieth, argv[2 + i]);
    return 0;
}
