#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const int forwarded[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
enum { FORWARDED = sizeof forwarded / sizeof *forwarded };

static volatile pid_t child;
static volatile sig_atomic_t signaled;

static void forward(int number)
{
    int error = errno;
    signaled = 1;
    if (child > 0)
        kill(child, number);
    errno = error;
}

/* A file in memory, or where the kernel or a filter has none, in the folder for temporary files. */
int nameless_file(const char *what)
{
    int file = memfd_create(what, MFD_CLOEXEC);
    if (file < 0) {
        const char *folder = getenv("TMPDIR");
        file = open(folder && *folder ? folder : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    }
    if (file < 0 || file > 2)
        return file;
    int above = fcntl(file, F_DUPFD_CLOEXEC, 3);
    close(file);
    return above;
}

static _Noreturn void become(const char *path, char *const *arguments, int output, int error, pid_t parent,
                             const struct sigaction *actions, const sigset_t *mask)
{
    for (int i = 0; i < FORWARDED; i++)
        sigaction(forwarded[i], &actions[i], NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) /* it was killed before the kernel knew that we want to know */
        _exit(127);
    sigprocmask(SIG_SETMASK, mask, NULL);
    if (dup2(output, STDOUT_FILENO) >= 0 && dup2(error, STDERR_FILENO) >= 0)
        execv(path, arguments);
    _exit(127);
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

/* Ignored signals stay ignored. They are blocked from before the fork until we know whom to pass them on to. */
struct child_result child_run(const char *path, char *const *arguments, int output, int error)
{
    struct sigaction before[FORWARDED], action = {.sa_handler = forward};
    struct child_result result = {false, 0, false};
    sigset_t mask, blocked;
    pid_t parent = getpid();

    sigemptyset(&blocked);
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < FORWARDED; i++)
        sigaddset(&blocked, forwarded[i]);
    sigprocmask(SIG_BLOCK, &blocked, &mask);
    for (int i = 0; i < FORWARDED; i++) {
        sigaction(forwarded[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(forwarded[i], &action, NULL);
    }
    pid_t pid = fork();
    if (pid == 0)
        become(path, arguments, output, error, parent, before, &mask);
    child = pid;
    sigprocmask(SIG_SETMASK, &mask, NULL);
    if (pid > 0) {
        result.status = wait_for(pid);
        result.ran = !(WIFEXITED(result.status) && WEXITSTATUS(result.status) == 127);
    }
    child = 0;
    for (int i = 0; i < FORWARDED; i++)
        sigaction(forwarded[i], &before[i], NULL);
    result.signaled = signaled != 0;
    return result;
}

void child_end_like(int status)
{
    if (WIFSIGNALED(status)) {
        const struct rlimit nothing = {0, 0};
        sigset_t all;
        setrlimit(RLIMIT_CORE, &nothing); /* the linker has left its dump, where it wanted one */
        signal(WTERMSIG(status), SIG_DFL);
        sigemptyset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        kill(getpid(), WTERMSIG(status));
        _exit(128 + WTERMSIG(status));
    }
    _exit(WEXITSTATUS(status));
}
