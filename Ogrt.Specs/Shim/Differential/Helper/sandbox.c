/* Starts the program as process 2 of a pid namespace, waits for it, and ends whatever it left. */
#define _GNU_SOURCE
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINGER = 2, CANNOT_EXECUTE = 126 };

static volatile sig_atomic_t expired;

/* In here -1 is everybody else in the pid namespace. */
static void end_all(int signal)
{
    (void)signal;
    expired = 1;
    kill(-1, SIGKILL);
}

/* Whoever started the helper may ignore or block some. */
static void default_signals(void)
{
    sigset_t none;
    for (int number = 1; number <= SIGRTMAX; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void start(const struct run *run)
{
    const struct rlimit none = {0, 0};
    int input = open("/dev/null", O_RDONLY);
    setrlimit(RLIMIT_CORE, &none);
    setsid();
    default_signals();
    if (input < 0 || dup2(input, STDIN_FILENO) < 0 || close_range(3, ~0U, 0) || chdir(WORK_PATH) ||
        ptrace(PTRACE_TRACEME, 0, NULL, NULL))
        _exit(CANNOT_EXECUTE);
    execve(run->arguments[0], run->arguments, run->environment);
    _exit(CANNOT_EXECUTE);
}

static void report_end(FILE *report, int status)
{
    if (expired)
        say(report, "end after the time limit");
    else if (WIFSIGNALED(status))
        say(report, "end by signal %d", WTERMSIG(status));
    else
        say(report, "end with exit code %d", WEXITSTATUS(status));
}

/* Processes that outlive the program get a moment, so that what they still print is not a matter of luck. */
static void wait_for_all(pid_t program, FILE *report)
{
    bool running = program > 0;
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, 0);
        if (pid < 0 && errno != EINTR)
            break;
        if (pid != program)
            continue;
        report_end(report, status);
        running = false;
        alarm(LINGER);
    }
    if (expired && !running)
        say(report, "left processes behind");
}

static int watch(const struct run *run)
{
    struct sigaction action = {.sa_handler = end_all};
    int status;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (isolate(run))
        return 1;
    sigaction(SIGALRM, &action, NULL);
    pid_t program = fork();
    if (program == 0)
        start(run);
    if (program < 0 || waitpid(program, &status, 0) != program || !WIFSTOPPED(status)) {
        say(run->report, "not executable");
        return 0;
    }
    alarm(run->limit);
    int ended = look(program, run->report);
    if (ended >= 0)
        report_end(run->report, ended);
    wait_for_all(ended < 0 ? program : -1, run->report);
    list_files("/tmp", run->report);
    return 0;
}

int sandbox(const struct run *run)
{
    int status;
    if (setns(run->network, CLONE_NEWNET) || unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS)) {
        say(run->report, "error namespaces: %s", strerror(errno));
        fflush(run->report);
        return 1;
    }
    pid_t init = fork();
    if (init == 0) {
        int result = watch(run);
        fflush(run->report);
        _exit(result);
    }
    if (init < 0 || waitpid(init, &status, 0) != init)
        return 1;
    return status ? 1 : 0;
}
