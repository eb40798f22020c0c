#include "process.h"

#include "environment.h"

/* A longer job id is no job id: it is not sent, rather than cut into one that belongs to somebody else. */
enum { MAX_JOB_ID = 16384 };

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
