#include "settings.h"

#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char library_default[] = OGRT_SPANK_LIBRARY;

static bool yes_or_no(const char *value, bool *result)
{
    if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
        return false;
    *result = value[0] == 'y';
    return true;
}

static bool active_of(const char *value, enum active *active)
{
    static const char *const words[] = {[ACTIVE_YES] = "yes", [ACTIVE_OPT_IN] = "opt-in", [ACTIVE_NO] = "no"};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(value, words[i]) == 0) {
            *active = (enum active)i;
            return true;
        }
    }
    return false;
}

static bool milliseconds(const char *value, int *result)
{
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (errno || end == value || *end || number < 1 || number > MAX_DEADLINE_MS)
        return false;
    *result = (int)number;
    return true;
}

static bool add_server(struct settings *settings, const char *server, size_t length)
{
    if (settings->server_count == MAX_SERVERS || settings->server_text_length + length >= MAX_SERVER_TEXT)
        return false;
    char *to = settings->server_text + settings->server_text_length;
    memcpy(to, server, length);
    to[length] = '\0';
    settings->server_text_length += (unsigned)length + 1;
    settings->servers[settings->server_count++] = to;
    return true;
}

/* One server, or several with commas between them. */
static bool add_servers(struct settings *settings, const char *list)
{
    bool added = false;
    while (*list) {
        size_t length = strcspn(list, ",");
        if (length && !add_server(settings, list, length))
            return false;
        added = added || length;
        list += length;
        list += strspn(list, ",");
    }
    return added;
}

static bool add_variable(struct settings *settings, const char *assignment)
{
    const char *equals = strchr(assignment, '=');
    if (!equals || equals == assignment || settings->variable_count == MAX_VARIABLES)
        return false;
    settings->variables[settings->variable_count++] = assignment;
    return true;
}

/* What stands behind NAME= in a word; null for another name. */
static const char *value_of(const char *word, const char *name)
{
    size_t length = strlen(name);
    return strncmp(word, name, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

static bool read_word(struct settings *settings, const char *word)
{
    const char *value;
    if ((value = value_of(word, "library"))) {
        settings->library = value;
        return value[0] == '/';
    }
    if ((value = value_of(word, "active")))
        return active_of(value, &settings->active);
    if ((value = value_of(word, "opt-out")))
        return yes_or_no(value, &settings->opt_out);
    if ((value = value_of(word, "send-job")))
        return yes_or_no(value, &settings->send_job);
    if ((value = value_of(word, "ask-controller")))
        return yes_or_no(value, &settings->ask_controller);
    if ((value = value_of(word, "deadline-ms")))
        return milliseconds(value, &settings->deadline_ms);
    if ((value = value_of(word, "server")))
        return add_servers(settings, value);
    if ((value = value_of(word, "env")))
        return add_variable(settings, value);
    if ((value = value_of(word, "transport"))) {
        settings->datagrams = strcmp(value, "udp") == 0;
        return settings->datagrams || strcmp(value, "tcp") == 0;
    }
    return false;
}

void settings_read(struct settings *settings, int count, char **words, void (*tell)(const char *format, ...))
{
    *settings = (struct settings){
        .library = library_default,
        .active = ACTIVE_YES,
        .send_job = true,
        .ask_controller = true,
        .deadline_ms = DEFAULT_DEADLINE_MS,
    };
    for (int i = 0; i < count; i++) {
        if (!read_word(settings, words[i]) && tell)
            tell("ogrt: plugstack.conf: '%s' is not understood and has no effect: docs/slurm.md lists the options",
                 words[i]);
    }
    if (settings->library[0] != '/')
        settings->library = library_default;
}
