/* The parts of the library that read what others wrote, as a normal program under the address and the undefined
 * behaviour sanitizer: against the C library where it does the same, and with random bytes where nothing may happen.
 *
 * usage: logic [ROUNDS [SEED]] */
#include "address.h"
#include "division.h"
#include "environment.h"
#include "executable.h"
#include "format.h"
#include "notes.h"
#include "procfs.h"
#include "symbol.h"
#include "text.h"
#include "username.h"
#include "wire.h"

#include "checks.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void check_address(struct text text)
{
    char *string = string_of(text);
    unsigned char expected[16];
    struct address address;
    bool v6 = strchr(string, ':') != NULL;
    bool good = address_parse(&address, text, 7971);
    if (v6) {
        /* Ours reads no dotted part in an IPv6 address. */
        if (!strchr(string, '.')) {
            bool wanted = inet_pton(AF_INET6, string, expected) == 1;
            CHECK(good == wanted, "'%s'", string);
            CHECK(!good || !memcmp(&address.as.v6.sin6_addr, expected, 16), "'%s'", string);
        }
    } else {
        bool wanted = inet_pton(AF_INET, string, expected) == 1;
        CHECK(good == wanted, "'%s'", string);
        CHECK(!good || !memcmp(&address.as.v4.sin_addr, expected, 4), "'%s'", string);
    }
    address_parse_with_port(&address, text, 1);
    free(string);
}

static void check_with_port(const char *string, bool good, int family, int port)
{
    struct address address;
    CHECK(address_parse_with_port(&address, text_of(string), 7971) == good, "'%s'", string);
    if (good) {
        CHECK(address.as.any.sa_family == family, "'%s'", string);
        CHECK(ntohs(address.as.v4.sin_port) == port, "'%s'", string);
    }
}

static void check_matches(void)
{
    struct text pattern = some("ab*", 8), text = some("ab", 10);
    char *p = string_of(pattern), *t = string_of(text);
    CHECK(text_matches(text, p) == (fnmatch(p, t, 0) == 0), "'%s' '%s'", p, t);
    free(p);
    free(t);
    drop(pattern);
    drop(text);
}

static void check_number(void)
{
    struct text text = some(pick(4) ? "0123456789" : "0123456789x- ", 22);
    char *string = string_of(text), *end;
    uint64_t value = 0;
    bool good = text_number(text, UINT64_MAX, &value);
    bool digits = text.length && strspn(string, "0123456789") == text.length;
    errno = 0;
    unsigned long long wanted = strtoull(string, &end, 10);
    CHECK(good == (digits && errno == 0), "'%s'", string);
    CHECK(!good || value == wanted, "'%s'", string);
    free(string);
    drop(text);
}

/* Ours against the processor's, with numbers of every length. */
static void check_division(void)
{
    uint64_t dividend = wide() >> pick(64), divisor = wide() >> pick(64), rest;
    if (!divisor)
        return;
    CHECK(divide(dividend, divisor, &rest) == dividend / divisor && rest == dividend % divisor, "%llu / %llu",
          (unsigned long long)dividend, (unsigned long long)divisor);
    int64_t top = (int64_t)dividend, bottom = (int64_t)divisor, left;
    if (top == INT64_MIN && bottom == -1) /* has no answer */
        return;
    CHECK(divide_signed(top, bottom, &left) == top / bottom && left == top % bottom, "%lld / %lld", (long long)top,
          (long long)bottom);
}

