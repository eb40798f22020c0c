/* The words behind the plugin's path in plugstack.conf. */
#ifndef OGRT_SPANK_SETTINGS_H
#define OGRT_SPANK_SETTINGS_H

#include <stdbool.h>

enum {
    MAX_SERVERS = 16,
    MAX_SERVER_TEXT = 1024,
    MAX_VARIABLES = 16,
    DEFAULT_DEADLINE_MS = 1000,
    MAX_DEADLINE_MS = 60000,
};

enum active { ACTIVE_YES, ACTIVE_OPT_IN, ACTIVE_NO };

/* Texts belong to Slurm, which keeps the words of a plugin as long as the plugin is loaded, but for the servers. */
struct settings {
    const char *library;              /* path of libogrt.so, also with $LIB */
    enum active active;               /* whose programs are tracked */
    bool opt_out;                     /* whether --no-ogrt is allowed where everybody is tracked */
    bool send_job;                    /* whether JobStart and JobEnd are sent */
    bool ask_controller;              /* whether slurmctld is asked what the job's environment does not say */
    bool datagrams;                   /* UDP instead of TCP */
    int deadline_ms;                  /* longest time that sending may delay a prolog or an epilog */
    int server_count;                 /* 0: those that configure was told of */
    const char *servers[MAX_SERVERS]; /* HOST, HOST:PORT, [ADDRESS]:PORT; in server_text */
    char server_text[MAX_SERVER_TEXT];
    unsigned server_text_length;
    int variable_count;
    const char *variables[MAX_VARIABLES]; /* NAME=VALUE for the environment of tasks */
};

/* Reads the words. What cannot be understood is left as it is by default, and, with `tell`, told once each. */
void settings_read(struct settings *settings, int count, char **words, void (*tell)(const char *format, ...));

#endif
