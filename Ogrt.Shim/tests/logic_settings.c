/* The settings file, the servers file and the filter, as a normal program under the sanitizers: what each line sets,
 * and random bytes, after which every value must still be one that the key allows.
 *
 * usage: logic_settings [ROUNDS [SEED]] */
#include "filter.h"
#include "servers.h"
#include "settings_keys.h"
#include "settings_values.h"

#include "checks.h"
#include "config.h"

/* A settings file in memory of exactly its size and the two bytes that the parser may use. */
struct sample {
    struct settings settings;
    char *memory;
};

static struct sample *parse(struct text text, const char *path)
{
    struct sample *sample = calloc(1, sizeof *sample); /* padding too, because whole structures are compared */
    sample->memory = malloc(text.length + 2);
    memcpy(sample->memory + 1, text.bytes, text.length);
    settings_defaults(&sample->settings);
    sample->settings.filter.path = text_of(path);
    settings_parse(&sample->settings, sample->memory + 1, text.length);
    return sample;
}

static void end(struct sample *sample)
{
    free(sample->memory);
    free(sample);
}

/* "a b" for the list of a and b. */
static char *joined(const char *list)
{
    static char text[4096];
    text[0] = 0;
    for (const char *word = list; word; word = list_next(word)) {
        strcat(text, word == list ? "" : " ");
        strcat(text, word);
    }
    return text;
}

#define SETS(line, condition)                                                                                          \
    do {                                                                                                               \
        struct sample *sample = parse(text_of(line), "/usr/bin/true");                                                 \
        const struct settings *s = &sample->settings;                                                                  \
        CHECK((condition) && !s->problems.count, "after '%s'", line);                                                  \
        end(sample);                                                                                                   \
    } while (0)

/* A line that is wrong leaves everything as it was and is counted once. */
static void refuses(const char *line)
{
    struct sample *sample = parse(text_of(line), NULL), *none = parse(text_of(""), NULL);
    CHECK(sample->settings.problems.count == 1, "%u problems with '%s'", sample->settings.problems.count, line);
    sample->settings.problems = none->settings.problems;
    sample->settings.given = none->settings.given;
    CHECK(!memcmp(&sample->settings, &none->settings, offsetof(struct settings, file)), "'%s' has set something", line);
    end(sample);
    end(none);
}

