/* Where the dynamic linker enters, before main. Every way out leaves the process as it was: no descriptor, no memory,
 * no changed variable, no handler, errno as before. Every failure is silent. */
#include "clock.h"
#include "config.h"
#include "confinement.h"
#include "deliver.h"
#include "end.h"
#include "exec/execs.h"
#include "record.h"
#include "report.h"
#include "syscalls.h"
#include "trace.h"

enum {
    INIT = 1,
    /* A program may have been started with a stack of 64 KiB. Pages that are not written cost nothing. */
    USUAL_SIZE = 16384,
    /* A longer path of the executable is asked of the kernel, which costs more. */
    USUAL_PATH = 512,
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
    if (process->switches->trace)
        trace_delivery(process, &delivery);
    else if (process->switches->debug)
        report(process, &delivery);
    if (process->settings->send_end && !delivery.error)
        end_arm(process, &delivery);
}

/* A record that is as large as it may be is handed over with what fits. */
static bool track_in(unsigned char *memory, size_t size, const struct process *process)
{
    size_t limit = FRAME_HEADER + (size_t)process->settings->max_record;
    struct frame frame = frame_in(memory, limit < size ? limit : size);
    bool done = record_write(&frame, process) || limit <= size;
    if (done)
        hand_over(&frame, process);
    return done;
}

/* Two functions, so that the smaller one does not go as far down the stack as the larger: each page there that the
 * dynamic linker has not used yet costs a page fault. */
static __attribute__((noinline)) bool track_small(const struct process *process)
{
    unsigned char memory[RECORD_SMALL];
    return track_in(memory, sizeof memory, process);
}

static __attribute__((noinline)) bool track_usual(const struct process *process)
{
    unsigned char memory[USUAL_SIZE];
    return track_in(memory, sizeof memory, process);
}

/* Nearly every process fits on the stack, which costs no system call and no new page table. One that does not is
 * written again into memory of its own. */
static void track(struct process *process)
{
    struct frame large;
    process_descend(process);
    if ((record_is_small(process) && track_small(process)) || track_usual(process) ||
        !frame_map(&large, FRAME_HEADER + (size_t)process->settings->max_record))
        return;
    record_write(&large, process);
    hand_over(&large, process);
    frame_unmap(&large);
}

/* Of the settings of a process that a rule skips, only those in front of the rule have been read: whether a static
 * program that it starts is reported, and which rule counts for that, is decided then. */
#if OGRT_REPORT_STATIC
static bool wants_execs(const struct settings *settings, const struct switches *switches)
{
    return settings_are_active(settings, switches) &&
           (settings->report_static || settings->filter.verdict == VERDICT_SKIP);
}
#endif

/* Only what is needed to decide has been read until here: of a process that is left out, nothing more is. */
static void decide_in(struct process *process, char *room, size_t size)
{
    struct settings settings;
    struct settings_request request = {
        process->switches, process->vector.envp, process->path, process->user, room, size};
    settings_open(&settings, &request);
    process->settings = &settings;
    if (!settings_are_active(&settings, process->switches)) {
        if (process->switches->trace)
            trace_inactive(process, process->switches);
    } else if (settings.filter.verdict == VERDICT_SKIP) {
        if (process->switches->trace)
            trace_filtered(process);
    } else {
        track(process);
    }
#if OGRT_REPORT_STATIC /* not left to the optimiser: without it, the function is not there to be linked */
    if (wants_execs(&settings, process->switches))
        execs_report(process->filters);
#endif
    settings_close(&settings);
}

/* What is rarely needed has functions of its own, so that its room does not lie between pages of the stack that are. */
static __attribute__((noinline)) void decide_by_file(struct process *process)
{
    char room[TEXTFILE_ROOM];
    decide_in(process, room, sizeof room);
}

static void decide(struct process *process)
{
    if (textfile_is_absent(OGRT_SETTINGS_FILE))
        decide_in(process, NULL, 0);
    else
        decide_by_file(process);
}

static void judge(struct process *process)
{
    if (process->pid == INIT) { /* init of a machine or of a container: the last process to put at risk */
        if (process->switches->trace)
            trace_left_out(process, "it is process 1");
    } else if (is_privileged(&process->vector)) {
        trace_left_out(process,
                       "it has rights that who started it has not (set-user-id, set-group-id or capabilities)");
    } else if (!switches_may_activate(process->switches)) {
        trace_inactive(process, process->switches);
    } else {
        decide(process);
    }
}

static __attribute__((noinline)) void look_at_by_procfs(struct process *process)
{
    char path[PROCESS_MAX_PATH];
    process_identify_by_procfs(process, path, sizeof path);
    judge(process);
}

/* What is known of a process that is active or traced. */
static void look_at(struct process *process)
{
    char path[USUAL_PATH];
    struct confinement confinement = confinement_at_start();
    if (!confinement.free) {
        if (process->switches->trace)
            trace_confined(process);
        return;
    }
    process->filters = confinement.filters;
    process->now = clock_now();
    process->started = process->switches->trace || process->switches->debug ? clock_monotonic() : 0;
    process->pid = sys_getpid();
    if (process_identify(process, path, sizeof path))
        judge(process);
    else
        look_at_by_procfs(process);
}

/* An inactive process pays for one pass over its environment. So the settings file cannot activate it: it is not read.
 */
ARCH_ENTRY static void start(int argc, char **argv, char **envp)
{
    struct process process;
    if (!vector_from_arguments(&process.vector, argc, argv, envp) && !vector_from_procfs(&process.vector))
        return;
    if (OGRT_REPORT_STATIC)
        execs_start(&process.vector);
    struct switches switches = switches_read(process.vector.envp);
    if (!switches.trace && (!switches_may_activate(&switches) || is_privileged(&process.vector)))
        return;
    process.settings = NULL;
    process.switches = &switches;
    look_at(&process);
}

/* An entry of our own and not the constructor attribute, which compilers want to be without parameters.
 * Aligned so that all that is written to lies in one page, wherever the code ends. */
__attribute__((section(".init_array"), used, aligned(1024))) static void (*const entry)(int, char **, char **) = start;
