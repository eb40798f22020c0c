#include "message.h"

#include "config.h"
#include "frame.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* Numbers of ogrt.proto. Those from 321 to 339 are the same in both messages. */
enum {
    TYPE_JOB_START = 10,
    TYPE_JOB_END = 11,
    START_JOB_ID = 100,
    START_TIME = 101,
    END_JOB_ID = 200,
    END_TIME = 201,
    TIME_NS = 320,
    USERNAME = 321,
    UID = 322,
    GID = 323,
    ACCOUNT = 324,
    PARTITION = 325,
    JOB_NAME = 326,
    NODES = 327,
    NODE_COUNT = 328,
    CLUSTER = 329,
    ARRAY_JOB_ID = 330,
    ARRAY_TASK_ID = 331,
    SUBMIT_TIME_NS = 332,
    SUBMIT_HOST = 333,
    SCHEDULER = 334,
    SENDER_VERSION = 335,
    HOSTNAME = 336,
    RESTARTS = 337,
    CPU_COUNT = 338,
    TASK_COUNT = 339,
    EXIT_CODE = 340,
    EXIT_SIGNAL = 341,
    STATE = 342,
    DERIVED_EXIT_CODE = 343,
    END_START_TIME_NS = 344,
};

static const int64_t second = 1000000000;

static void put_text(struct wire *wire, unsigned field, const char *text)
{
    if (text && *text)
        wire_bytes(wire, field, text, strlen(text));
}

static void put_number(struct wire *wire, unsigned field, int64_t number)
{
    if (number != UNKNOWN)
        wire_number(wire, field, (uint64_t)number);
}

/* An id as text, as job ids are. */
static void put_id(struct wire *wire, unsigned field, int64_t id)
{
    char text[24];
    if (id == UNKNOWN)
        return;
    snprintf(text, sizeof text, "%lld", (long long)id);
    put_text(wire, field, text);
}

static void put_time(struct wire *wire, unsigned field, int64_t seconds)
{
    if (seconds > 0 && seconds < INT64_MAX / second)
        put_number(wire, field, seconds * second);
}

static void put_description(struct wire *wire, const struct job *job)
{
    put_text(wire, USERNAME, job->username);
    put_number(wire, UID, job->uid);
    put_number(wire, GID, job->gid);
    put_text(wire, ACCOUNT, job->account);
    put_text(wire, PARTITION, job->partition);
    put_text(wire, JOB_NAME, job->name);
    put_text(wire, NODES, job->nodes);
    put_number(wire, NODE_COUNT, job->node_count);
    put_text(wire, CLUSTER, job->cluster);
    put_id(wire, ARRAY_JOB_ID, job->array_job_id);
    put_number(wire, ARRAY_TASK_ID, job->array_task_id);
    put_time(wire, SUBMIT_TIME_NS, job->submit_time);
    put_text(wire, SUBMIT_HOST, job->submit_host);
    put_text(wire, SCHEDULER, "slurm");
    put_text(wire, SENDER_VERSION, OGRT_VERSION);
    put_text(wire, HOSTNAME, job->hostname);
    put_number(wire, RESTARTS, job->restarts);
    put_number(wire, CPU_COUNT, job->cpu_count);
    put_number(wire, TASK_COUNT, job->task_count);
}

/* An exit code in protobuf's sint32 form. Exit codes are not negative. */
static void put_exit_code(struct wire *wire, unsigned field, int64_t status)
{
    if (status != UNKNOWN && WIFEXITED((int)status))
        put_number(wire, field, (int64_t)WEXITSTATUS((int)status) * 2);
}

/* The controller's time is in seconds; of a time that it cannot have, now is taken. */
static int64_t time_or_now(int64_t seconds, int64_t earliest, int64_t now_ns)
{
    return seconds > 0 && seconds >= earliest && seconds <= now_ns / second + 60 ? seconds * second : now_ns;
}

size_t message_start(unsigned char *memory, const struct job *job, int64_t now_ns)
{
    struct frame frame = frame_in(memory, MESSAGE_MAX);
    int64_t start = time_or_now(job->start_time, 0, now_ns);
    put_id(&frame.wire, START_JOB_ID, job->id);
    put_number(&frame.wire, START_TIME, start / second);
    put_number(&frame.wire, TIME_NS, start);
    put_description(&frame.wire, job);
    return frame_seal(&frame, TYPE_JOB_START);
}

size_t message_end(unsigned char *memory, const struct job *job, int64_t now_ns)
{
    struct frame frame = frame_in(memory, MESSAGE_MAX);
    int64_t end = time_or_now(job->end_time, job->start_time, now_ns);
    put_id(&frame.wire, END_JOB_ID, job->id);
    put_number(&frame.wire, END_TIME, end / second);
    put_number(&frame.wire, TIME_NS, end);
    put_description(&frame.wire, job);
    put_exit_code(&frame.wire, EXIT_CODE, job->exit_status);
    if (job->exit_status != UNKNOWN && WIFSIGNALED((int)job->exit_status))
        put_number(&frame.wire, EXIT_SIGNAL, WTERMSIG((int)job->exit_status));
    put_text(&frame.wire, STATE, job->state);
    put_exit_code(&frame.wire, DERIVED_EXIT_CODE, job->derived_exit_status);
    put_time(&frame.wire, END_START_TIME_NS, job->start_time);
    return frame_seal(&frame, TYPE_JOB_END);
}
