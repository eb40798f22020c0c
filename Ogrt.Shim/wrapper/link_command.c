#include "link_command.h"

#include <stdlib.h>
#include <string.h>

/* Options whose value is the next word. Long ones are also written with one dash, and with = and the value; ld, gold,
 * lld and mold agree on these, where they know them. An option that is missing here makes its value look like an input
 * file, which is harmless: it is no ELF file. */
static const char *const with_value[] = {
    "A",
    "F",
    "I",
    "L",
    "O",
    "R",
    "T",
    "Y",
    "b",
    "c",
    "e",
    "f",
    "h",
    "l",
    "m",
    "o",
    "u",
    "y",
    "z",
    "a",
    "G",
    "architecture",
    "assert",
    "auxiliary",
    "chroot",
    "default-script",
    "defsym",
    "dependency-file",
    "dT",
    "dynamic-linker",
    "dynamic-list",
    "entry",
    "exclude-libs",
    "export-dynamic-symbol",
    "export-dynamic-symbol-list",
    "filter",
    "fini",
    "format",
    "gpsize",
    "hash-style",
    "init",
    "just-symbols",
    "library",
    "library-path",
    "Map",
    "mllvm",
    "mri-script",
    "oformat",
    "out-implib",
    "output",
    "plugin",
    "plugin-opt",
    "reproduce",
    "require-defined",
    "retain-symbols-file",
    "rpath",
    "rpath-link",
    "script",
    "section-start",
    "soname",
    "sort-section",
    "Tbss",
    "Tdata",
    "Tldata-segment",
    "Trodata-segment",
    "Ttext",
    "Ttext-segment",
    "task-link",
    "trace-symbol",
    "undefined",
    "unresolved-symbols",
    "version-script",
    "wrap",
    "thread-count",
    "image-base",
};

static const char *const questions[] = {
    "v", "V", "version", "help", "target-help", "print-output-format", "print-sysroot", "print-supported-targets",
};

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(name, list[i]))
            return true;
    return false;
}

#define IS_ONE_OF(name, list) is_one_of(name, list, sizeof list / sizeof *list)

static bool is_elf_format(const char *format)
{
    return !strcmp(format, "default") || !strcmp(format, "elf") || !strncmp(format, "elf32-", 6) ||
           !strncmp(format, "elf64-", 6);
}

static bool is_crt(const char *path)
{
    size_t length = strlen(path);
    return length >= 6 && !strcmp(path + length - 6, "crt1.o"); /* crt1.o, Scrt1.o, gcrt1.o, grcrt1.o, rcrt1.o */
}

static void take_input(struct link_command *link, const char *path)
{
    link->inputs[link->input_count++] = path;
    if (is_crt(path))
        link->crt = true;
}

static void take_value(struct link_command *link, const char *name, const char *value)
{
    if (!strcmp(name, "o") || !strcmp(name, "output"))
        link->output = value;
    else if (!strcmp(name, "m"))
        link->emulation = value;
    else if (!strcmp(name, "l") || !strcmp(name, "library"))
        link->libraries[link->library_count++] = value;
    else if (!strcmp(name, "T") || !strcmp(name, "script"))
        link->script = true;
    else if (!strcmp(name, "I") || !strcmp(name, "dynamic-linker"))
        link->interpreted = true;
    else if (!strcmp(name, "b") || !strcmp(name, "format"))
        link->foreign_input = !is_elf_format(value);
    else if (!strcmp(name, "oformat"))
        link->foreign_output = !is_elf_format(value);
    else if (!strcmp(name, "c") || !strcmp(name, "mri-script"))
        link->foreign_input = true;
    else if (!strcmp(name, "dependency-file"))
        link->dependency_file = value;
    else if (!strcmp(name, "reproduce"))
        link->recorded = true;
}

static void take_flag(struct link_command *link, const char *name)
{
    if (!strcmp(name, "r") || !strcmp(name, "i") || !strcmp(name, "Ur") || !strcmp(name, "relocatable"))
        link->relocatable = true;
    else if (!strcmp(name, "shared") || !strcmp(name, "Bshareable"))
        link->shared = true;
    else if (!strcmp(name, "no-dynamic-linker"))
        link->interpreted = false;
    else if (!strcmp(name, "repro"))
        link->recorded = true;
    else if (!strcmp(name, "run"))
        link->runs = true;
    else if (IS_ONE_OF(name, questions))
        link->asks = true;
}

/* option: the word without its dashes. Returns how many of the following words belong to it. */
static size_t take_option(struct link_command *link, const char *option, bool one_dash, const char *next)
{
    const char *equals = strchr(option, '=');
    char name[40];
    if (IS_ONE_OF(option, with_value)) {
        if (!next)
            return 0;
        take_value(link, option, next);
        return 1;
    }
    if (equals && (size_t)(equals - option) < sizeof name) {
        memcpy(name, option, (size_t)(equals - option));
        name[equals - option] = 0;
        if (strlen(name) > 1 && IS_ONE_OF(name, with_value)) {
            take_value(link, name, equals + 1);
            return 0;
        }
    }
    take_flag(link, option);
    /* -lm, -melf_x86_64, -Tscript; but not -init or -export-dynamic, which are names. */
    if (one_dash && option[1] && strchr("lmoLT", option[0]) && strcmp(option, "omagic") != 0) {
        name[0] = option[0];
        name[1] = 0;
        take_value(link, name, option + 1);
    }
    return 0;
}

bool link_command_read(struct link_command *link, const struct words *words)
{
    memset(link, 0, sizeof *link);
    link->words = words;
    link->output = "a.out";
    link->inputs = calloc(words->count + 1, sizeof *link->inputs);
    link->libraries = calloc(words->count + 1, sizeof *link->libraries);
    if (!link->inputs || !link->libraries)
        return false;
    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->list[i];
        if (word[0] != '-' || !word[1])
            take_input(link, word);
        else if (word[1] == '-')
            i += take_option(link, word + 2, false, i + 1 < words->count ? words->list[i + 1] : NULL);
        else
            i += take_option(link, word + 1, true, i + 1 < words->count ? words->list[i + 1] : NULL);
    }
    return true;
}

void link_command_free(struct link_command *link)
{
    free(link->inputs);
    free(link->libraries);
}
