#include "preload.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The dynamic linker takes both: ld.so(8). */
static const char separators[] = ": \t\n";

static bool contains(const char *list, const char *library)
{
    size_t length = strlen(library);
    while (*list) {
        size_t item = strcspn(list, separators);
        if (item == length && memcmp(list, library, length) == 0)
            return true;
        list += item;
        list += strspn(list, separators);
    }
    return false;
}

char *preload_with(const char *present, const char *library)
{
    if (!present || !*present)
        return strdup(library);
    if (contains(present, library))
        return NULL;
    size_t first = strlen(present), second = strlen(library);
    char *both = malloc(first + second + 2);
    if (both) {
        memcpy(both, present, first);
        both[first] = ':';
        memcpy(both + first + 1, library, second + 1);
    }
    return both;
}

static bool readable(const char *path)
{
    return faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0;
}

bool preload_is_there(const char *library)
{
    const char *token = strchr(library, '$');
    if (!token)
        return readable(library);
    size_t name = strncmp(token, "$LIB", 4) == 0 ? 4 : strncmp(token, "${LIB}", 6) == 0 ? 6 : 0;
    if (!name || strchr(token + 1, '$'))
        return true; /* not for us to say */
    static const char *const folders[] = {"lib64", "lib", "lib/x86_64-linux-gnu", "lib/aarch64-linux-gnu"};
    for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++) {
        char path[4096];
        int length = snprintf(path, sizeof path, "%.*s%s%s", (int)(token - library), library, folders[i], token + name);
        if (length > 0 && (size_t)length < sizeof path && readable(path))
            return true;
    }
    return false;
}
