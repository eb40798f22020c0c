#include "job.h"

#include "bounded.h"

#include <slurm/slurm.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The whole of a text that fits, else its beginning. */
static void copy(char *to, size_t size, const char *from)
{
    if (from)
        snprintf(to, size, "%s", from);
}

static int64_t number_of(const char *variable)
{
    const char *text = getenv(variable);
    if (!text || *text < '0' || *text > '9')
        return UNKNOWN;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    return errno || *end ? UNKNOWN : number;
}

static const char *first_of(const char *variable, const char *other)
{
    const char *text = getenv(variable);
    return text ? text : getenv(other);
}

void job_from_environment(struct job *job, uint32_t id, bool ended)
{
    *job = (struct job){
        .id = id,
        .uid = number_of("SLURM_JOB_UID"),
        .gid = number_of("SLURM_JOB_GID"),
        .node_count = number_of("SLURM_JOB_NUM_NODES"),
        .task_count = number_of("SLURM_JOB_NTASKS"),
        .array_job_id = number_of("SLURM_ARRAY_JOB_ID"),
        .array_task_id = number_of("SLURM_ARRAY_TASK_ID"),
        /* In the epilog of a run that is started again it counts the next run already. */
        .restarts = ended ? UNKNOWN : number_of("SLURM_JOB_RESTART_COUNT"),
        .cpu_count = UNKNOWN,
        .submit_time = UNKNOWN,
        .start_time = UNKNOWN,
        .end_time = UNKNOWN,
        .exit_status = number_of("SLURM_JOB_EXIT_CODE"),
        .derived_exit_status = number_of("SLURM_JOB_DERIVED_EC"),
    };
    /* 0 here is also what a job has that was cancelled or ran out of time. */
    if (job->exit_status == 0)
        job->exit_status = UNKNOWN;
    copy(job->username, sizeof job->username, getenv("SLURM_JOB_USER"));
    copy(job->account, sizeof job->account, getenv("SLURM_JOB_ACCOUNT"));
    copy(job->partition, sizeof job->partition, getenv("SLURM_JOB_PARTITION"));
    copy(job->name, sizeof job->name, getenv("SLURM_JOB_NAME"));
    copy(job->nodes, sizeof job->nodes, first_of("SLURM_JOB_NODELIST", "SLURM_NODELIST"));
    copy(job->cluster, sizeof job->cluster, getenv("SLURM_CLUSTER_NAME"));
    /* The name that tracked programs send, which need not be the node's name in Slurm. */
    if (gethostname(job->hostname, sizeof job->hostname) != 0)
        job->hostname[0] = '\0';
    job->hostname[sizeof job->hostname - 1] = '\0';
}

static const char *state_name(uint32_t state)
{
    if (state & (JOB_REQUEUE | JOB_REQUEUE_HOLD))
        return "REQUEUED";
    switch (state & JOB_STATE_BASE) {
    case JOB_PENDING:
        return "REQUEUED"; /* it waits again while its epilog runs */
    case JOB_COMPLETE:
        return "COMPLETED";
    case JOB_CANCELLED:
        return "CANCELLED";
    case JOB_FAILED:
        return "FAILED";
    case JOB_TIMEOUT:
        return "TIMEOUT";
    case JOB_NODE_FAIL:
        return "NODE_FAIL";
    case JOB_PREEMPTED:
        return "PREEMPTED";
    case JOB_BOOT_FAIL:
        return "BOOT_FAIL";
    case JOB_DEADLINE:
        return "DEADLINE";
    case JOB_OOM:
        return "OUT_OF_MEMORY";
    default:
        return NULL;
    }
}

/* Slurm has NO_VAL for numbers that are not set, and 0 for ids that there are none of. */
static int64_t set_or_unknown(uint32_t number)
{
    return number == NO_VAL || number == INFINITE ? UNKNOWN : (int64_t)number;
}

static void take(int64_t *number, int64_t of_controller)
{
    if (*number == UNKNOWN)
        *number = of_controller;
}

static void take_text(char *to, size_t size, const char *of_controller)
{
    if (!*to)
        copy(to, size, of_controller);
}

static void take_record(struct job *job, const slurm_job_info_t *record)
{
    take_text(job->username, sizeof job->username, record->user_name);
    take_text(job->account, sizeof job->account, record->account);
    take_text(job->partition, sizeof job->partition, record->partition);
    take_text(job->name, sizeof job->name, record->name);
    take_text(job->nodes, sizeof job->nodes, record->nodes);
    take_text(job->cluster, sizeof job->cluster, record->cluster);
    take_text(job->submit_host, sizeof job->submit_host, record->alloc_node);
    take(&job->uid, record->user_id);
    take(&job->gid, record->group_id);
    take(&job->node_count, set_or_unknown(record->num_nodes));
    take(&job->cpu_count, set_or_unknown(record->num_cpus));
    take(&job->task_count, set_or_unknown(record->num_tasks));
    if (record->array_job_id) {
        take(&job->array_job_id, record->array_job_id);
        take(&job->array_task_id, set_or_unknown(record->array_task_id));
    }
    take(&job->submit_time, record->submit_time);
    take(&job->start_time, record->start_time);
}

static void take_end(struct job *job, const slurm_job_info_t *record)
{
    job->state = state_name(record->job_state);
    job->restarts = record->restart_cnt;
    if (job->state && strcmp(job->state, "REQUEUED") == 0) {
        /* The count is that of the next run already, and there is no end and no exit code of this one. */
        if (job->restarts > 0)
            job->restarts--;
        return;
    }
    job->end_time = record->end_time;
    job->exit_status = set_or_unknown(record->exit_code);
    /* What was ended from outside has its signal only when slurmctld has heard of it from the batch step. */
    if (job->exit_status == 0 && (record->job_state & JOB_STATE_BASE) != JOB_COMPLETE)
        job->exit_status = UNKNOWN;
    job->derived_exit_status = set_or_unknown(record->derived_ec);
}

struct question {
    uint32_t id;
    bool ended;
};

static bool ask(const void *argument, void *result)
{
    const struct question *question = argument;
    struct job *job = result;
    job_info_msg_t *answer = NULL;
    if (slurm_load_job(&answer, question->id, SHOW_LOCAL) != SLURM_SUCCESS || !answer)
        return false;
    for (uint32_t i = 0; i < answer->record_count; i++) {
        const slurm_job_info_t *record = &answer->job_array[i];
        if (record->job_id != question->id)
            continue;
        take_record(job, record);
        if (question->ended)
            take_end(job, record);
        else
            take(&job->restarts, record->restart_cnt);
        return true;
    }
    return false;
}

bool job_from_controller(struct job *job, bool ended, int64_t deadline)
{
    struct question question = {job->id, ended};
    return bounded(ask, &question, job, sizeof *job, deadline);
}

bool job_is_led_from_here(void)
{
    const char *nodes = first_of("SLURM_JOB_NODELIST", "SLURM_NODELIST"), *here = getenv("SLURMD_NODENAME");
    if (!nodes || !here)
        return true;
    void *list = slurm_hostlist_create(nodes); /* a type of its own from Slurm 23.11 on */
    char *first = list ? slurm_hostlist_shift(list) : NULL;
    bool led = !first || strcmp(first, here) == 0;
    free(first);
    if (list)
        slurm_hostlist_destroy(list);
    return led;
}
