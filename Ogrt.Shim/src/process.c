#include "process.h"

#include "environment.h"

/* A longer job id is no job id: it is not sent, rather than cut into one that belongs to somebody else. */
enum { MAX_JOB_ID = 16384 };

static void take_user(struct process *process)
{
    unsigned long user = UINT32_MAX;
    vector_auxiliary(&process->vector, AT_EUID, &user);
    process->user = user;
}

bool process_identify(struct process *process, char *buffer, size_t size)
{
    take_user(process);
    bool known = executable_from_call(&process->executable, &process->vector, process->now, buffer, size);
    process->path = process->executable.path;
    return known;
}

/* Where nothing tells which file it is, the path as called is the next best: it is the script where the kernel started
 * an interpreter. */
void process_identify_by_procfs(struct process *process, char *buffer, size_t size)
{
    unsigned long called = 0;
    take_user(process);
    executable_from_procfs(&process->executable, buffer, size);
    vector_auxiliary(&process->vector, AT_EXECFN, &called);
    process->path = process->executable.path.bytes ? process->executable.path : text_of((const char *)called);
}

/* /proc counts by its own pid namespace, so the parent is looked up by the number that it has there. */
void process_descend(struct process *process)
{
    struct ancestry *ancestry = &process->ancestry;
    struct process_stat parent;
    ancestry->has_self = procfs_stat(&ancestry->self, 0);
    ancestry->has_parent = ancestry->has_self && ancestry->self.parent && procfs_stat(&parent, ancestry->self.parent);
    if (ancestry->has_parent)
        ancestry->parent_start_ticks = parent.start_ticks;
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
