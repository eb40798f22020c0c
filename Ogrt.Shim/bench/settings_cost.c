/* What the settings cost a process that is active: reading them, for files of several sizes.
 *
 * usage: settings_cost FILE...
 *
 * Each FILE is copied to where the library reads its settings, which must not exist; it is removed at the end. Printed
 * is the least time of many, per reading, in microseconds. The library's own code runs, in a normal program. */
#define _GNU_SOURCE
#include "config.h"
#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BATCHES = 200, EACH = 50 };

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static double least(void)
{
    struct switches switches = {SWITCH_ON, false, false};
    char *environment[] = {NULL};
    char room[TEXTFILE_ROOM];
    struct settings_request request = {&switches, environment, text_of("/usr/bin/true"), getuid(), room, sizeof room};
    double best = 1e9;
    for (int batch = 0; batch < BATCHES; batch++) {
        double start = now();
        for (int i = 0; i < EACH; i++) {
            struct settings settings;
            request.room = textfile_is_absent(OGRT_SETTINGS_FILE) ? NULL : room;
            settings_open(&settings, &request);
            settings_close(&settings);
        }
        double each = (now() - start) / EACH;
        best = each < best ? each : best;
    }
    return best;
}

static void install(const char *from)
{
    char bytes[TEXTFILE_LIMIT + 2];
    FILE *in = fopen(from, "r");
    if (!in)
        fail(from);
    size_t size = fread(bytes, 1, sizeof bytes, in);
    FILE *out = fopen(OGRT_SETTINGS_FILE, "w");
    if (!out || fwrite(bytes, 1, size, out) != size || fclose(out) || chmod(OGRT_SETTINGS_FILE, 0644))
        fail(OGRT_SETTINGS_FILE);
    fclose(in);
    printf("%6.1f us  %s, %zu bytes\n", least(), from, size);
    unlink(OGRT_SETTINGS_FILE);
}

int main(int argc, char **argv)
{
    if (access(OGRT_SETTINGS_FILE, F_OK) == 0) {
        fprintf(stderr, "%s is there already: configure with another --sysconfdir\n", OGRT_SETTINGS_FILE);
        return 1;
    }
    printf("%6.1f us  no file\n", least());
    for (int i = 1; i < argc; i++)
        install(argv[i]);
    return 0;
}