static void check_lines(void)
{
    SETS("transport = udp", s->transport == TRANSPORT_UDP);
    SETS("\t transport\t=\tudp \r\n", s->transport == TRANSPORT_UDP);
    SETS("# transport = udp\n  # transport = tcp\n\n\n", s->transport == OGRT_TRANSPORT);
    SETS("deadline = 7", s->deadline_ns == 7000000);
    SETS("deadline = 7ms", s->deadline_ns == 7000000);
    SETS("deadline = 1500us", s->deadline_ns == 1500000);
    SETS("deadline = 2 s", s->deadline_ns == 2000000000);
    SETS("port = 65535", s->port == 65535);
    SETS("max-record = 4K", s->max_record == 4096);
    SETS("max-record = 4M", s->max_record == 4 << 20);
    SETS("max-datagram = 0", s->max_datagram == 0);
    SETS("servers = 192.0.2.1, [2001:db8::1]:80,,2001:db8::2",
         !strcmp(joined(s->servers), "192.0.2.1 [2001:db8::1]:80 2001:db8::2"));
    SETS("servers=1.2.3.4", !strcmp(joined(s->servers), "1.2.3.4"));
    SETS("job-id-variables = A B", !strcmp(joined(s->job_variables), "A B"));
    SETS("job-id-variables =", !s->job_variables);
    SETS("allow-env = OGRT_SERVER", !strcmp(joined(s->allowed_variables), "OGRT_SERVER"));
    SETS("environment = none", s->environment == ENVIRONMENT_NONE);
    SETS("environment = all", s->environment == ENVIRONMENT_ALL);
    SETS("environment = SLURM_*,PATH",
         s->environment == ENVIRONMENT_LISTED && !strcmp(joined(s->environment_names), "SLURM_* PATH"));
    SETS("servers-file = /a b/c", !strcmp(s->servers_file, "/a b/c"));
    SETS("servers-file =", !s->servers_file);
    SETS("enabled = no\nhostname = 0\ncmdline = false\nsend-end = yes\nreport-static = 1",
         !s->enabled && !s->send_hostname && !s->send_cmdline && s->send_end && s->report_static);
    SETS("skip = /bin\nkeep = /usr\nskip = /usr/bin/true\nkeep = **",
         s->filter.verdict == VERDICT_KEEP && s->filter.line == 2);
    SETS("skip = /usr/bin/tru\nskip = /us*", s->filter.verdict == VERDICT_NONE && s->filter.ruled);
    /* What comes behind a rule that skips is not needed any more. */
    SETS("skip = /usr\ntransport = udp", s->filter.verdict == VERDICT_SKIP && s->transport == OGRT_TRANSPORT);

    refuses("transport = sctp");
    refuses("transport = udp tcp");
    refuses("transport = udp # not a comment");
    refuses("transport udp");
    refuses("Transport = udp");
    refuses("= udp");
    refuses("deadline = 0");
    refuses("deadline = 10001ms");
    refuses("deadline = 11s");
    refuses("deadline = 99999999999");
    refuses("deadline = 7 minutes");
    refuses("deadline = -7");
    refuses("deadline =");
    refuses("port = 0");
    refuses("port = 65536");
    refuses("max-record = 5G");
    refuses("max-record = 4095");
    refuses("max-record = 4294967295M");
    refuses("servers =");
    refuses("servers = example.org");
    refuses("job-id-variables = A-B");
    refuses("environment = A=B");
    refuses("servers-file = relative");
    refuses("hostname = perhaps");
    refuses("skip = bin");
    refuses("skip =");
    refuses("no-such-key = 1");
    refuses("cwd = n\1o");
}

/* Of a list with one bad word the others count. */
static void check_partly_bad(void)
{
    struct sample *sample = parse(text_of("servers = name 192.0.2.1 192.0.2.256"), NULL);
    CHECK(sample->settings.problems.count == 2 && !strcmp(joined(sample->settings.servers), "192.0.2.1"), "'%s'",
          joined(sample->settings.servers));
    end(sample);
    sample = parse(text_of("port = 1\nport = 2"), NULL);
    CHECK(sample->settings.problems.count == 1 && sample->settings.port == 2, "the last line counts");
    end(sample);
    /* A null byte would end a value early. */
    sample = parse((struct text){"servers-file = /a\0b", 19}, NULL);
    CHECK(sample->settings.problems.count == 1 && !sample->settings.servers_file, "null");
    end(sample);
}

static void check_overrides(void)
{
    char long_list[600] = "OGRT_JOB_ID_VARIABLES=";
    memset(long_list + 22, 'X', sizeof long_list - 23);
    long_list[599] = 0;
    char *environment[] = {"OGRT_TRANSPORT=udp",
                           "OGRT_DEADLINE=1s",
                           "OGRT_SERVER=192.0.2.9:9",
                           "OGRT_ENABLED=no",
                           "OGRT_SERVERS_FILE=/x",
                           "OGRT_MAX_RECORD=8K",
                           long_list,
                           NULL};
    struct sample *sample = parse(text_of("servers-file = /s\nallow-env = OGRT_TRANSPORT,OGRT_MAX_RECORD OGRT_ENABLED "
                                          "OGRT_SERVERS_FILE OGRT_JOB_ID_VARIABLES OGRT_NOT_SET"),
                                  NULL);
    struct settings *s = &sample->settings;
    const char *jobs = s->job_variables;
    settings_override(s, environment);
    CHECK(s->transport == TRANSPORT_UDP && s->max_record == 8192, "the allowed ones count");
    CHECK(s->deadline_ns != 1000000000 && strcmp(s->servers, "192.0.2.9:9"), "the others do not");
    CHECK(s->enabled && !strcmp(s->servers_file, "/s") && s->job_variables == jobs, "and some never do");
    CHECK(s->problems.count == 3, "%u problems", s->problems.count);
    end(sample);
    sample = parse(text_of("servers-file = /s\nallow-env = OGRT_SERVER"), NULL);
    settings_override(&sample->settings, environment);
    CHECK(!strcmp(sample->settings.servers, "192.0.2.9:9") && !sample->settings.servers_file,
          "that server and no other");
    CHECK(!strcmp(environment[2], "OGRT_SERVER=192.0.2.9:9"), "the environment stays as it was");
    end(sample);
}

