/* What this copy of the library does: chosen by configure, changed by the settings file, and by OGRT_ variables where
 * those two allow it. */
#ifndef OGRT_SETTINGS_H
#define OGRT_SETTINGS_H

#include "filter.h"
#include "problems.h"
#include "switches.h"
#include "textfile.h"

/* config.h names these; so do the words of settings_keys.c, in this order. */
enum transport { TRANSPORT_TCP, TRANSPORT_UDP };
enum environment_choice { ENVIRONMENT_NONE, ENVIRONMENT_LISTED, ENVIRONMENT_ALL };
enum username_source { USERNAME_ENVIRONMENT, USERNAME_PASSWD };

enum {
    /* Room for what comes from variables, because those must not be changed where they are. */
    SETTINGS_ROOM = 512,

    /* The limit of the server for a message, as it is by default. */
    DEFAULT_MAX_RECORD = 262144,
    /* 65507 bytes is what a datagram can hold, and lost fragments grow likelier with its size. */
    DEFAULT_MAX_DATAGRAM = 60000,
    /* The command line says again what the arguments say, so it gets a small part of the room. */
    DEFAULT_MAX_CMDLINE = 32768,
    DEFAULT_MAX_MODULES = 16384,
};

/* Lists are strings one behind the other with an empty one at the end; a null is a list without entries. */
struct settings {
    bool enabled; /* false: this node reports nothing */
    bool active_by_default;
    unsigned transport; /* enum transport */
    uint64_t deadline_ns;
    const char *servers;      /* list of numeric addresses, each with a port or without */
    const char *servers_file; /* path of a file of such addresses; null where there is none */
    uint64_t port;            /* of servers without one */
    const char *job_variables;
    const char *allowed_variables; /* list of the OGRT_ variables that may override */
    bool send_username;
    unsigned username_source;      /* enum username_source */
    unsigned environment;          /* enum environment_choice */
    const char *environment_names; /* list of patterns */
    bool send_hostname;
    bool send_cmdline;
    bool send_cwd;
    bool send_modules;
    bool send_objects;
    bool send_end;            /* report the end of the process too */
    bool report_static;       /* report static and set-user-id programs when they are executed */
    uint64_t max_record;      /* bytes of a message without its header */
    uint64_t max_datagram;    /* bytes of a frame that is sent as one; larger ones go by TCP */
    uint64_t max_arguments;   /* bytes of all arguments */
    uint64_t max_cmdline;     /* bytes of the command line */
    uint64_t max_environment; /* bytes of all variables */
    uint64_t max_modules;     /* bytes of all names of modules */

    /* How they came about. */
    struct filter filter;
    struct problems problems;
    uint64_t given; /* a bit for each key that the file has given */
    struct textfile file;
    size_t room_used;
    char room[SETTINGS_ROOM];
};

struct settings_request {
    const struct switches *switches;
    char *const *envp;
    struct text path; /* of the executable, for the filter */
    uint64_t user;    /* the effective one, for the trust in the file */
    char *room;       /* for the text of the file, which lies there as long as the settings; null: there is no file */
    size_t room_size;
};

/* Reads what configure, the file and the variables say. Some lie in memory of the settings: to be closed. */
void settings_open(struct settings *settings, const struct settings_request *request);

void settings_close(struct settings *settings);

/* The parts of settings_open, for tests. */

/* What configure chose. */
void settings_defaults(struct settings *settings);

/* The lines of a settings file; the byte in front of bytes and the one behind may be written to. Stops early when a
 * rule has decided that this process is skipped, unless problems are to be told. */
void settings_parse(struct settings *settings, char *bytes, size_t size);

/* The allowed variables. */
void settings_override(struct settings *settings, char *const *envp);

/* True when this process is one to report, as far as the switches and the settings say. */
bool settings_are_active(const struct settings *settings, const struct switches *switches);

#endif
