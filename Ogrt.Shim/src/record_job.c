#include "environment.h"
#include "record_parts.h"
#include "syscalls.h"

/* A longer step is not sent: no scheduler writes one. */
enum { MAX_STEP = 256 };

/* Each says which of the processes of a parallel program this one is: Open MPI, PMIx, PMI (MPICH and those that come of
 * it), PALS, jsrun, Flux, Slurm. Slurm's comes last because the daemons that another launcher has started by srun, and
 * batch scripts, have it as well and pass it on to all their children.
 * Names lie one behind the other: an array of pointers would need relocation. */
#define RANK_VARIABLES                                                                                                 \
    "OMPI_COMM_WORLD_RANK\0PMIX_RANK\0PMI_RANK\0PALS_RANKID\0JSM_NAMESPACE_RANK\0FLUX_TASK_RANK\0SLURM_PROCID\0"

/* Slurm calls it so today and called it so before; PALS numbers the applications of a job. */
#define STEP_VARIABLES "SLURM_STEP_ID\0SLURM_STEPID\0PALS_APID\0"

/* Podman and systemd-nspawn set the first, Apptainer and Singularity the others. */
#define CONTAINER_VARIABLES "container\0APPTAINER_CONTAINER\0SINGULARITY_CONTAINER\0"

static void put_rank(struct wire *wire, char *const *envp)
{
    uint64_t rank;
    for (const char *name = RANK_VARIABLES; name; name = list_next(name))
        if (text_number(environment_get(envp, name), UINT32_MAX, &rank)) {
            wire_number(wire, FIELD_RANK, rank);
            return;
        }
}

static void put_step(struct wire *wire, char *const *envp)
{
    struct text step = {NULL, 0};
    for (const char *name = STEP_VARIABLES; name && !step.bytes; name = list_next(name))
        step = environment_filled(envp, name);
    if (step.length <= MAX_STEP)
        wire_text(wire, FIELD_JOB_STEP, step);
}

void record_job(struct wire *wire, const struct process *process)
{
    char *const *envp = process->vector.envp;
    struct text id, variable;
    process_job(process, &id, &variable);
    wire_text(wire, FIELD_JOB_ID, id);
    wire_text(wire, FIELD_SCHEDULER, variable);
    put_step(wire, envp);
    put_rank(wire, envp);
}

unsigned record_container(const struct process *process)
{
    for (const char *name = CONTAINER_VARIABLES; name; name = list_next(name))
        if (environment_filled(process->vector.envp, name).bytes)
            return FLAG_IN_CONTAINER;
    return sys_faccessat(AT_FDCWD, "/.dockerenv", 0) == 0 ? FLAG_IN_CONTAINER : 0;
}