static void check_switches(void)
{
    char *environment[] = {
        "OGRT_ACTIVATE=1", "OGRT_ACTIVE=true", "OGRT_ACTIVE=no", "OGRT_TRACE=1", "OGRT_", "O", "", NULL};
    struct switches switches = switches_read(environment);
    CHECK(switches.active == SWITCH_ON && switches.trace && !switches.debug, "the first counts");
    char *silent[] = {"OGRT_DEBUG_INFO=1", "OGRT_TRACE=yes", "OGRT_SCHLEICHFAHRT=1", NULL};
    switches = switches_read(silent);
    CHECK(switches.active == SWITCH_UNSET && !switches.trace && !switches.debug, "silence");
}

/* The same by definition, with recursion: what the library's matcher must agree with. */
static bool matches(const char *pattern, const char *start, const char *path)
{
    if (!*pattern)
        return !*path;
    if (pattern[0] == '*' && pattern[1] == '*') {
        if (pattern[2] == '/' && (pattern == start || pattern[-1] == '/')) {
            for (const char *from = path;; from++) {
                if ((from == path || from[-1] == '/') && matches(pattern + 3, start, from))
                    return true;
                if (!*from)
                    return false;
            }
        }
        for (;; path++) {
            if (matches(pattern + 2, start, path))
                return true;
            if (!*path)
                return false;
        }
    }
    if (*pattern == '*') {
        for (;; path++) {
            if (matches(pattern + 1, start, path))
                return true;
            if (!*path || *path == '/')
                return false;
        }
    }
    return *pattern == *path && matches(pattern + 1, start, path + 1);
}

static void check_pattern(const char *pattern, const char *path, bool wanted)
{
    CHECK(path_matches(text_of(path), text_of(pattern)) == wanted, "'%s' '%s'", pattern, path);
}

static void check_patterns(void)
{
    check_pattern("/usr/bin", "/usr/bin", true);
    check_pattern("/usr/bin", "/usr/bin/ls", true);
    check_pattern("/usr/bin/", "/usr/bin/ls", true);
    check_pattern("/usr/bin", "/usr/bins", false);
    check_pattern("/usr/bin", "/usr/bi", false);
    check_pattern("/", "/usr/bin/ls", true);
    check_pattern("/usr/*/ls", "/usr/bin/ls", true);
    check_pattern("/usr/*/ls", "/usr/local/bin/ls", false);
    check_pattern("/usr/**/ls", "/usr/local/bin/ls", true);
    check_pattern("/usr/**/ls", "/usr/ls", true);
    check_pattern("/usr/**/ls", "/usr/local/bin/els", false);
    check_pattern("/usr/**ls", "/usr/local/bin/els", true);
    check_pattern("**/python*", "/opt/python/3/bin/python3.11", true);
    check_pattern("**/python*", "/opt/python/3/bin/perl", false);
    check_pattern("*", "/usr", false);
    check_pattern("**", "/usr/bin/ls", true);
    check_pattern("/usr/bin/*", "/usr/bin/", true);
    check_pattern("/usr/bin/*", "/usr/bin", false);
}

