/* What is read of programs and of callers before a static program is reported, as a normal program under the
 * sanitizers: ELF files and first lines of scripts as they are and with random damage, lists that end at the end of
 * memory, and PATH.
 *
 * usage: logic_exec [ROUNDS [SEED]] */
#include "elf_file.h"
#include "memory.h"
#include "script.h"
#include "search.h"
#include "symbol.h"

#include "checks.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE_SIZE = 4096, HEAD = 512, MOST = 65536 };

extern char **environ;

static struct elf_file read_elf(int fd, unsigned char *buffer, size_t size)
{
    struct window window = {.fd = fd, .bytes = buffer, .size = size};
    return elf_file_read(&window);
}

static void check_elf(const char *path, enum elf_kind kind)
{
    unsigned char *head = malloc(HEAD);
    int fd = open(path, O_RDONLY);
    struct elf_file file = read_elf(fd, head, HEAD);
    CHECK(file.kind == kind && file.native, "%s: kind %d", path, file.kind);
    if (kind == ELF_DYNAMIC) {
        struct window window = {.fd = fd, .bytes = head, .size = HEAD};
        const char *linker = elf_file_linker(&file, &window);
        CHECK(linker && *linker == '/', "%s: its linker", path);
        check_elf(linker, ELF_LIBRARY);
    }
    close(fd);
    free(head);
}

static void take_notes(void *context, const struct notes *notes)
{
    *(size_t *)context += notes->signature.length + notes->build_id.length;
    volatile unsigned char sum = 0;
    for (size_t i = 0; i < notes->build_id.length; i++)
        sum ^= (unsigned char)notes->build_id.bytes[i];
}

/* This program with some bytes changed, most of them in its headers. */
static void check_damaged_elf(int copy, const unsigned char *original, size_t size)
{
    unsigned char *head = malloc(HEAD), *notes = malloc(MOST);
    size_t found = 0, places[8];
    int changes = 1 + (int)pick(8);
    for (int i = 0; i < changes; i++) {
        unsigned char byte = (unsigned char)pick(256);
        places[i] = pick(4) ? pick(HEAD + 512) : pick((unsigned)size);
        CHECK(pwrite(copy, &byte, 1, (off_t)places[i]) == 1, "pwrite");
    }
    struct elf_file file = read_elf(copy, head, HEAD);
    struct window window = {.fd = copy, .bytes = notes, .size = MOST};
    const char *linker = elf_file_linker(&file, &window);
    CHECK(!linker || strlen(linker) < MOST, "a path that does not end");
    elf_file_notes(&file, &window, take_notes, &found);
    for (int i = 0; i < changes; i++)
        CHECK(pwrite(copy, original + places[i], 1, (off_t)places[i]) == 1, "pwrite");
    free(head);
    free(notes);
}

static void check_script(const char *line, const char *interpreter, const char *argument)
{
    struct script script;
    size_t length = strlen(line);
    unsigned char *head = malloc(length + 1);
    memcpy(head, line, length);
    bool good = script_parse(&script, head, length);
    CHECK(good == (interpreter != NULL), "'%s'", line);
    if (good && interpreter) {
        CHECK(strcmp(script.interpreter, interpreter) == 0, "'%s': '%s'", line, script.interpreter);
        CHECK(!script.argument == !argument && (!argument || strcmp(script.argument, argument) == 0), "'%s': '%s'",
              line, script.argument);
    }
    free(head);
}

/* As the kernel takes them (load_script in fs/binfmt_script.c). */
static void check_scripts(void)
{
    char name[400] = "#!/";
    check_script("#!/bin/sh\n", "/bin/sh", NULL);
    check_script("#!/bin/sh", "/bin/sh", NULL);
    check_script("#! \t/bin/sh \t\nmore", "/bin/sh", NULL);
    check_script("#!/bin/sh -e\n", "/bin/sh", "-e");
    check_script("#!/bin/sh  -e  -x \t\n", "/bin/sh", "-e  -x");
    check_script("#!relative\n", "relative", NULL);
    check_script("#!\n", NULL, NULL);
    check_script("#!  \t \n", NULL, NULL);
    check_script("#!", NULL, NULL);
    check_script("#", NULL, NULL);
    check_script("", NULL, NULL);
    check_script("/bin/sh\n", NULL, NULL);
    memset(name + 3, 'a', 300);
    check_script(name, NULL, NULL); /* the end of the name is behind what the kernel reads */
    name[200] = ' ';
    name[255] = 0;
    char cut[400];
    memcpy(cut, name, sizeof cut);
    memset(cut + 255, 'b', 45);
    cut[300] = 0;
    name[200] = 0;
    check_script(cut, name + 2, name + 201); /* that of the argument may be */
}

static void check_random_script(void)
{
    struct text line = some("#! \t\n/ab", 300);
    struct script script;
    if (line.length >= 2 && pick(8)) {
        ((char *)(uintptr_t)line.bytes)[0] = '#';
        ((char *)(uintptr_t)line.bytes)[1] = '!';
    }
    if (script_parse(&script, (const unsigned char *)line.bytes, line.length)) {
        const char *end = script.line + sizeof script.line;
        CHECK(script.interpreter > script.line && script.interpreter + strlen(script.interpreter) < end, "interpreter");
        CHECK(!strpbrk(script.interpreter, " \t\n") && *script.interpreter, "'%s'", script.interpreter);
        CHECK(!script.argument || (*script.argument && script.argument + strlen(script.argument) < end), "argument");
    }
    drop(line);
}

