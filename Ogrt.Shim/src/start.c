/* Where the dynamic linker enters, before main. Every way out leaves the process as it was: no descriptor, no memory,
 * no changed variable, no handler, errno as before. Every failure is silent. */
#include "clock.h"
#include "deliver.h"
#include "record.h"
#include "report.h"
#include "syscalls.h"

enum {
    INIT = 1,
    /* A program may have been started with a stack of 64 KiB. Pages that are not written cost nothing. */
    USUAL_SIZE = 16384,
};

/* A set-user-id program runs with rights that whoever set its environment does not have. A kernel that does not say
 * is taken to say yes. */
static bool is_privileged(const struct process_vector *vector)
{
    unsigned long secure;
    return !vector_auxiliary(vector, AT_SECURE, &secure) || secure;
}

static void hand_over(struct frame *frame, const struct process *process)
{
    struct delivery delivery = deliver(frame, process);
    if (process->settings->debug)
        report(process, &delivery);
}

/* Nearly every process fits on the stack, which costs no system call and no new page table. One that does not is
 * written again into memory of its own. */
static void track(const struct process *process)
{
    unsigned char memory[USUAL_SIZE];
    struct frame frame = frame_in(memory, sizeof memory), large;
    if (record_write(&frame, process)) {
        hand_over(&frame, process);
    } else if (frame_map(&large)) {
        record_write(&large, process);
        hand_over(&large, process);
        frame_unmap(&large);
    }
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
