#include "exec_report.h"

#include "clock.h"
#include "deliver.h"
#include "environment.h"
#include "exec_record.h"
#include "memory.h"
#include "report.h"
#include "state.h"
#include "trace.h"

enum { MAX_ERROR = 4095 };

static bool is_region(long result)
{
    return result >= 0 || result < -MAX_ERROR;
}

struct workspace *workspace_map(void)
{
    long region = sys_mmap_anonymous(sizeof(struct workspace));
    return is_region(region) ? (struct workspace *)region : NULL;
}

void workspace_unmap(struct workspace *workspace)
{
    sys_munmap(workspace, sizeof *workspace);
}

/* The arguments as the new program sees them: for a script, its interpreter and the script come first. */
struct vector {
    char **list;
    long count;
    size_t size; /* bytes that were mapped */
};

static void append(struct vector *vector, const char *string)
{
    if (string)
        vector->list[vector->count++] = (char *)string;
}

static size_t count_ellipsis(const struct arguments *arguments)
{
    size_t count = 0;
    while (argument(arguments, 1 + count))
        count++;
    return count;
}

/* From here on, the arguments of an ellipsis are a list like others. */
static bool list_arguments(struct vector *vector, const struct request *request)
{
    size_t given = 0;
    if (request->argv || !request->ellipsis.stack)
        while (request->argv && request->argv[given])
            given++;
    else
        given = count_ellipsis(&request->ellipsis);
    vector->size = (given + 2 * MAX_SCRIPTS + 4) * sizeof *vector->list;
    long region = sys_mmap_anonymous(vector->size);
    if (!is_region(region))
        return false;
    vector->list = (char **)region;
    vector->count = 0;
    return true;
}

static char *given(const struct request *request, size_t number)
{
    if (request->argv)
        return request->argv[number];
    return request->ellipsis.stack ? (char *)argument(&request->ellipsis, 1 + number) : NULL;
}

static void fill_arguments(struct vector *vector, const struct request *request, const struct workspace *workspace,
                           struct text called)
{
    const struct scripts *scripts = &workspace->scripts;
    size_t number = 0;
    for (unsigned i = scripts->count; i; i--) {
        append(vector, scripts->level[i - 1].interpreter);
        append(vector, scripts->level[i - 1].argument);
    }
    if (workspace->program.shell)
        append(vector, "/bin/sh");
    if (scripts->count || workspace->program.shell) { /* instead of the first argument */
        append(vector, called.bytes);
        number = given(request, 0) ? 1 : 0;
    }
    for (char *next; (next = given(request, number)); number++)
        append(vector, next);
}

/* A program of another class loads nothing where LD_PRELOAD names one file. Where it names a file for each class
 * ($LIB), or is not what loads us, there may be one for that class, which reports the program itself. */
static bool has_no_library(char *const *envp)
{
    struct text preload = environment_filled(envp, "LD_PRELOAD");
    bool path = false;
    for (size_t i = 0; i < preload.length; i++) {
        if (preload.bytes[i] == '$')
            return false;
        path = path || preload.bytes[i] == '/';
    }
    return path;
}

static bool is_wanted(const struct program *program, char *const *envp)
{
    return program->is_static || program->privileged || (program->foreign && has_no_library(envp));
}

/* When a process that has reported a program is still there, the exec has failed, or another library's function has
 * called a second one of ours: the same program is then reported once. */
static bool is_first(const struct subject *subject)
{
    const struct statx *file = &subject->program->status;
    uintptr_t hash = (uintptr_t)0xcbf29ce484222325u; /* FNV-1a, by words */
    const uint64_t words[] = {(uint64_t)subject->pid, subject->start_ticks, file->stx_ino, file->stx_dev_major,
                              file->stx_dev_minor};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        hash = (hash ^ (uintptr_t)words[i]) * (uintptr_t)0x100000001b3u;
    bool first = __atomic_load_n(&exec_state.reported, __ATOMIC_RELAXED) != hash;
    __atomic_store_n(&exec_state.reported, hash, __ATOMIC_RELAXED);
    return first;
}

static void hand_over(struct frame *frame, const struct process *process, struct workspace *workspace)
{
    struct delivery delivery =
        deliver_with_room(frame, process, workspace->servers_text, sizeof workspace->servers_text);
    if (process->switches->trace)
        trace_delivery(process, &delivery);
    else if (process->switches->debug)
        report(process, &delivery);
}

