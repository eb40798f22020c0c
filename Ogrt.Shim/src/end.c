#include "end.h"

#include "clock.h"
#include "fields.h"
#include "objects.h"
#include "procfs_status.h"
#include "symbol.h"
#include "syscalls.h"
#include "transport.h"

enum {
    MAX_HOST = sizeof((struct utsname *)0)->nodename,
    /* A longer job id is sent at the start only, and the end then not at all. */
    MAX_JOB = 256,
    /* All fields together are smaller. */
    FRAME_SIZE = 640,
    EXIT_CODE = 0xff, /* as much of it as a parent gets to see */
};

/* What was sent at the start: at the end, the environment and the name of the host may be others. */
struct end {
    bool armed;
    bool has_handler;
    bool datagram;
    unsigned char host_length;
    unsigned short job_length;
    long pid;
    uint64_t pid_in_procfs;
    uint64_t start_ticks;
    uint64_t filters;
    int64_t image_time_ns;
    int64_t deadline_ns;
    struct address server;
    char host[MAX_HOST];
    char job[MAX_JOB];
};

static struct end end;

static void put_usage(struct wire *wire, const struct process_status *status)
{
    struct rusage usage;
    if (sys_getrusage(RUSAGE_SELF, &usage) < 0)
        return;
    wire_number(wire, FIELD_USER_TIME_US, (uint64_t)usage.ru_utime.tv_sec * 1000000 + (uint64_t)usage.ru_utime.tv_usec);
    wire_number(wire, FIELD_SYSTEM_TIME_US,
                (uint64_t)usage.ru_stime.tv_sec * 1000000 + (uint64_t)usage.ru_stime.tv_usec);
    /* The kernel's ru_maxrss begins with that of the process that executed this program. */
    wire_number(wire, FIELD_MAX_RSS_KIB, status->peak_rss_kib ? status->peak_rss_kib : (uint64_t)usage.ru_maxrss);
    wire_number(wire, FIELD_MINOR_FAULTS, (uint64_t)usage.ru_minflt);
    wire_number(wire, FIELD_MAJOR_FAULTS, (uint64_t)usage.ru_majflt);
    wire_number(wire, FIELD_BLOCKS_READ, (uint64_t)usage.ru_inblock);
    wire_number(wire, FIELD_BLOCKS_WRITTEN, (uint64_t)usage.ru_oublock);
    wire_number(wire, FIELD_VOLUNTARY_SWITCHES, (uint64_t)usage.ru_nvcsw);
    wire_number(wire, FIELD_INVOLUNTARY_SWITCHES, (uint64_t)usage.ru_nivcsw);
}

static void put_identity(struct wire *wire)
{
    wire_number(wire, FIELD_PID, (uint64_t)end.pid);
    if (end.job_length)
        wire_text(wire, FIELD_JOB_ID, (struct text){end.job, end.job_length});
    if (end.host_length)
        wire_text(wire, FIELD_HOSTNAME, (struct text){end.host, end.host_length});
    wire_number(wire, FIELD_START_TICKS, end.start_ticks);
    wire_number(wire, FIELD_IMAGE_TIME_NS, (uint64_t)end.image_time_ns);
}

/* sint32: negative numbers are folded between the positive ones. */
static uint64_t folded(int value)
{
    return (uint32_t)value << 1 ^ (uint32_t)(value >> 31);
}

static void report_end(const struct process_status *status, bool has_code, int code)
{
    unsigned char memory[FRAME_SIZE];
    struct frame frame = frame_in(memory, sizeof memory);
    put_identity(&frame.wire);
    wire_number(&frame.wire, FIELD_END_TIME_NS, (uint64_t)clock_now());
    if (has_code)
        wire_number(&frame.wire, FIELD_EXIT_CODE, folded(code & EXIT_CODE));
    put_usage(&frame.wire, status);
    size_t size = frame_seal(&frame, FRAME_PROCESS_END);
    if (end.datagram)
        transport_udp(&end.server, memory, size);
    else
        transport_tcp(&end.server, memory, size, clock_monotonic() + end.deadline_ns);
}

/* The file is looked at before any other system call is made, because the program may have put itself under a filter
 * meanwhile that kills it for one. It also tells a child, which fork has given a copy of all this, and which may share
 * the memory of its parent (vfork), from the process that the record is about. */
static void at_exit(bool has_code, int code)
{
    struct process_status status;
    if (!end.armed || !procfs_status(&status, 0) || status.pid != end.pid_in_procfs)
        return;
    bool was_armed = __atomic_exchange_n(&end.armed, false, __ATOMIC_RELAXED);
    bool same_filters = (!status.seccomp && !end.filters) || (status.has_filters && status.filters == end.filters);
    if (was_armed && same_filters)
        report_end(&status, has_code, code);
}

/* Given to the C library before main, so it is the last of all handlers, behind those of .fini_array. */
static void handler(int code, void *unused)
{
    (void)unused;
    at_exit(true, code);
}

static void last(void)
{
    if (!end.has_handler)
        at_exit(false, 0);
}

__attribute__((section(".fini_array"), used)) static void (*const leave)(void) = last;

/* on_exit is the only way to the exit code, and glibc alone has it. It is found in the C library itself, because a
 * program may define a function of that name, and because this library wants no symbol. */
static bool give_handler(const struct process *process)
{
    uintptr_t function = symbol_in(objects_first(&process->vector), "libc.so.6", "on_exit");
    return function && ((int (*)(void (*)(int, void *), void *))function)(handler, NULL) == 0;
}

static bool keep_job(const struct process *process)
{
    struct text job, variable;
    process_job(process, &job, &variable);
    if (job.length > MAX_JOB)
        return false;
    end.job_length = (unsigned short)job.length;
    memcpy(end.job, job.bytes, job.length);
    return true;
}

static void keep_host(const struct process *process)
{
    struct utsname name;
    if (!process->settings->send_hostname || sys_uname(&name) < 0)
        return;
    end.host_length = (unsigned char)text_length(name.nodename);
    memcpy(end.host, name.nodename, end.host_length);
}

/* Without the start of the process, its pid may be that of another by then. */
void end_arm(const struct process *process, const struct delivery *delivery)
{
    if (!process->ancestry.has_self || !keep_job(process))
        return;
    keep_host(process);
    end.pid = process->pid;
    end.pid_in_procfs = process->ancestry.self.pid;
    end.start_ticks = process->ancestry.self.start_ticks;
    end.filters = process->filters;
    end.image_time_ns = process->now;
    end.datagram = process->settings->transport == TRANSPORT_UDP;
    end.deadline_ns = (int64_t)process->settings->deadline_ns;
    end.server = delivery->address;
    end.has_handler = give_handler(process);
    end.armed = true;
}