static void check_random_pattern(void)
{
    struct text pattern = some("ab/**", 9), path = some("ab/", 12);
    char *p = string_of(pattern), *t = string_of(path);
    if (strchr(p, '*'))
        CHECK(path_matches(path, pattern) == matches(p, p, t), "'%s' '%s'", p, t);
    else
        path_matches(path, pattern);
    free(p);
    free(t);
    drop(pattern);
    drop(path);
}

static void check_servers(void)
{
    char text[] = "x# two of them\n192.0.2.1 # the first\r\n\n  [2001:db8::1]:80,192.0.2.2#last\nx";
    const char *list = servers_list(text + 1, sizeof text - 3);
    CHECK(list && !strcmp(joined(list), "192.0.2.1 [2001:db8::1]:80 192.0.2.2"), "'%s'", joined(list));
    char none[] = "x # nothing\n \r\nx";
    CHECK(!servers_list(none + 1, sizeof none - 3), "nothing");
}

static void check_random_servers(void)
{
    struct text text = some(pick(3) ? "12.:# \n," : "", 60);
    char *memory = malloc(text.length + 2);
    memcpy(memory + 1, text.bytes, text.length);
    const char *list = servers_list(memory + 1, text.length);
    for (const char *word = list; word; word = list_next(word))
        CHECK(word >= memory && *word && !strpbrk(word, " \n\r\t,#"), "'%s'", word);
    free(memory);
    drop(text);
}

static bool list_is_inside(const char *list, const struct sample *sample, size_t size)
{
    if (list < sample->memory || list > sample->memory + size)
        return true; /* the built-in one */
    while (list_next(list))
        list = list_next(list);
    return list + strlen(list) + 2 <= sample->memory + size + 2;
}

/* Lines that are nearly right. */
static void check_random_lines(void)
{
    static const char words[][20] = {"servers",
                                     "=",
                                     " ",
                                     "\n",
                                     "\n",
                                     "127.0.0.1",
                                     ",",
                                     "port",
                                     "1",
                                     "deadline",
                                     "ms",
                                     "#",
                                     "environment",
                                     "A*",
                                     "skip",
                                     "keep",
                                     "/usr",
                                     "**",
                                     "max-record",
                                     "K",
                                     "4294967295",
                                     "job-id-variables",
                                     "servers-file",
                                     "transport",
                                     "udp",
                                     "yes",
                                     "hostname",
                                     "\r"};
    char text[512];
    size_t size = 0;
    while (size + 20 < sizeof text && pick(40)) {
        const char *word = words[pick(sizeof words / sizeof *words)];
        memcpy(text + size, word, strlen(word));
        size += strlen(word);
        if (!pick(30))
            text[size++] = (char)pick(256);
    }
    struct sample *sample = parse((struct text){text, size}, "/usr/bin/true");
    const struct settings *s = &sample->settings;
    CHECK(s->transport <= TRANSPORT_UDP && s->environment <= ENVIRONMENT_ALL && s->port >= 1 && s->port <= 65535 &&
              s->deadline_ns >= 1000000 && s->deadline_ns <= 10000000000 && s->max_record >= 4096 &&
              s->max_record <= 4 << 20,
          "a value that cannot be: '%.*s'", (int)size, text);
    CHECK(s->servers && list_is_inside(s->servers, sample, size), "servers: '%.*s'", (int)size, text);
    CHECK(!s->job_variables || list_is_inside(s->job_variables, sample, size), "variables: '%.*s'", (int)size, text);
    CHECK(s->environment != ENVIRONMENT_LISTED || list_is_inside(s->environment_names, sample, size), "names: '%.*s'",
          (int)size, text);
    end(sample);
}

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? atol(argv[1]) : 100000;
    checks_seed(argc > 2 ? argv[2] : NULL);
    check_lines();
    check_partly_bad();
    check_overrides();
    check_switches();
    check_patterns();
    check_servers();
    for (long i = 0; i < rounds; i++) {
        check_random_pattern();
        check_random_servers();
        check_random_lines();
    }
    return checks_result();
}
