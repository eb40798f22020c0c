/* What this copy of the library does: chosen by configure, changed by OGRT_ variables where that is allowed. */
#ifndef OGRT_SETTINGS_H
#define OGRT_SETTINGS_H

#include "text.h"

/* config.h names these. */
enum transport { TRANSPORT_TCP, TRANSPORT_UDP };
enum environment_choice { ENVIRONMENT_NONE, ENVIRONMENT_LISTED, ENVIRONMENT_ALL };
enum username_source { USERNAME_NONE, USERNAME_ENVIRONMENT, USERNAME_PASSWD };

struct settings {
    bool active;
    bool debug;
    enum transport transport;
    int64_t deadline_ns;
    const char *servers; /* list of numeric addresses */
    uint16_t server_port;
    struct text server_override; /* OGRT_SERVER where that is allowed */
    const char *job_variables;   /* list of names */
    enum username_source username;
    enum environment_choice environment;
    const char *environment_names; /* list of patterns */
    bool send_hostname;
    bool send_cmdline;
    bool send_cwd;
    bool send_modules;
};

void settings_read(struct settings *settings, char *const *envp);

#endif
