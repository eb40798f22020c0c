/* ogrt_spank.so: tracks the programs of Slurm jobs, and says when jobs start and end. docs/slurm.md is its manual.
 *
 * No hook ever answers with an error, except to the command of a user who asks for what the site does not allow: a job
 * must not fail because of its tracking. */
#include "bounded.h"
#include "job.h"
#include "message.h"
#include "preload.h"
#include "send.h"
#include "settings.h"

#include <slurm/spank.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Slurm looks these up; everything else stays inside. */
#pragma GCC visibility push(default)
SPANK_PLUGIN(ogrt, 1)
spank_f slurm_spank_init, slurm_spank_init_post_opt, slurm_spank_user_init, slurm_spank_task_init,
    slurm_spank_job_prolog, slurm_spank_job_epilog;
#pragma GCC visibility pop

/* Carries the choice for the whole job to prolog and epilog, where it is called SPANK_OGRT_TRACKING. */
static const char job_choice[] = "OGRT_TRACKING";

enum option { OPTION_OPT_OUT, OPTION_OPT_IN };

static struct settings settings;
static bool opted_out, opted_in;
static bool library_missing;

static bool is_command(void)
{
    return spank_context() == S_CTX_LOCAL || spank_context() == S_CTX_ALLOCATOR;
}

/* Whether Slurm found --no-ogrt in the environment, where sbatch and salloc leave it for each srun of the job. */
static bool opt_out_is_inherited(void)
{
    return getenv("_SLURM_SPANK_OPTION_ogrt_no_ogrt") || getenv("SLURM_SPANK__SLURM_SPANK_OPTION_ogrt_no_ogrt");
}

static int chosen(int option, const char *argument, int remote)
{
    (void)argument;
    if (option == OPTION_OPT_IN) {
        opted_in = true;
        return 0;
    }
    if (settings.active != ACTIVE_YES || settings.opt_out) {
        opted_out = true;
        return 0;
    }
    /* A job that was submitted while it was allowed goes on, tracked from now on. */
    if (remote || opt_out_is_inherited())
        return 0;
    slurm_spank_log("ogrt: --no-ogrt is not allowed here: the programs of all jobs are tracked. "
                    "Leave the option out, or ask the operators of this cluster.");
    return -1;
}

static struct spank_option options[] = {
    {(char *)"no-ogrt", NULL, (char *)"do not track the programs of this job (or step) with OGRT", 0, OPTION_OPT_OUT,
     chosen},
    {(char *)"ogrt", NULL, (char *)"track the programs of this job (or step) with OGRT", 0, OPTION_OPT_IN, chosen},
};

int slurm_spank_init(spank_t spank, int count, char **words)
{
    /* slurmd says what is wrong in plugstack.conf when it starts; users need not see it with each command. */
    settings_read(&settings, count, words, spank_context() == S_CTX_SLURMD ? slurm_error : NULL);
    for (unsigned i = 0; i < sizeof options / sizeof *options; i++) {
        if (spank_option_register(spank, &options[i]) != ESPANK_SUCCESS)
            slurm_debug("ogrt: --%s cannot be offered here", options[i].name);
    }
    return 0;
}

/* In sbatch and salloc, and in an srun that makes its own job, a choice is one for the whole job. */
int slurm_spank_init_post_opt(spank_t spank, int count, char **words)
{
    (void)count, (void)words;
    if (!is_command() || !(opted_in || opted_out))
        return 0;
    if (spank_context() == S_CTX_ALLOCATOR || !getenv("SLURM_JOB_ID"))
        spank_job_control_setenv(spank, job_choice, opted_out ? "no" : "yes", 1);
    return 0;
}

/* Whether the tasks of this step are tracked. */
static bool step_is_tracked(void)
{
    return !opted_out && (settings.active == ACTIVE_YES || (settings.active == ACTIVE_OPT_IN && opted_in));
}