static void check_stat(void)
{
    struct text name = some("a) (", 16), bytes = some("1 )(", 80);
    char line[320], *n = string_of(name);
    struct process_stat stat;
    uint64_t ticks = (uint64_t)pick(UINT32_MAX) << 20, parent = pick(3), stack = (uint64_t)pick(7) << 24;
    int length = snprintf(line, sizeof line,
                          "7 (%s) R %llu 5 6 -1 8 9 10 11 12 13 14 15 16 17 18 19 20 21 %llu 23 24 25 26 27 %llu 29\n",
                          n, (unsigned long long)parent, (unsigned long long)ticks, (unsigned long long)stack);
    struct text text = {line, (size_t)length};
    CHECK(stat_parse(&stat, text) && stat.pid == 7 && stat.parent == parent && stat.start_ticks == ticks, "'%s'", line);
    CHECK(stat.stack_start == stack, "'%s'", line);
    stat_parse(&stat, (struct text){line, pick((unsigned)length)});
    stat_parse(&stat, bytes);
    free(n);
    drop(name);
    drop(bytes);
}

static void check_passwd(void)
{
    struct text name;
    CHECK(passwd_line_is(text_of("grace:x:1001:100::/:/bin/sh"), 1001, &name) && text_equals(name, "grace"), "grace");
    CHECK(!passwd_line_is(text_of("grace:x:1001:100::/:/bin/sh"), 100, &name), "grace's group");
    CHECK(!passwd_line_is(text_of("+:::::"), 0, &name), "compatibility entry");
    CHECK(!passwd_line_is(text_of(":x:0:0"), 0, &name), "no name");
    struct text line = some("a:0", 12);
    passwd_line_is(line, 0, &name);
    drop(line);
}

/* As mold lays them out: the notes of 4-byte alignment behind those of 8. And as others might: before them, with
 * padding. */
static void check_notes_aligned_to_8(void)
{
    static const char property[] = "\x04\0\0\0\x08\0\0\0\x05\0\0\0GNU\0\x02\0\0\xc0\x04\0\0\0";
    static const char build_id[] = "\x04\0\0\0\x04\0\0\0\x03\0\0\0GNU\0\1\2\3\4";
    static const char mark[] = "\x05\0\0\0\x26\0\0\0\x54\x52\x47\x4fOGRT\0\0\0\0\x02"
                               "708e1ffd-4ced-45d3-81f3-52e059ea3128\0\0\0";
    unsigned char bytes[256] = {0};
    for (int padded = 0; padded < 2; padded++) {
        size_t size = 0;
        if (padded) {
            memcpy(bytes, build_id, 20);
            memset(bytes + 20, 0, 4);
            size = 24;
        }
        memcpy(bytes + size, property, 24);
        size += 24;
        memcpy(bytes + size, build_id, 20);
        size += 20;
        memcpy(bytes + size, mark, 60);
        size += 60;
        struct notes notes = {{NULL, 0}, {NULL, 0}};
        notes_scan(&notes, bytes, size, 8);
        CHECK(text_equals(notes.signature, "708e1ffd-4ced-45d3-81f3-52e059ea3128"), "watermark, %d", padded);
        CHECK(notes.build_id.length == 4, "build-id, %d", padded);
    }
}

/* A note segment of notes that are nearly right, cut off anywhere. */
static void check_notes(void)
{
    static const char good[] = "\x05\0\0\0\x26\0\0\0\x54\x52\x47\x4fOGRT\0\0\0\0\x01"
                               "708e1ffd-4ced-45d3-81f3-52e059ea3128\0\0\0";
    unsigned char *bytes = malloc(512);
    size_t size = 0;
    while (size + sizeof good < 512 && pick(4)) {
        memcpy(bytes + size, good, sizeof good - 1);
        if (pick(2))
            bytes[size + pick(16)] = (unsigned char)pick(256);
        size += sizeof good - 1;
    }
    size_t cut = size ? pick((unsigned)size + 1) : 0;
    unsigned char *exact = malloc(cut ? cut : 1);
    memcpy(exact, bytes, cut);
    struct notes notes = {{NULL, 0}, {NULL, 0}};
    notes_scan(&notes, exact, cut, pick(2) ? 4 : 8);
    CHECK(!notes.signature.bytes || (notes.signature.bytes >= (char *)exact &&
                                     notes.signature.bytes + notes.signature.length <= (char *)exact + cut),
          "the watermark lies outside");
    CHECK(!notes.build_id.bytes || (notes.build_id.bytes >= (char *)exact &&
                                    notes.build_id.bytes + notes.build_id.length <= (char *)exact + cut),
          "the build-id lies outside");
    free(exact);
    free(bytes);

    notes = (struct notes){{NULL, 0}, {NULL, 0}};
    notes_scan(&notes, (const unsigned char *)good, sizeof good - 1, 4);
    CHECK(text_equals(notes.signature, "708e1ffd-4ced-45d3-81f3-52e059ea3128"), "a good watermark is not read");
    check_notes_aligned_to_8();
}

