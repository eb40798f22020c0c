#include "search.h"

#include "exec_syscalls.h"

#include <errno.h>

enum {
    KIND = 0170000,
    REGULAR = 0100000,
    MAY_EXECUTE = 1,
    MAX_NAME = 255,
};

/* An empty folder is the working directory. */
static bool join(char *buffer, size_t size, const char *folder, size_t length, const char *file)
{
    size_t name = text_length(file), slash = length > 0;
    if (length + slash + name + 1 > size)
        return false;
    memcpy(buffer, folder, length);
    if (slash)
        buffer[length] = '/';
    memcpy(buffer + length + slash, file, name + 1);
    return true;
}

static bool may_be_executed(const char *path)
{
    struct statx status;
    return sys_statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_TYPE, &status) == 0 &&
           (status.stx_mode & KIND) == REGULAR && sys_faccessat(AT_FDCWD, path, MAY_EXECUTE) == 0;
}

enum search_answer search_path(const char *file, const char *path, char *buffer, size_t size)
{
    if (!*file || text_length(file) > MAX_NAME)
        return SEARCH_NOTHING;
    for (;; path++) {
        size_t length = 0;
        while (path[length] && path[length] != ':')
            length++;
        if (!join(buffer, size, path, length, file))
            return SEARCH_NO_ROOM;
        if (may_be_executed(buffer))
            return SEARCH_FOUND;
        path += length;
        if (!*path)
            return SEARCH_NOTHING;
    }
}
