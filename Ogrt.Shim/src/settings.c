#include "settings.h"

#include "config.h"
#include "environment.h"
#include "settings_keys.h"

#include <errno.h>

void settings_defaults(struct settings *settings)
{
    settings->enabled = true;
    settings->active_by_default = OGRT_ACTIVE_BY_DEFAULT;
    settings->transport = OGRT_TRANSPORT;
    settings->deadline_ns = (uint64_t)OGRT_DEADLINE_MS * 1000000;
    settings->servers = OGRT_SERVERS;
    settings->servers_file = OGRT_SERVERS_FILE;
    settings->port = OGRT_SERVER_PORT;
    settings->job_variables = OGRT_ENV_JOBID;
    settings->allowed_variables = OGRT_ALLOW_ENV;
    settings->send_username = OGRT_SEND_USERNAME;
    settings->username_source = OGRT_USERNAME_SOURCE;
    settings->environment = OGRT_ENVIRONMENT;
    settings->environment_names = OGRT_ENVIRONMENT_NAMES;
    settings->send_hostname = OGRT_SEND_HOSTNAME;
    settings->send_cmdline = OGRT_SEND_CMDLINE;
    settings->send_cwd = OGRT_SEND_CWD;
    settings->send_modules = OGRT_SEND_LOADEDMODULES;
    settings->send_objects = OGRT_SEND_OBJECTS;
    settings->send_end = OGRT_SEND_END;
    settings->report_static = OGRT_REPORT_STATIC;
    settings->max_record = DEFAULT_MAX_RECORD;
    settings->max_datagram = DEFAULT_MAX_DATAGRAM;
    settings->max_arguments = DEFAULT_MAX_RECORD;
    settings->max_cmdline = DEFAULT_MAX_CMDLINE;
    settings->max_environment = DEFAULT_MAX_RECORD;
    settings->max_modules = DEFAULT_MAX_MODULES;

    settings->filter = (struct filter){{NULL, 0}, VERDICT_NONE, 0, false};
    settings->problems = (struct problems){false, 0, 0, NULL};
    settings->given = 0;
    settings->file.size = 0;
    settings->file.region = NULL;
    settings->room_used = 0;
}

static void read_file(struct settings *settings, const struct settings_request *request)
{
    long result = textfile_read(&settings->file, OGRT_SETTINGS_FILE, request->user, request->room, request->room_size);
    if (result == 0)
        settings_parse(settings, settings->file.bytes, settings->file.size);
    else if (result != -ENOENT && result != -ENOTDIR) /* a site without a file has nothing to change */
        problem_file(&settings->problems, OGRT_SETTINGS_FILE, result);
}

void settings_open(struct settings *settings, const struct settings_request *request)
{
    settings_defaults(settings);
    settings->problems.loud = request->switches->trace || request->switches->debug;
    settings->filter.path = request->path;
    if (request->room)
        read_file(settings, request);
    if (!settings->filter.ruled)
        filter_rules(&settings->filter, OGRT_FILTERS);
    if (settings->filter.verdict != VERDICT_SKIP)
        settings_override(settings, request->envp);
    problems_finish(&settings->problems);
}

void settings_close(struct settings *settings)
{
    textfile_close(&settings->file);
}

/* The value in memory that may be changed; null bytes where it does not fit. */
static struct value copy(struct settings *settings, struct text text)
{
    size_t left = SETTINGS_ROOM - settings->room_used;
    if (text.length + 2 > left)
        return (struct value){NULL, 0};
    char *bytes = settings->room + settings->room_used + 1;
    memcpy(bytes, text.bytes, text.length);
    settings->room_used += text.length + 2;
    return (struct value){bytes, text.length};
}

static void override(struct settings *settings, const char *name, struct text text)
{
    int key = settings_key_of_variable(text_of(name));
    settings->problems.line = 0;
    settings->problems.name = name;
    if (key < 0) {
        problem(&settings->problems, text, "is not read: no setting can be changed by that variable");
        return;
    }
    struct value value = copy(settings, text);
    if (!value.bytes)
        problem(&settings->problems, text, "is too long");
    else
        settings_set(settings, key, value);
}

/* Whoever may name servers means those and no other. */
static void prefer_servers(struct settings *settings, const char *before)
{
    if (settings->servers != before)
        settings->servers_file = NULL;
}

void settings_override(struct settings *settings, char *const *envp)
{
    const char *before = settings->servers;
    for (const char *name = settings->allowed_variables; name && *name; name = list_next(name)) {
        struct text text = environment_filled(envp, name);
        if (text.bytes)
            override(settings, name, text);
    }
    prefer_servers(settings, before);
}

bool settings_are_active(const struct settings *settings, const struct switches *switches)
{
    return settings->enabled &&
           (switches->active == SWITCH_ON || (switches->active != SWITCH_OFF && settings->active_by_default));
}