/* However small the room, a message holds whole fields only. */
static void check_wire(void)
{
    size_t size = pick(64);
    unsigned char *bytes = malloc(size ? size : 1);
    struct wire wire = {bytes, bytes + size, false};
    for (int i = 0; i < 8; i++) {
        struct text text = some("x", 20);
        switch (pick(3)) {
        case 0:
            wire_number(&wire, 300, (uint64_t)1 << pick(64));
            break;
        case 1:
            wire_text(&wire, 1, text);
            break;
        default:
            wire_text_cut(&wire, 308, text);
        }
        drop(text);
        CHECK(wire.at <= wire.end, "written too far");
    }
    for (unsigned char *at = bytes; at < wire.at;) {
        uint64_t value[2] = {0, 0};
        unsigned kind = at[0] & 7;
        for (int i = 0; i < 2; i++)
            for (int shift = 0;; shift += 7) {
                CHECK(at < wire.at, "half a field");
                value[i] |= (uint64_t)(*at & 0x7f) << shift;
                if (!(*at++ & 0x80))
                    break;
            }
        if (kind == 2)
            at += value[1];
        CHECK(at <= wire.at, "half a field");
    }
    free(bytes);
}

static void check_format(void)
{
    char buffer[8];
    struct format format = format_into(buffer, sizeof buffer);
    format_string(&format, "pid ");
    format_number(&format, UINT64_MAX);
    CHECK(!strcmp(format_finish(&format), "pid 184"), "'%s'", buffer);
}

static void check_environment(void)
{
    char *entries[] = {"JOBIDS=1", "JOBID", "JOBID=2", "JOBID=3", "EMPTY=", NULL};
    CHECK(text_equals(environment_get(entries, "JOBID"), "2"), "the first counts");
    CHECK(!environment_get(entries, "JOB").bytes, "a longer name is another");
    CHECK(environment_get(entries, "EMPTY").bytes && !environment_filled(entries, "EMPTY").bytes, "nothing is not set");
    CHECK(environment_name("NAME=a=b").length == 4 && environment_name("NAME").length == 4, "name");
}

static char tree[] = "/tmp/ogrt-logic-XXXXXX";

static void link_to(const char *target, const char *name)
{
    if (symlink(target, name))
        perror(name);
}

/* A few folders, a file, and links of every kind, below the working directory from then on. */
static void make_tree(void)
{
    char absolute[64];
    if (!mkdtemp(tree) || chdir(tree) || mkdir("a", 0700) || mkdir("a/b", 0700))
        perror(tree);
    fclose(fopen("a/b/f", "w"));
    snprintf(absolute, sizeof absolute, "%s/a/b/", tree);
    link_to("a", "l1");
    link_to("./a//b", "l2");
    link_to(absolute, "l3");
    link_to("l4", "l4");
    link_to("../../l1/b", "a/b/l5");
    link_to("b/f", "a/f");
    link_to("/proc/self/exe", "p");
}

