#include "textfile.h"

#include "config.h"
#include "descriptor.h"
#include "syscalls.h"

#include <errno.h>

enum {
    REGION = 1 + TEXTFILE_LIMIT + 1,
    ROOT = 0,
    OVERFLOW_USER = 65534, /* /proc/sys/kernel/overflowuid, which nobody changes */
    WRITABLE_BY_OTHERS = 022,
    KIND = 0170000,
    REGULAR = 0100000,
    MAX_ERROR = 4095,
};

static long refusal(const struct statx *status, uint64_t user)
{
    uint64_t owner = status->stx_uid;
    if ((status->stx_mode & KIND) != REGULAR)
        return TEXTFILE_NOT_REGULAR;
    if (owner != ROOT && owner != OGRT_SETTINGS_OWNER && owner != user && owner != OVERFLOW_USER)
        return TEXTFILE_WRONG_OWNER;
    if (status->stx_mode & WRITABLE_BY_OTHERS)
        return TEXTFILE_WRITABLE;
    return status->stx_size > TEXTFILE_LIMIT ? TEXTFILE_TOO_LARGE : 0;
}

static long make_room(struct textfile *file, uint64_t needed, char *room, size_t size)
{
    file->bytes = room + 1;
    if (needed + 2 <= size)
        return 0;
    long region = sys_mmap_anonymous(REGION);
    if (region < 0 && region >= -MAX_ERROR)
        return region;
    file->region = (void *)region;
    file->bytes = (char *)region + 1;
    return 0;
}

/* Asks for one byte more than there should be: the room for it is there, and its coming tells that the file grew. */
static long fill(struct textfile *file, int fd, size_t size)
{
    long length = sys_read(fd, file->bytes, size + 1);
    if (length < 0)
        return length;
    if ((size_t)length != size)
        return TEXTFILE_CHANGED;
    file->size = size;
    return 0;
}

long textfile_read(struct textfile *file, const char *path, uint64_t user, char *room, size_t size)
{
    struct statx status;
    file->size = 0;
    file->region = NULL;
    int fd = descriptor_open_waitless(path);
    if (fd < 0)
        return fd;
    long result = sys_statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &status);
    if (result == 0)
        result = refusal(&status, user);
    if (result == 0)
        result = make_room(file, status.stx_size, room, size);
    if (result == 0)
        result = fill(file, fd, (size_t)status.stx_size);
    sys_close(fd);
    return result;
}

bool textfile_is_absent(const char *path)
{
    long result = sys_faccessat(AT_FDCWD, path, 0);
    return result == -ENOENT || result == -ENOTDIR;
}

const char *textfile_reason(long refusal)
{
    if (refusal == TEXTFILE_NOT_REGULAR)
        return "it is no regular file";
    if (refusal == TEXTFILE_TOO_LARGE)
        return "it is larger than 16 KB";
    if (refusal == TEXTFILE_WRONG_OWNER)
        return "its owner is neither root, nor the user of this process, nor the one that configure was told";
    if (refusal == TEXTFILE_WRITABLE)
        return "its group or others may write to it";
    return "it changed while it was read";
}

void textfile_close(struct textfile *file)
{
    if (file->region)
        sys_munmap(file->region, REGION);
}
