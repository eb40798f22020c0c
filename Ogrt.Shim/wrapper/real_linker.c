#include "real_linker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_PASSED = 4096 }; /* bytes of OGRT_LD_PASSED: some hundred files */

static const char passed_variable[] = "OGRT_LD_PASSED";

/* Files by device and inode, each as " DEVICE:INODE " with blanks around. */
struct passed {
    char list[MAX_PASSED];
};

static void key_of(char key[64], const struct stat *status)
{
    snprintf(key, 64, " %llx:%llx ", (unsigned long long)status->st_dev, (unsigned long long)status->st_ino);
}

static bool has_passed(const struct passed *passed, const struct stat *status)
{
    char key[64];
    key_of(key, status);
    return strstr(passed->list, key) != NULL;
}

static void pass(struct passed *passed, const struct stat *status)
{
    char key[64];
    key_of(key, status);
    if (strlen(passed->list) + strlen(key) < sizeof passed->list)
        strcat(passed->list, key);
}

/* An executable file that is none of those passed. */
static bool is_next(const struct passed *passed, const char *path)
{
    struct stat status;
    return access(path, X_OK) == 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
           !has_passed(passed, &status);
}

/* folders: with colons between them; an empty one is the working folder, as in PATH. */
static bool search(char path[PATH_MAX], const char *folders, const char *prefix, const char *name,
                   const struct passed *passed)
{
    while (folders) {
        size_t length = strcspn(folders, ":");
        const char *slash = length && folders[length - 1] != '/' ? "/" : "";
        int size = snprintf(path, PATH_MAX, "%.*s%s%s%s", (int)length, folders, slash, prefix, name);
        if (size > 0 && size < PATH_MAX && is_next(passed, path))
            return true;
        folders = folders[length] ? folders + length + 1 : NULL;
    }
    return false;
}

static bool search_all(char path[PATH_MAX], const char *name, const struct target *target, const struct passed *passed)
{
    char prefix[64] = "";
    const char *named = getenv("OGRT_REAL_LD"), *folders = getenv("PATH");
    if (named && *named && strlen(named) < PATH_MAX && is_next(passed, named)) {
        strcpy(path, named);
        return true;
    }
    if (target && target != target_of_host())
        snprintf(prefix, sizeof prefix, "%s-", target->triplet);
    return search(path, getenv("COMPILER_PATH"), "", name, passed) ||
           (*prefix && search(path, folders, prefix, name, passed)) || search(path, folders, "", name, passed) ||
           search(path, "/usr/local/bin:/usr/bin:/bin", "", name, passed);
}

bool real_linker_find(struct real_linker *linker, const char *name, const struct target *target)
{
    static struct passed passed;
    struct stat status;
    const char *before = getenv(passed_variable);
    if (before && strlen(before) < sizeof passed.list)
        strcpy(passed.list, before);
    bool known = stat("/proc/self/exe", &status) == 0;
    linker->nested = known && *passed.list;
    if (known)
        pass(&passed, &status);
    if (!search_all(linker->path, name, target, &passed))
        return false;
    if (stat(linker->path, &status) == 0)
        pass(&passed, &status);
    return setenv(passed_variable, passed.list, 1) == 0;
}

void real_linker_forget(void)
{
    unsetenv(passed_variable);
}
