/* Reads the command line. */
#define _GNU_SOURCE
#include "helper.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: helper world up|up-udp|down|full|silent\n"
    "       helper run --network FILE --report FILE [--limit SECONDS] [--library FILE] [--program FILE]\n"
    "                  [--variable NAME=VALUE]... -- PROGRAM [ARGUMENT]...\n";

void say(FILE *report, const char *format, ...)
{
    va_list arguments;
    char *text;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        abort();
    for (const char *at = text; *at; at++) {
        if (*at >= ' ' && *at != '\\' && *at != 127)
            fputc(*at, report);
        else
            fprintf(report, "\\x%02x", (unsigned char)*at);
    }
    fputc('\n', report);
    free(text);
}

static void refuse(const char *what)
{
    fprintf(stderr, "helper: %s\n%s", what, usage);
    exit(64);
}

static int opened(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        perror(path);
        exit(66);
    }
    return fd;
}

static void set(struct run *run, const char *name, char *value)
{
    if (strcmp(name, "--network") == 0) {
        run->network = opened(value);
    } else if (strcmp(name, "--library") == 0) {
        run->library = value;
    } else if (strcmp(name, "--program") == 0) {
        run->program = value;
    } else if (strcmp(name, "--report") == 0) {
        run->report = fopen(value, "we");
    } else if (strcmp(name, "--limit") == 0) {
        run->limit = (unsigned)atoi(value);
    } else if (strcmp(name, "--variable") == 0) {
        int count = 0;
        while (run->environment[count])
            count++;
        if (count == MAX_VARIABLES)
            refuse("too many variables");
        run->environment[count] = value;
    } else {
        refuse(name);
    }
}

int main(int argc, char **argv)
{
    struct run run = {.network = -1, .limit = 10};
    if (argc == 3 && strcmp(argv[1], "world") == 0)
        return world(argv[2]);
    if (argc < 2 || strcmp(argv[1], "run") != 0)
        refuse("no such command");
    int at = 2;
    while (at + 1 < argc && strcmp(argv[at], "--") != 0) {
        set(&run, argv[at], argv[at + 1]);
        at += 2;
    }
    if (at + 1 >= argc || run.network < 0 || !run.report || !run.limit)
        refuse("something is missing");
    run.arguments = argv + at + 1;
    return sandbox(&run);
}
