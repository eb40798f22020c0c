/* What a library that reports static programs adds to an exec.
 *
 * usage: exec_cost PROGRAM [ROUNDS [EACH]]
 *
 * Run it under the library, active: a call of execve goes through the library, a system call does not. Each round does
 * both in turn, so that a busy machine disturbs both alike; printed are medians of the rounds. Two things are measured:
 * a whole exec in a child of vfork, whose program is not tracked; and, exactly, the exec of a copy of the program that
 * may not be executed, which the kernel refuses at once. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ROUNDS = 1000 };

static char *environment[] = {"PATH=/usr/bin:/bin", NULL};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void exec(char *program, int through_library)
{
    char *arguments[] = {program, NULL};
    if (through_library)
        execve(program, arguments, environment);
    else
        syscall(SYS_execve, program, arguments, environment);
}

static void run(char *program, int through_library)
{
    int status;
    pid_t child = vfork();
    if (child == 0) {
        exec(program, through_library);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status) {
        fprintf(stderr, "exec_cost: %s cannot be run\n", program);
        exit(1);
    }
}

static double whole(char *program, int through_library, int each)
{
    double since = now();
    for (int i = 0; i < each; i++)
        run(program, through_library);
    return (now() - since) / each;
}

static double refused(char *program, int through_library, int each)
{
    double since = now();
    for (int i = 0; i < each; i++)
        exec(program, through_library);
    return (now() - since) / each;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, ascending);
    return values[count / 2];
}

static void compare(const char *what, double (*measure)(char *, int, int), char *program, int rounds, int each)
{
    static double plain[MAX_ROUNDS], added[MAX_ROUNDS];
    for (int i = 0; i < rounds; i++) {
        plain[i] = measure(program, 0, each);
        added[i] = measure(program, 1, each) - plain[i];
    }
    double base = median(plain, rounds);
    printf("%-24s %8.2f us, through the library %+7.2f us\n", what, base, median(added, rounds));
}

int main(int argc, char **argv)
{
    static char bytes[65536];
    char copy[] = "/tmp/exec-cost-XXXXXX";
    int rounds = argc > 2 ? atoi(argv[2]) : 100, each = argc > 3 ? atoi(argv[3]) : 20;
    if (argc < 2 || rounds < 1 || rounds > MAX_ROUNDS || each < 1) {
        fprintf(stderr, "usage: exec_cost PROGRAM [ROUNDS [EACH]]\n");
        return 2;
    }
    int from = open(argv[1], O_RDONLY), to = mkstemp(copy);
    ssize_t length;
    while ((length = read(from, bytes, sizeof bytes)) > 0 && write(to, bytes, (size_t)length) == length)
        ;
    if (from < 0 || to < 0 || length || close(to)) {
        perror("exec_cost: cannot copy the program");
        return 1;
    }
    compare("exec, run and exit", whole, argv[1], rounds, each);
    compare("exec that is refused", refused, copy, rounds, 100 * each);
    unlink(copy);
    return 0;
}