/* Where the kernel finds a file, the same is found; what the kernel does not find is never asked for. */
static void check_walk(void)
{
    static const char *const names[] = {"a", "b", "f", "l1", "l2", "l3", "l4", "l5", ".", "..", ""};
    char called[256] = "", found[PATH_MAX], *real;
    struct executable executable;
    if (pick(2))
        sprintf(called, "%s/", tree);
    for (unsigned left = pick(6); left; left--)
        sprintf(called + strlen(called), "%s/", names[pick(sizeof names / sizeof *names)]);
    strcat(called, "f");
    size_t size = pick(4) ? sizeof found : pick(64);
    bool good = executable_walk(&executable, text_of(called), found, size);
    real = realpath(called, NULL);
    struct stat file;
    if (real && size == sizeof found && !stat(real, &file))
        CHECK(good && executable.file.stx_ino == file.st_ino, "'%s'", called);
    if (real && good)
        CHECK(text_equals(executable.path, real), "'%s'", called);
    CHECK(!good || executable.path.length < size, "'%s'", called);
    free(real);
}

static void check_no_walk(const char *called)
{
    char path[PATH_MAX];
    struct executable executable;
    CHECK(!executable_walk(&executable, text_of(called), path, sizeof path), "'%s'", called);
}

/* Every name has a definition in the C library; some have an older version too, which must not be found. */
static void check_symbols(void)
{
    static const char *const names[] = {"on_exit",     "execve",         "execv",  "execvpe",  "fexecve",
                                        "posix_spawn", "posix_spawnp",   "getpid", "realpath", "regexec",
                                        "nftw",        "pthread_create", "qsort",  "glob"};
    const struct link_map *first = _r_debug.r_map;
    void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
    CHECK(libc, "%s", dlerror());
    for (size_t i = 0; libc && i < sizeof names / sizeof *names; i++) {
        uintptr_t found = symbol_in(first, "libc.so.6", names[i]);
        CHECK(found && found == (uintptr_t)dlsym(libc, names[i]), "%s", names[i]);
    }
    CHECK(!symbol_in(first, "libc.so.6", "memcpy"), "chosen by the processor");
    CHECK(!symbol_in(first, "libc.so.6", "ogrt"), "no such function");
    CHECK(!symbol_in(first, "libc.so", "on_exit"), "no such object");
    CHECK(symbol_next(first, "fexecve") == (uintptr_t)dlsym(RTLD_NEXT, "fexecve"), "the next");
    CHECK(!symbol_next(first, "main"), "the executable comes first, not next");
    CHECK(!symbol_in(NULL, "libc.so.6", "on_exit") && !symbol_next(NULL, "execve"), "no list");
}

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? atol(argv[1]) : 100000;
    checks_seed(argc > 2 ? argv[2] : NULL);
    check_with_port("192.0.2.1", true, AF_INET, 7971);
    check_with_port("192.0.2.1:80", true, AF_INET, 80);
    check_with_port("[2001:db8::1]:80", true, AF_INET6, 80);
    check_with_port("[2001:db8::1]", true, AF_INET6, 7971);
    check_with_port("2001:db8::1", true, AF_INET6, 7971);
    check_with_port("192.0.2.1:65536", false, 0, 0);
    check_with_port("[::1]80", false, 0, 0);
    check_with_port("[::1", false, 0, 0);
    check_with_port("example.org:80", false, 0, 0);
    check_with_port("", false, 0, 0);
    make_tree();
    check_no_walk("");
    check_no_walk("a");
    check_no_walk("l4/f");
    check_no_walk("a/g");
    check_no_walk("p");
    check_no_walk("/proc/self/exe");
    check_no_walk("/dev/fd/0");
    check_format();
    check_symbols();
    check_environment();
    for (long i = 0; i < rounds; i++) {
        struct text address = some(pick(2) ? "0:1f" : ".:019", 20);
        check_address(address);
        drop(address);
        check_matches();
        if (i % 16 == 0)
            check_walk();
        check_number();
        check_division();
        check_stat();
        check_passwd();
        check_notes();
        check_wire();
    }
    char remove[64];
    snprintf(remove, sizeof remove, "rm -rf %s", tree);
    CHECK(chdir("/") == 0 && system(remove) == 0, "%s is left behind", tree);
    return checks_result();
}
