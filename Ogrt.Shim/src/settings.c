#include "settings.h"

#include "config.h"
#include "environment.h"

static bool wants_activity(char *const *envp)
{
    struct text active = environment_get(envp, "OGRT_ACTIVE");
    return OGRT_ACTIVE_BY_DEFAULT ? !text_means_no(active) : text_means_yes(active);
}

/* Silence is the default, so OGRT_SILENT only has something to do beside OGRT_DEBUG_INFO. Its other name is OGRT's. */
static bool wants_debug(char *const *envp)
{
    return text_means_yes(environment_get(envp, "OGRT_DEBUG_INFO")) &&
           !text_means_yes(environment_get(envp, "OGRT_SILENT")) &&
           !text_means_yes(environment_get(envp, "OGRT_SCHLEICHFAHRT"));
}

void settings_read(struct settings *settings, char *const *envp)
{
    settings->active = wants_activity(envp);
    if (!settings->active)
        return;
    settings->debug = wants_debug(envp);
    settings->transport = OGRT_TRANSPORT;
    settings->deadline_ns = (int64_t)OGRT_DEADLINE_MS * 1000000;
    settings->servers = OGRT_SERVERS;
    settings->server_port = OGRT_SERVER_PORT;
    settings->server_override = OGRT_ALLOW_SERVER_ENV ? environment_filled(envp, "OGRT_SERVER") : text_of(NULL);
    settings->job_variables = OGRT_ENV_JOBID;
    settings->username = OGRT_USERNAME;
    settings->environment = OGRT_ENVIRONMENT;
    settings->environment_names = OGRT_ENVIRONMENT_NAMES;
    settings->send_hostname = OGRT_SEND_HOSTNAME;
    settings->send_cmdline = OGRT_SEND_CMDLINE;
    settings->send_cwd = OGRT_SEND_CWD;
    settings->send_modules = OGRT_SEND_LOADEDMODULES;
}
