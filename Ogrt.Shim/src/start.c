/* Where the dynamic linker enters, before main. Every way out leaves the process as it was: no descriptor, no memory,
 * no changed variable, no handler, errno as before. Every failure is silent. */
#include "clock.h"
#include "deliver.h"
#include "record.h"
#include "report.h"
#include "syscalls.h"

enum { INIT = 1 };

/* A set-user-id program runs with rights that whoever set its environment does not have. A kernel that does not say
 * is taken to say yes. */
static bool is_privileged(const struct process_vector *vector)
{
    unsigned long secure;
    return !vector_auxiliary(vector, AT_SECURE, &secure) || secure;
}

static void track(struct process *process)
{
    struct frame frame;
    if (!frame_open(&frame))
        return;
    record_write(&frame, process);
    struct delivery delivery = deliver(&frame, process);
    if (process->settings->debug)
        report(process, &delivery);
    frame_close(&frame);
}

static void start(int argc, char **argv, char **envp)
{
    struct settings settings;
    struct process process = {.settings = &settings};
    if (!vector_from_arguments(&process.vector, argc, argv, envp) && !vector_from_procfs(&process.vector))
        return;
    if (is_privileged(&process.vector))
        return;
    settings_read(&settings, process.vector.envp);
    if (!settings.active)
        return;
    process.started = clock_monotonic();
    process.pid = sys_getpid();
    if (process.pid == INIT) /* init of a machine or of a container: the last process to put at risk */
        return;
    track(&process);
}

/* An entry of our own and not the constructor attribute, which compilers want to be without parameters. */
__attribute__((section(".init_array"), used)) static void (*const entry)(int, char **, char **) = start;
