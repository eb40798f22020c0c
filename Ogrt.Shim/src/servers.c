#include "servers.h"

static bool is_between(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == 0;
}

/* As with value_list, what is written never passes what is yet to be read. Whether a word is an address is seen when it
 * is its turn: of a long list, most never are. */
const char *servers_list(char *bytes, size_t size)
{
    char *start = bytes - 1, *to = start;
    for (size_t at = 0; at < size;) {
        if (bytes[at] == '#') {
            while (at < size && bytes[at] != '\n')
                at++;
        } else if (is_between(bytes[at])) {
            at++;
        } else {
            while (at < size && !is_between(bytes[at]) && bytes[at] != '#')
                *to++ = bytes[at++];
            *to++ = 0;
        }
    }
    *to = 0;
    return to == start ? NULL : start;
}

static unsigned count(const char *list)
{
    unsigned number = 0;
    for (const char *server = list; server; server = list_next(server))
        number++;
    return number;
}

static const char *list_of_file(struct servers *servers, const struct settings *settings, uint64_t user, char *room,
                                size_t size)
{
    if (!settings->servers_file)
        return NULL;
    long result = textfile_read(&servers->file, settings->servers_file, user, room, size);
    if (result) {
        struct problems problems = settings->problems;
        problem_file(&problems, settings->servers_file, result);
        return NULL;
    }
    return servers_list(servers->file.bytes, servers->file.size);
}

void servers_open(struct servers *servers, const struct settings *settings, uint64_t user, char *room, size_t size)
{
    servers->file.region = NULL;
    servers->list = list_of_file(servers, settings, user, room, size);
    if (!servers->list)
        servers->list = settings->servers;
    servers->count = count(servers->list);
}

const char *servers_at(const struct servers *servers, unsigned index)
{
    const char *server = servers->list;
    while (index--)
        server = list_next(server);
    return server;
}

void servers_close(struct servers *servers)
{
    textfile_close(&servers->file);
}
