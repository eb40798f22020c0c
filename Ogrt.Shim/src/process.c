#include "process.h"

#include "environment.h"

/* A longer job id is no job id: it is not sent, rather than cut into one that belongs to somebody else. */
enum { MAX_JOB_ID = 16384 };

/* Where nothing tells which file it is, the path as called is the next best: it is the script where the kernel started
 * an interpreter. */
void process_identify(struct process *process, char buffer[PROCESS_MAX_PATH])
{
    struct executable *executable = &process->executable;
    unsigned long called = 0, user = UINT32_MAX;
    if (!executable_from_call(executable, &process->vector, process->now, buffer, PROCESS_MAX_PATH))
        executable_from_procfs(executable, buffer, PROCESS_MAX_PATH);
    vector_auxiliary(&process->vector, AT_EXECFN, &called);
    vector_auxiliary(&process->vector, AT_EUID, &user);
    process->path = executable->path.bytes ? executable->path : text_of((const char *)called);
    process->user = user;
}

void process_job(const struct process *process, struct text *id, struct text *variable)
{
    for (const char *name = process->settings->job_variables; name; name = list_next(name)) {
        *id = environment_filled(process->vector.envp, name);
        *variable = text_of(name);
        if (id->bytes && id->length <= MAX_JOB_ID)
            return;
    }
    *id = *variable = text_of(NULL);
}