static void check_memory(void)
{
    char *pages = mmap(NULL, 3 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *end = pages + 2 * PAGE_SIZE, *inside[] = {"a", "bc", NULL}, *outside[] = {"a", end, NULL};
    struct strings strings;
    struct memory memory;
    mprotect(end, PAGE_SIZE, PROT_NONE);
    CHECK(memory_open(&memory), "pipe");
    CHECK(strings_measure(&strings, &memory, NULL) && !strings.count && !strings.bytes, "none");
    CHECK(strings_measure(&strings, &memory, inside) && strings.count == 2, "two");
    CHECK(strings.bytes == 5 + 2 * sizeof(char *), "%llu", (unsigned long long)strings.bytes);
    CHECK(!strings_measure(&strings, &memory, outside), "behind the end");
    CHECK(!strings_measure(&strings, &memory, (char **)8), "the first page");
    CHECK(!strings_measure(&strings, &memory, (char **)((char *)inside + 1)), "not aligned");

    memset(pages, 'x', 2 * PAGE_SIZE);
    outside[1] = pages + 1;
    CHECK(!strings_measure(&strings, &memory, outside), "a string without an end");
    end[-1] = 0;
    CHECK(strings_measure(&strings, &memory, outside) && strings.count == 2, "one that ends with the page");
    char **list = (char **)end - 1;
    *list = pages;
    CHECK(!strings_measure(&strings, &memory, list), "a list without an end");
    *list = NULL;
    CHECK(strings_measure(&strings, &memory, list) && !strings.count, "one that ends with the page");

    char *large = malloc(131072);
    memset(large, 'x', 131072);
    char *many[] = {large, NULL};
    CHECK(!strings_measure(&strings, &memory, many), "longer than the kernel takes");
    large[131071] = 0;
    CHECK(strings_measure(&strings, &memory, many) && strings.bytes == 131072 + sizeof(char *), "the longest");
    for (int i = 0; i < 200000; i++) /* more than the pipe holds */
        CHECK(memory_is_readable(&memory, large), "after %d bytes", i);
    memory_close(&memory);
    free(large);
    munmap(pages, 3 * PAGE_SIZE);
}

static void check_search(void)
{
    char folder[] = "/tmp/logic-exec-XXXXXX", path[300], wanted[100], small[8], buffer[100];
    CHECK(mkdtemp(folder), "mkdtemp");
    snprintf(wanted, sizeof wanted, "%s/program", folder);
    int fd = open(wanted, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    snprintf(path, sizeof path, "/nowhere:%s", folder);
    CHECK(search_path("program", path, buffer, sizeof buffer) == SEARCH_NOTHING, "it may not be executed");
    fchmod(fd, 0755);
    CHECK(search_path("program", path, buffer, sizeof buffer) == SEARCH_FOUND && !strcmp(buffer, wanted), "'%s'",
          buffer);
    CHECK(search_path("program", path, small, sizeof small) == SEARCH_NO_ROOM, "no room");
    CHECK(search_path("other", path, buffer, sizeof buffer) == SEARCH_NOTHING, "not there");
    CHECK(search_path("", path, buffer, sizeof buffer) == SEARCH_NOTHING, "no name");
    CHECK(search_path("program", "", buffer, sizeof buffer) == SEARCH_NOTHING, "not in the working directory");
    CHECK(chdir(folder) == 0, "chdir");
    for (const char *const *here = (const char *const[]){"", ":/nowhere", "/nowhere:", "/nowhere::/other", NULL}; *here;
         here++)
        CHECK(search_path("program", *here, buffer, sizeof buffer) == SEARCH_FOUND && !strcmp(buffer, "program"),
              "'%s'", *here);
    CHECK(chdir("/") == 0 && unlink(wanted) == 0 && rmdir(folder) == 0, "the folder");
    close(fd);
}

int main(int argc, char **argv)
{
    long rounds = argc > 1 ? atol(argv[1]) : 100000;
    checks_seed(argc > 2 ? argv[2] : NULL);
    check_elf("/proc/self/exe", ELF_DYNAMIC);
    check_scripts();
    check_memory();
    check_search();
    uintptr_t variable = symbol_variable(_r_debug.r_map, "__environ");
    CHECK(variable && *(char ***)variable == environ, "the environment");
    CHECK(!symbol_variable(_r_debug.r_map, "execve") && !symbol_variable(NULL, "__environ"), "no variable");

    static unsigned char original[1 << 20];
    int self = open("/proc/self/exe", O_RDONLY), copy = memfd_create("copy", MFD_CLOEXEC);
    size_t size = (size_t)read(self, original, sizeof original);
    CHECK(write(copy, original, size) == (ssize_t)size, "copy");
    for (long i = 0; i < rounds; i++) {
        check_random_script();
        if (i % 8 == 0)
            check_damaged_elf(copy, original, size);
    }
    return checks_result();
}
