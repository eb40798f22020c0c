#include "settings_keys.h"

#include "address.h"
#include "settings_values.h"

#include <stddef.h>

enum kind { FLAG, WORD, COUNT, DURATION, SIZE, NAMES, SERVERS, PATH, VARIABLES, RULE };

/* Who may set it: the file alone, or a variable as well where allow-env lists it. */
enum source { FILE_ONLY, ANY };

/* A new setting is one line here and a member of struct settings. Names and words lie in the table itself, because
 * pointers to them would need relocation. */
struct key {
    char name[20];
    unsigned char kind, source;
    unsigned short offset;
    uint32_t least, most; /* of a number, in the unit in which it is kept; of a duration, in milliseconds */
    char words[24];       /* of a WORD: strings one behind the other, numbered from 0 */
};

#define IN(member) (unsigned short)offsetof(struct settings, member)

static const struct key keys[] = {
    /* Rules first: some files have many. */
    {"skip", RULE, FILE_ONLY, 0, VERDICT_SKIP, 0, ""},
    {"keep", RULE, FILE_ONLY, 0, VERDICT_KEEP, 0, ""},

    {"enabled", FLAG, FILE_ONLY, IN(enabled), 0, 0, ""},
    {"active-by-default", FLAG, FILE_ONLY, IN(active_by_default), 0, 0, ""},
    {"allow-env", NAMES, FILE_ONLY, IN(allowed_variables), 0, 0, ""},

    {"servers", SERVERS, ANY, IN(servers), 0, 0, ""},
    {"servers-file", PATH, FILE_ONLY, IN(servers_file), 0, 0, ""},
    {"port", COUNT, ANY, IN(port), 1, 65535, ""},
    {"transport", WORD, ANY, IN(transport), 0, 0, "tcp\0udp\0"},
    {"deadline", DURATION, ANY, IN(deadline_ns), 1, 10000, ""},

    {"job-id-variables", NAMES, ANY, IN(job_variables), 0, 0, ""},
    {"username", FLAG, ANY, IN(send_username), 0, 0, ""},
    {"username-source", WORD, FILE_ONLY, IN(username_source), 0, 0, "environment\0passwd\0"},
    {"hostname", FLAG, ANY, IN(send_hostname), 0, 0, ""},
    {"cmdline", FLAG, ANY, IN(send_cmdline), 0, 0, ""},
    {"cwd", FLAG, ANY, IN(send_cwd), 0, 0, ""},
    {"modules", FLAG, ANY, IN(send_modules), 0, 0, ""},
    {"objects", FLAG, ANY, IN(send_objects), 0, 0, ""},
    {"environment", VARIABLES, ANY, IN(environment_names), 0, 0, ""},
    {"send-end", FLAG, ANY, IN(send_end), 0, 0, ""},
    {"report-static", FLAG, ANY, IN(report_static), 0, 0, ""},

    {"max-record", SIZE, ANY, IN(max_record), 4096, 4 << 20, ""},
    {"max-datagram", SIZE, ANY, IN(max_datagram), 0, 65507, ""},
    {"max-arguments", SIZE, ANY, IN(max_arguments), 0, 4 << 20, ""},
    {"max-cmdline", SIZE, ANY, IN(max_cmdline), 0, 4 << 20, ""},
    {"max-environment", SIZE, ANY, IN(max_environment), 0, 4 << 20, ""},
    {"max-modules", SIZE, ANY, IN(max_modules), 0, 4 << 20, ""},
};

enum { KEYS = sizeof keys / sizeof *keys };

_Static_assert(KEYS <= 64, "each key has a bit in settings.given");

int settings_key(struct text name)
{
    for (int i = 0; i < KEYS; i++)
        if (text_equals(name, keys[i].name))
            return i;
    return -1;
}

bool settings_key_repeats(int key)
{
    return keys[key].kind == RULE;
}

/* OGRT_MAX_RECORD is max-record: capitals for small letters, and a low line for the hyphen. */
static bool is_variable_of(struct text name, const char *key)
{
    for (size_t i = 0; i < name.length; i++, key++) {
        char letter = name.bytes[i];
        if (letter >= 'A' && letter <= 'Z')
            letter = (char)(letter - 'A' + 'a');
        else if (letter == '_')
            letter = '-';
        else
            return false;
        if (letter != *key)
            return false;
    }
    return !*key;
}