static void write_and_send(const struct request *request, struct workspace *workspace, struct process *process,
                           const struct subject *subject)
{
    struct vector vector;
    struct frame frame;
    if (!is_first(subject) || !list_arguments(&vector, request))
        return;
    fill_arguments(&vector, request, workspace, subject->called);
    process->vector.argc = vector.count;
    process->vector.argv = vector.list;
    if (frame_map(&frame, FRAME_HEADER + (size_t)process->settings->max_record)) {
        exec_record_write(&frame, process, subject, &workspace->username);
        hand_over(&frame, process, workspace);
        frame_unmap(&frame);
    }
    sys_munmap(vector.list, vector.size);
}

/* The rules of the settings count for the program, not for who starts it. */
static void decide(const struct request *request, struct workspace *workspace, struct process *process)
{
    struct subject subject;
    subject_read(&subject, request, workspace);
    process->pid = subject.pid;
    process->path = subject.binary;
    process->user = sys_user_ids().effective;
    struct settings_request wanted = {process->switches, process->vector.envp,     process->path,
                                      process->user,     workspace->settings_text, sizeof workspace->settings_text};
    struct settings *settings = &workspace->settings;
    settings_open(settings, &wanted);
    process->settings = settings;
    if (!settings_are_active(settings, process->switches)) {
        if (process->switches->trace)
            trace_inactive(process, process->switches);
    } else if (settings->filter.verdict == VERDICT_SKIP) {
        if (process->switches->trace)
            trace_filtered(process);
    } else if (settings->report_static) {
        write_and_send(request, workspace, process, &subject);
    }
    settings_close(settings);
}

/* The kernel cannot open a script for its interpreter by a descriptor that is closed on the way. */
static bool script_stays(const struct request *request, const struct workspace *workspace)
{
    return request->descriptor < 0 || !workspace->scripts.count ||
           !(sys_fcntl(request->descriptor, F_GETFD, 0) & FD_CLOEXEC);
}

/* What the kernel would refuse is left alone, and so is memory that cannot be read. An ellipsis cannot be checked
 * without a list, and needs no check: the C library reads it too. */
static bool fits(const struct request *request, char *const *envp)
{
    struct memory memory;
    struct strings arguments, environment;
    if (!memory_open(&memory))
        return false;
    bool fits = strings_measure(&arguments, &memory, request->argv) && strings_measure(&environment, &memory, envp) &&
                strings_fit(&arguments, &environment);
    memory_close(&memory);
    return fits;
}

static bool may_run(const struct request *request, struct workspace *workspace, char *const *envp)
{
    if (!fits(request, envp))
        return false;
    return request->child || (script_stays(request, workspace) &&
                              program_may_run(&workspace->program, &request->target, &workspace->scripts,
                                              workspace->notes, sizeof workspace->notes));
}

static void report_in(struct workspace *workspace, const struct request *request)
{
    static char *const nothing[] = {NULL};
    char *const *envp = request_environment(request);
    program_look(&workspace->program, &request->target, request->shell, &workspace->scripts);
    if (!workspace->program.silent || !may_run(request, workspace, envp))
        return;
    if (!envp)
        envp = nothing;
    struct switches switches = switches_read(envp);
    if (!switches_may_activate(&switches) || !is_wanted(&workspace->program, envp))
        return;
    struct process process = {.switches = &switches, .started = clock_monotonic(), .now = clock_now()};
    process.vector.envp = (char **)envp;
    decide(request, workspace, &process);
}

static bool look(const struct request *request)
{
    struct program program;
    program_look(&program, &request->target, request->shell, NULL);
    return program.silent;
}

static void look_and_report(struct request *request)
{
    if (!look(request))
        return;
    struct workspace *workspace = workspace_map();
    if (!workspace)
        return;
    report_in(workspace, request);
    workspace_unmap(workspace);
}

/* The found name must outlive the report, and is rarely long: the stack has it, or a region. */
static void find_and_report(struct request *request)
{
    char usual[USUAL_PATH];
    bool no_room;
    if (request_find(request, usual, sizeof usual, &no_room)) {
        look_and_report(request);
    } else if (no_room) {
        long region = sys_mmap_anonymous(MAX_PATH);
        if (!is_region(region))
            return;
        if (request_find(request, (char *)region, MAX_PATH, &no_room))
            look_and_report(request);
        sys_munmap((void *)region, MAX_PATH);
    }
}

void exec_report(struct request *request)
{
    if (request->file)
        find_and_report(request);
    else
        look_and_report(request);
}
