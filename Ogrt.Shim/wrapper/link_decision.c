/* Which links get a stamp. */
#include "link_command.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the probes of build tools are called: the last part of the output's path. Autoconf, CMake, qmake, Python's
 * distutils. */
static const char *const probe_names[] = {"conftest*", "libconftest*", "cmTC_*", "_configtest*", "sanitycheck*.exe"};

/* Folders in which they are made: CMake up to 3.24 and from 3.25 on, Meson, waf, SCons, qmake. */
static const char *const probe_folders[] = {"CMakeTmp",      "CMakeScratch", "meson-private",
                                            ".conf_check_*", ".sconf_temp*", "config.tests"};

static bool matches(const char *name, const char *const *patterns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fnmatch(patterns[i], name, 0) == 0)
            return true;
    return false;
}

static bool in_probe_folder(const char *path)
{
    char part[NAME_MAX + 1];
    while (*path) {
        size_t length = strcspn(path, "/");
        if (length && length < sizeof part) {
            memcpy(part, path, length);
            part[length] = 0;
            if (matches(part, probe_folders, sizeof probe_folders / sizeof *probe_folders))
                return true;
        }
        path += length;
        path += *path == '/';
    }
    return false;
}

/* Autoconf's first test leaves the name of the output to the compiler. */
static bool autoconf_is_here(void)
{
    static const char *const sources[] = {"conftest.c", "conftest.cpp", "conftest.cc",
                                          "conftest.f", "conftest.F",   "conftest.f90"};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        if (access(sources[i], F_OK) == 0)
            return true;
    return false;
}

static bool is_probe(const char *output)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(output, '/'), *name = slash ? slash + 1 : output;
    if (matches(name, probe_names, sizeof probe_names / sizeof *probe_names) || in_probe_folder(output))
        return true;
    if (!strcmp(output, "a.out") && autoconf_is_here())
        return true;
    return output[0] != '/' && getcwd(folder, sizeof folder) && in_probe_folder(folder);
}

static bool is_pipe(const char *path)
{
    struct stat status;
    return strcmp(path, "/dev/null") != 0 && stat(path, &status) == 0 && !S_ISREG(status.st_mode) &&
           !S_ISDIR(status.st_mode);
}

/* Pipes and devices give their bytes once, so such a link cannot be tried twice. Any option may name one. */
static bool reads_once(const struct link_command *link)
{
    for (size_t i = 0; i < link->words->count; i++) {
        const char *word = link->words->list[i], *equals = strchr(word, '=');
        if (word[0] != '-' ? is_pipe(word) : equals && is_pipe(equals + 1))
            return true;
    }
    return false;
}

const char *link_without_stamp(const struct link_command *link)
{
    struct stat status;
    if (link->asks)
        return "it asks something";
    if (link->runs)
        return "it runs a program";
    if (link->input_count == 0)
        return "there are no files to link";
    if (link->relocatable)
        return "its output will be linked again";
    if (link->foreign_input || link->foreign_output)
        return "not only ELF files are involved";
    /* Kernels, boot loaders and firmware: a further section may end up where their first byte must be. */
    if (!link->interpreted && (link->script || (!link->shared && !link->crt)))
        return "it makes no program or library for this system";
    if (link->recorded)
        return "its inputs are recorded";
    if (!strcmp(link->output, "-") || (stat(link->output, &status) == 0 && !S_ISREG(status.st_mode)))
        return "its output is no file";
    if (is_probe(link->output))
        return "a configure script is trying something";
    if (reads_once(link))
        return "an input can be read only once";
    return NULL;
}
