#include "executable.h"

#include "syscalls.h"

#include <errno.h>

#define SELF "/proc/self/exe"

enum {
    /* A path as called that is longer, with the links that it leads through, goes the dear way. */
    MAX_CALLED = 512,
    MAX_LINKS = 16,
    /* Interpreters put the path of the script into the arguments: each of the kernel's five levels brings at most an
     * interpreter and one argument more in front of it. */
    MAX_SCRIPT_ARGUMENTS = 12,
    /* A process gets here within a few milliseconds of its exec, and a file that took the place of another since then
     * has been changed since then (rename sets the time of the last change of a file's attributes). */
    YOUNG_SECONDS = 10,
};

#define STATX_WANTED (STATX_TYPE | STATX_INO | STATX_SIZE | STATX_MTIME | STATX_CTIME)

/* A path on its way to one without symbolic links: of `path`, the first `length` bytes have none; `rest` is still to be
 * walked. */
struct walk {
    char *path;
    size_t size;
    size_t length;
    char rest[MAX_CALLED];
    size_t rest_length;
};

/* What the kernel knows already is enough, so a file server that does not answer is not asked. */
static long attributes(struct statx *file, const char *path, int flags)
{
    return sys_statx(AT_FDCWD, path, AT_STATX_DONT_SYNC | flags, STATX_WANTED, file);
}

void executable_from_procfs(struct executable *executable, char *buffer, size_t size)
{
    long length = sys_readlinkat(AT_FDCWD, SELF, buffer, size);
    executable->path = length > 0 ? (struct text){buffer, (size_t)length} : text_of(NULL);
    executable->has_file = attributes(&executable->file, SELF, 0) == 0;
}

/* Puts a text in front of what is still to be walked. */
static bool prepend(struct walk *walk, struct text text)
{
    size_t separator = walk->rest_length ? 1 : 0, added = text.length + separator;
    if (added > sizeof walk->rest - walk->rest_length)
        return false;
    for (size_t i = walk->rest_length; i--;)
        walk->rest[added + i] = walk->rest[i];
    memcpy(walk->rest, text.bytes, text.length);
    if (separator)
        walk->rest[text.length] = '/';
    walk->rest_length += added;
    if (text.length && text.bytes[0] == '/')
        walk->length = 0;
    return true;
}

/* Moves the next component from the rest to the path. False where there is no room. `grown` says whether the path has
 * got a new last component: not by an empty one, "." and "..". */
static bool step(struct walk *walk, bool *grown)
{
    size_t length = 0;
    while (length < walk->rest_length && walk->rest[length] != '/')
        length++;
    struct text name = {walk->rest, length};
    *grown = false;
    if (text_equals(name, "..")) {
        while (walk->length && walk->path[--walk->length] != '/')
            ;
    } else if (length && !text_equals(name, ".")) {
        if (walk->length + 1 + length >= walk->size)
            return false;
        walk->path[walk->length++] = '/';
        memcpy(walk->path + walk->length, name.bytes, length);
        walk->length += length;
        *grown = true;
    }
    size_t taken = length < walk->rest_length ? length + 1 : length;
    walk->rest_length -= taken;
    for (size_t i = 0; i < walk->rest_length; i++)
        walk->rest[i] = walk->rest[taken + i];
    return true;
}

/* Replaces the last component of the path, a symbolic link, by where it leads. */
static bool follow(struct walk *walk, struct text target)
{
    while (walk->path[--walk->length] != '/')
        ;
    return target.length && prepend(walk, target);
}

static bool in_procfs(const struct walk *walk)
{
    return walk->length >= 5 && memcmp(walk->path, "/proc", 5) == 0 && (walk->length == 5 || walk->path[5] == '/');
}

/* Begins where the path as called does: at the root, or in the working directory, which has no symbolic links. */
static bool begin(struct walk *walk, struct text called)
{
    if (!called.length || !prepend(walk, called))
        return false;
    if (called.bytes[0] == '/')
        return true;
    long length = sys_getcwd(walk->path, walk->size); /* counts the null */
    if (length <= 1 || walk->path[0] != '/')          /* a directory outside of the root has no path */
        return false;
    walk->length = length > 2 ? (size_t)length - 1 : 0;
    return true;
}

bool executable_walk(struct executable *executable, struct text called, char *buffer, size_t size)
{
    char target[MAX_CALLED];
    struct walk walk = {.path = buffer, .size = size};
    bool grown;
    if (!begin(&walk, called))
        return false;
    for (int links = 0; walk.rest_length;) {
        if (!step(&walk, &grown) || in_procfs(&walk))
            return false;
        if (!grown)
            continue;
        buffer[walk.length] = 0;
        if (!walk.rest_length) {
            if (attributes(&executable->file, buffer, AT_SYMLINK_NOFOLLOW) < 0)
                return false;
            if ((executable->file.stx_mode & S_IFMT) == S_IFREG) {
                executable->path = (struct text){buffer, walk.length};
                executable->has_file = true;
                return true;
            }
        }
        long length = sys_readlinkat(AT_FDCWD, buffer, target, sizeof target);
        if (length == -EINVAL) /* no link */
            continue;
        if (length < 0 || length == sizeof target || links++ == MAX_LINKS ||
            !follow(&walk, (struct text){target, (size_t)length}))
            return false;
    }
    return false;
}

static bool is_script(const struct process_vector *vector, struct text called)
{
    for (long i = 1; i < vector->argc && i <= MAX_SCRIPT_ARGUMENTS; i++)
        if (text_equals(called, vector->argv[i]))
            return true;
    return false;
}

bool executable_from_call(struct executable *executable, const struct process_vector *vector, int64_t now, char *buffer,
                          size_t size)
{
    unsigned long address, linker;
    if (!vector_auxiliary(vector, AT_EXECFN, &address) || !address || !vector_auxiliary(vector, AT_BASE, &linker) ||
        !linker)
        return false;
    struct text called = text_of((const char *)address);
    return !is_script(vector, called) && executable_walk(executable, called, buffer, size) &&
           executable->file.stx_ctime.tv_sec < now / 1000000000 - YOUNG_SECONDS;
}
