/* A settings file of any bytes: the parser stays within them, and whatever they say, every value is one that its key
 * allows. */
#include "settings.h"
#include "servers.h"
#include "settings_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "does not hold: %s\n", what);
        abort();
    }
}

static void walk(const char *list, bool (*good)(struct text))
{
    for (const char *word = list; word; word = list_next(word))
        must(!good || good(text_of(word)), word);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct settings settings;
    char *environment[] = {"OGRT_TRANSPORT=udp", "OGRT_SERVERS=192.0.2.1 192.0.2.2:7",
                           "OGRT_DEADLINE=1s",   "OGRT_ENVIRONMENT=A* B",
                           "OGRT_X=y",           NULL};
    if (size > TEXTFILE_LIMIT)
        return 0;
    char *memory = malloc(size + 2); /* the parser may use one byte at either end */
    memcpy(memory + 1, data, size);
    settings_defaults(&settings);
    settings.filter.path = text_of("/usr/lib/python3/bin/python3");
    settings_parse(&settings, memory + 1, size);
    if (settings.filter.verdict != VERDICT_SKIP)
        settings_override(&settings, environment);

    must(settings.servers, "there are servers");
    walk(settings.servers, NULL);
    walk(settings.job_variables, value_is_name);
    walk(settings.allowed_variables, value_is_name);
    must(settings.environment <= ENVIRONMENT_ALL, "environment");
    if (settings.environment == ENVIRONMENT_LISTED) {
        must(settings.environment_names, "there are names");
        walk(settings.environment_names, value_is_pattern_of_names);
    }
    must(settings.transport <= TRANSPORT_UDP, "transport");
    must(settings.username_source <= USERNAME_PASSWD, "username-source");
    must(settings.port >= 1 && settings.port <= 65535, "port");
    must(settings.deadline_ns >= 1000000 && settings.deadline_ns <= 10000000000, "deadline");
    must(settings.max_record >= 4096 && settings.max_record <= 4 << 20, "max-record");
    must(settings.max_datagram <= 65507, "max-datagram");
    must(settings.room_used <= SETTINGS_ROOM, "room");
    must(!settings.servers_file || *settings.servers_file == '/', "servers-file");
    free(memory);
    return 0;
}
