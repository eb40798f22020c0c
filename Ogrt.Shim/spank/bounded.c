#include "bounded.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int64_t now_monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int milliseconds_until(int64_t deadline)
{
    int64_t left = deadline - now_monotonic();
    return left <= 0 ? 0 : (int)((left + 999999) / 1000000);
}

static void work_in_child(bool (*work)(const void *, void *), const void *argument, char *result, size_t size, int out)
{
    /* Not longer than the parent, whoever ends it. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    if (!work(argument, result))
        _exit(1);
    while (size) {
        ssize_t written = write(out, result, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            _exit(1);
        result += written;
        size -= (size_t)written;
    }
    _exit(0);
}

static bool read_whole(int in, char *to, size_t size, int64_t deadline)
{
    while (size) {
        struct pollfd poll_in = {.fd = in, .events = POLLIN, .revents = 0};
        int ready = poll(&poll_in, 1, milliseconds_until(deadline));
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        ssize_t length = read(in, to, size);
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            return false;
        to += length;
        size -= (size_t)length;
    }
    return true;
}

/* A process that the kernel cannot kill at once, because a file server does not answer, is left to init. */
static void reap(pid_t child)
{
    kill(child, SIGKILL);
    for (int i = 0; i < 100; i++) {
        pid_t reaped = waitpid(child, NULL, WNOHANG);
        if (reaped == child || (reaped < 0 && errno != EINTR))
            return;
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
}

bool bounded(bool (*work)(const void *argument, void *result), const void *argument, void *result, size_t size,
             int64_t deadline)
{
    int ends[2];
    char *answer = malloc(size);
    if (!answer)
        return false;
    memcpy(answer, result, size);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        free(answer);
        return false;
    }
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        work_in_child(work, argument, answer, size, ends[1]);
    }
    close(ends[1]);
    bool done = child > 0 && read_whole(ends[0], answer, size, deadline);
    close(ends[0]);
    if (child > 0)
        reap(child);
    if (done)
        memcpy(result, answer, size);
    free(answer);
    return done;
}