int settings_key_of_variable(struct text name)
{
    enum { PREFIX = 5 };
    if (name.length <= PREFIX || memcmp(name.bytes, "OGRT_", PREFIX) != 0)
        return -1;
    if (text_equals(name, "OGRT_SERVER")) /* its name since long */
        return settings_key(text_of("servers"));
    name = (struct text){name.bytes + PREFIX, name.length - PREFIX};
    for (int i = 0; i < KEYS; i++)
        if (keys[i].source == ANY && is_variable_of(name, keys[i].name))
            return i;
    return -1;
}

static void set_flag(struct settings *settings, bool *flag, struct text text)
{
    if (text_means_yes(text))
        *flag = true;
    else if (text_means_no(text))
        *flag = false;
    else
        problem(&settings->problems, text, "is neither yes nor no");
}

static void set_word(struct settings *settings, unsigned *number, struct text text, const char *words)
{
    unsigned index = 0;
    for (const char *word = words; word; word = list_next(word), index++)
        if (text_equals(text, word)) {
            *number = index;
            return;
        }
    problem(&settings->problems, text, "is none of the words that can stand here");
}

static void set_number(struct settings *settings, const struct key *key, uint64_t *number, struct text text)
{
    const char *reason = key->kind == COUNT      ? value_count(text, key->least, key->most, number)
                         : key->kind == DURATION ? value_duration(text, key->least, key->most, number)
                                                 : value_size(text, key->least, key->most, number);
    if (reason)
        problem(&settings->problems, text, reason);
}

static bool is_server(struct text text)
{
    struct address address;
    return address_parse_with_port(&address, text, 1);
}

static void set_list(struct settings *settings, const char **list, struct value value, bool (*good)(struct text),
                     const char *reason)
{
    const char *made = value_list(value.bytes, value.length, good, &settings->problems, reason);
    if (made)
        *list = made;
}

static void set_variables(struct settings *settings, struct value value)
{
    struct text text = {value.bytes, value.length};
    if (text_equals(text, "none") || text_means_no(text) || !text.length) {
        settings->environment = ENVIRONMENT_NONE;
    } else if (text_equals(text, "all") || text_means_yes(text)) {
        settings->environment = ENVIRONMENT_ALL;
    } else {
        const char *names = NULL;
        set_list(settings, &names, value, value_is_pattern_of_names, "is no name of a variable");
        if (names) {
            settings->environment_names = names;
            settings->environment = ENVIRONMENT_LISTED;
        }
    }
}

static void set_path(struct settings *settings, const char **path, struct value value)
{
    if (value.length && value.bytes[0] != '/') {
        problem(&settings->problems, (struct text){value.bytes, value.length}, "is no absolute path");
        return;
    }
    value.bytes[value.length] = 0;
    *path = value.length ? value.bytes : NULL;
}

static void set_rule(struct settings *settings, enum verdict verdict, struct text text)
{
    if (path_pattern_is_good(text))
        filter_rule(&settings->filter, verdict, text, settings->problems.line);
    else
        problem(&settings->problems, text, "matches no path: patterns begin with a slash or a star");
}

void settings_set(struct settings *settings, int number, struct value value)
{
    const struct key *key = &keys[number];
    void *member = (char *)settings + key->offset;
    struct text text = {value.bytes, value.length};
    switch ((enum kind)key->kind) {
    case FLAG:
        set_flag(settings, member, text);
        break;
    case WORD:
        set_word(settings, member, text, key->words);
        break;
    case COUNT:
    case DURATION:
    case SIZE:
        set_number(settings, key, member, text);
        break;
    case NAMES:
        if (!value.length) /* no variable at all, which is no mistake */
            *(const char **)member = NULL;
        set_list(settings, member, value, value_is_name, "is no name of a variable");
        break;
    case SERVERS:
        if (!value.length)
            problem(&settings->problems, text, "names no server");
        set_list(settings, member, value, is_server, "is no numeric address; `ogrt servers` resolves names");
        break;
    case VARIABLES:
        set_variables(settings, value);
        break;
    case PATH:
        set_path(settings, member, value);
        break;
    case RULE:
        set_rule(settings, (enum verdict)key->least, text);
        break;
    }
}
