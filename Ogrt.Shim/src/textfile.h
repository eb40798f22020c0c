/* A small text file that an administrator wrote: read whole, or not at all.
 *
 * It is opened without waiting and read only when it is a regular file, so that a pipe or a device in its place stops
 * no program. It is believed only when those who may write to it are those who could change the library as well: its
 * owner must be root, the owner that configure was told, or the user of this process, and nobody else may write to it.
 * Inside of a user namespace that does not know root, root's files belong to the kernel's overflow user, who is
 * believed for that reason. */
#ifndef OGRT_TEXTFILE_H
#define OGRT_TEXTFILE_H

#include "text.h"

enum {
    TEXTFILE_LIMIT = 16384, /* bytes */
    /* Room for a file of 4096 bytes, the byte in front of it and the one behind. */
    TEXTFILE_ROOM = 4098,
};

/* What else than an error number, which is negative, textfile_read can answer. */
enum textfile_refusal {
    TEXTFILE_NOT_REGULAR = 1,
    TEXTFILE_TOO_LARGE,
    TEXTFILE_WRONG_OWNER,
    TEXTFILE_WRITABLE,
    TEXTFILE_CHANGED, /* it grew or shrank while it was read */
};

struct textfile {
    char *bytes; /* the byte in front and the one behind are the reader's to use as well */
    size_t size;
    void *region; /* null where the room was enough */
};

/* 0, a negative error number, or a refusal; size is 0 then. The file may be changed in memory. user is the effective
 * user of this process. A file that does not fit into the room of size bytes gets memory of its own. To be closed in
 * any case. */
long textfile_read(struct textfile *file, const char *path, uint64_t user, char *room, size_t size);

/* True where there is certainly no such file. */
bool textfile_is_absent(const char *path);

/* A refusal in words. */
const char *textfile_reason(long refusal);

void textfile_close(struct textfile *file);

#endif