/* Runs once for a step, as its user: who may not read the library shall not hear of it from every program. */
int slurm_spank_user_init(spank_t spank, int count, char **words)
{
    (void)spank, (void)count, (void)words;
    library_missing = step_is_tracked() && !preload_is_there(settings.library);
    if (library_missing)
        slurm_info("ogrt: this step is not tracked: its user cannot read %s", settings.library);
    return 0;
}

static const char *variable(spank_t spank, const char *name)
{
    char **environment = NULL;
    size_t length = strlen(name);
    if (spank_get_item(spank, S_JOB_ENV, &environment) != ESPANK_SUCCESS || !environment)
        return NULL;
    for (; *environment; environment++) {
        if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
            return *environment + length + 1;
    }
    return NULL;
}

static bool means_no(const char *value)
{
    return value && (strcmp(value, "no") == 0 || strcmp(value, "false") == 0 || strcmp(value, "0") == 0);
}

static void set_further_variables(spank_t spank)
{
    for (int i = 0; i < settings.variable_count; i++) {
        const char *assignment = settings.variables[i];
        size_t length = strcspn(assignment, "="); /* there is one */
        char *name = strndup(assignment, length);
        if (!name)
            return;
        spank_setenv(spank, name, assignment + length + 1, 1);
        free(name);
    }
}

static void track_task(spank_t spank)
{
    char *preload = preload_with(variable(spank, "LD_PRELOAD"), settings.library);
    if (preload)
        spank_setenv(spank, "LD_PRELOAD", preload, 1);
    free(preload);
    spank_setenv(spank, "OGRT_ACTIVE", "yes", 1);
    set_further_variables(spank);
}

/* Runs in each task before its program, as its user. */
int slurm_spank_task_init(spank_t spank, int count, char **words)
{
    (void)count, (void)words;
    if (settings.active == ACTIVE_NO || library_missing)
        return 0;
    bool silenced = settings.opt_out && !opted_in && means_no(variable(spank, "OGRT_ACTIVE"));
    if (step_is_tracked() && !silenced)
        track_task(spank);
    else if (opted_out) /* the library may be there already: from a login shell, or from the step around this one */
        spank_setenv(spank, "OGRT_ACTIVE", "no", 1);
    return 0;
}

/* Whether a job as a whole is told of, by what its user chose when it was submitted. */
static bool job_is_told(void)
{
    const char *choice = getenv("SPANK_OGRT_TRACKING");
    bool out = choice && strcmp(choice, "no") == 0, in = choice && strcmp(choice, "yes") == 0;
    switch (settings.active) {
    case ACTIVE_OPT_IN:
        return in;
    case ACTIVE_YES:
        return !(out && settings.opt_out);
    default:
        return !out;
    }
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int tell(spank_t spank, int count, char **words, bool ended)
{
    unsigned char frame[MESSAGE_MAX];
    struct job job;
    uint32_t id;
    settings_read(&settings, count, words, NULL);
    if (!settings.send_job || !job_is_told() || spank_get_item(spank, S_JOB_ID, &id) != ESPANK_SUCCESS ||
        !job_is_led_from_here())
        return 0;
    int64_t begin = now_monotonic(), deadline = begin + (int64_t)settings.deadline_ms * 1000000;
    job_from_environment(&job, id, ended);
    if (settings.ask_controller && !job_from_controller(&job, ended, begin + (deadline - begin) / 2))
        slurm_info("ogrt: slurmctld did not say in time what job %u is; its record has less", id);
    size_t size = ended ? message_end(frame, &job, now_ns()) : message_start(frame, &job, now_ns());
    const char *reason = send_frame(&settings, frame, size, deadline);
    if (reason)
        slurm_error("ogrt: the %s of job %u was not sent: %s", ended ? "end" : "start", id, reason);
    return 0;
}

int slurm_spank_job_prolog(spank_t spank, int count, char **words)
{
    return tell(spank, count, words, false);
}

int slurm_spank_job_epilog(spank_t spank, int count, char **words)
{
    return tell(spank, count, words, true);
}
