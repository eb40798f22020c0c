/* What is known of a job: from the environment of prolog and epilog, and from slurmctld. */
#ifndef OGRT_SPANK_JOB_H
#define OGRT_SPANK_JOB_H

#include <stdbool.h>
#include <stdint.h>

enum { UNKNOWN = -1 }; /* of numbers */

/* Texts are empty where they are not known. */
struct job {
    uint32_t id;
    char username[256];
    char account[256];
    char partition[256];
    char name[1024];
    char nodes[4096];
    char cluster[256];
    char submit_host[256];
    char hostname[256];
    const char *state; /* of a job that has ended; a literal, or null */
    int64_t uid, gid;
    int64_t node_count, cpu_count, task_count;
    int64_t array_job_id, array_task_id;
    int64_t restarts;
    int64_t submit_time, start_time, end_time; /* seconds since 1970 */
    int64_t exit_status;                       /* as wait() has it */
    int64_t derived_exit_status;
};

/* From the environment of this process, which is a prolog or an epilog. */
void job_from_environment(struct job *job, uint32_t id, bool ended);

/* Adds what slurmctld says, which is asked in a child. False when it has not answered until the deadline. */
bool job_from_controller(struct job *job, bool ended, int64_t deadline);

/* Whether this node is the first of the job: the one that has the batch script, if there is one. True where that cannot
 * be told, because the server takes a repetition for what it is. */
bool job_is_led_from_here(void);

#endif
