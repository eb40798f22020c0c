#include "output_file.h"

#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool write_all(int descriptor, const void *bytes, size_t size)
{
    const char *from = bytes;
    while (size) {
        ssize_t written = write(descriptor, from, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        from += written;
        size -= (size_t)written;
    }
    return true;
}

static bool write_special(const char *path, const void *bytes, size_t size)
{
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    bool good = descriptor >= 0 && write_all(descriptor, bytes, size);
    if (descriptor >= 0 && close(descriptor) != 0)
        good = false;
    if (!good)
        say_error("cannot write to %s: %s", path, strerror(errno));
    return good;
}

/* A link is followed, so that it stays one. */
static char *target_of(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : strdup(path);
}

/* A name that is not on the disk yet is the old file after a power failure, which is as good: nothing is said of it. */
static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    int descriptor = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    free(folder);
    if (descriptor < 0)
        return;
    (void)fsync(descriptor);
    close(descriptor);
}

static bool replace(const char *path, char *beside, const void *bytes, size_t size)
{
    int descriptor = mkostemp(beside, O_CLOEXEC);
    if (descriptor < 0) {
        say_error("cannot make a file beside %s: %s", path, strerror(errno));
        return false;
    }
    bool good = write_all(descriptor, bytes, size) && fchmod(descriptor, 0644) == 0 && fsync(descriptor) == 0;
    int error = errno;
    if (close(descriptor) != 0 && good) {
        good = false;
        error = errno;
    }
    if (good && rename(beside, path) != 0) {
        good = false;
        error = errno;
    }
    if (good) {
        sync_folder(path);
    } else {
        unlink(beside);
        say_error("cannot write %s: %s", path, strerror(error));
    }
    return good;
}

bool output_file_write(const char *path, const void *bytes, size_t size)
{
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return write_special(path, bytes, size);
    char *target = target_of(path);
    char *beside = target ? malloc(strlen(target) + sizeof ".XXXXXX") : NULL;
    bool good = false;
    if (beside) {
        memcpy(beside, target, strlen(target));
        memcpy(beside + strlen(target), ".XXXXXX", sizeof ".XXXXXX");
        good = replace(target, beside, bytes, size);
    } else {
        say_error("out of memory");
    }
    free(beside);
    free(target);
    return good;
}
