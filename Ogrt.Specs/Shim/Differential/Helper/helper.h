/* The helper of the differential specs: runs a program in a sandbox in which it can harm nothing, beside a server in a
 * chosen state, and reports everything about it that can be seen from outside.
 *
 *   helper world STATE            a network namespace with a server in that state on 127.0.0.1, port SERVER_PORT; says
 *                                 "ready" when it is, then how many records came for each line on its standard input,
 *                                 and ends with that
 *   helper run OPTION... -- PROGRAM ARGUMENT...
 *                                 see main.c */
#ifndef HELPER_H
#define HELPER_H

#include <stdio.h>
#include <sys/types.h>

enum { SERVER_PORT = 7971, MAX_VARIABLES = 64 };

/* Where the preload library is, for a program in the sandbox. */
#define LIBRARY_PATH "/run/ogrt/libogrt.so"
#define PROGRAM_PATH "/run/ogrt/program"
#define HOME_PATH    "/tmp/home"
#define WORK_PATH    "/tmp/work"

struct run {
    int network;         /* a network namespace */
    const char *library; /* a file, or NULL */
    const char *program; /* a file that is shown as PROGRAM_PATH, or NULL */
    FILE *report;        /* one finding a line */
    unsigned limit;      /* seconds */
    char *environment[MAX_VARIABLES + 1];
    char **arguments; /* the first is the path of the program */
};

int world(const char *state);
int sandbox(const struct run *run);

/* Makes the calling process, which is alone in its mount namespace, see a machine that it cannot change. Says what
 * failed in the report and returns -1. */
int isolate(const struct run *run);

/* Reports what a program has at its first instruction, where the dynamic linker and all libraries are done: open
 * descriptors, environment, signals, limits, mapped files, errno. The program is traced and stopped after its exec;
 * afterwards it runs freely. Returns -1, or the wait status of a program that ended before. */
int look(pid_t pid, FILE *report);

/* Reports what lies below a folder. */
void list_files(const char *folder, FILE *report);

/* A line of the report, with what is not printable escaped. */
__attribute__((format(printf, 2, 3))) void say(FILE *report, const char *format, ...);

#endif
