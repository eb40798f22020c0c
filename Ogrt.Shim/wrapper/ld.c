/* The wrapper around linkers: adds a stamp to each final link, and is not noticed otherwise.
 *
 * It is called ld, ld.bfd, ld.gold, ld.lld, ld.mold, mold, … and stands in front of the linker of that name. Whatever
 * goes wrong, the link is what it would have been without the wrapper: then that linker takes this process over, with
 * the arguments as they came. */
#include "child.h"
#include "dependency_file.h"
#include "link_mark.h"
#include "output_file.h"
#include "real_linker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct mark_settings settings;
static const char *own_name;

static void trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void trace(const char *format, ...)
{
    va_list arguments;
    if (!settings.trace)
        return;
    fprintf(stderr, "ogrt: %s: ", own_name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

/* The name it was called by, without folders. */
static const char *name_of(const char *called)
{
    const char *slash = called ? strrchr(called, '/') : NULL;
    const char *name = slash ? slash + 1 : called;
    return name && *name ? name : "ld";
}

static _Noreturn void become(const char *path, char **arguments)
{
    execv(path, arguments);
    fprintf(stderr, "ogrt: %s: cannot run %s: %s\n", own_name, path, strerror(errno));
    exit(1);
}

/* What the linker said, in the order of the two: only a map or a list goes to the one, messages go to the other. */
static bool pass_on(int from, int to)
{
    static char buffer[1 << 16];
    for (off_t at = 0;;) {
        ssize_t got = pread(from, buffer, sizeof buffer, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        if (!write_all(to, buffer, (size_t)got))
            return false;
        at += got;
    }
}

static bool same_file(int a, int b)
{
    struct stat x, y;
    return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The linker's output while it is not known whether it counts. One file for both where both go to one place, so that
 * lines keep their order. */
struct kept {
    int output, error;
};

static bool keep_open(struct kept *kept)
{
    kept->output = nameless_file("ogrt-ld-output");
    kept->error = same_file(STDOUT_FILENO, STDERR_FILENO) ? kept->output : nameless_file("ogrt-ld-errors");
    return kept->output >= 0 && kept->error >= 0;
}

static bool keep_pass_on(const struct kept *kept)
{
    return (kept->error == kept->output || pass_on(kept->output, STDOUT_FILENO)) && pass_on(kept->error, STDERR_FILENO);
}

static void keep_close(const struct kept *kept)
{
    if (kept->error != kept->output && kept->error >= 0)
        close(kept->error);
    if (kept->output >= 0)
        close(kept->output);
}

/* The stamp as a file that the linker can open by name and that needs no removal. */
static int stamp_file(const struct stamp *stamp, char name[32])
{
    int file = nameless_file("ogrt-stamp");
    if (file < 0)
        return -1;
    snprintf(name, 32, "/proc/self/fd/%d", file);
    if (write_all(file, stamp->bytes, stamp->size) && access(name, R_OK) == 0 && fcntl(file, F_SETFD, 0) == 0)
        return file;
    close(file);
    return -1;
}

/* The stamp comes last: of several watermarks the last counts. Returns only when the link must be done without it. */
static void link_stamped(const char *path, char **arguments, int count, const struct link_command *link,
                         const struct stamp *stamp)
{
    char name[32];
    struct kept kept = {-1, -1};
    int file = stamp_file(stamp, name);
    char **stamped = calloc((size_t)count + 2, sizeof *stamped);
    if (file < 0 || !stamped || !keep_open(&kept)) {
        trace("no stamp: there is no memory for it");
    } else {
        memcpy(stamped, arguments, (size_t)count * sizeof *stamped);
        stamped[count] = name;
        struct child_result result = child_run(path, stamped, kept.output, kept.error);
        bool done = result.ran && WIFEXITED(result.status) && WEXITSTATUS(result.status) == 0;
        if (done && link->dependency_file)
            dependency_file_drop(link->dependency_file, name);
        if (done || (result.ran && result.signaled)) {
            bool said = keep_pass_on(&kept);
            if (done)
                trace("%s has a stamp", link->output);
            child_end_like(said ? result.status : 1 << 8);
        }
        trace("no stamp: the link fails with it (%s %d)", WIFSIGNALED(result.status) ? "signal" : "exit code",
              WIFSIGNALED(result.status) ? WTERMSIG(result.status) : WEXITSTATUS(result.status));
    }
    keep_close(&kept);
    if (file >= 0)
        close(file);
    free(stamped);
}

/* Null, or why this link has no stamp. */
static const char *prepare(const struct link_command *link, const struct target *target, bool nested,
                           struct stamp *stamp)
{
    if (settings.off)
        return "OGRT_STAMP says so";
    if (nested)
        return "the wrapper that called this one has seen to it";
    for (int i = 0; i <= 2; i++)
        if (fcntl(i, F_GETFD) < 0)
            return "standard input, output or error is closed";
    const char *reason = link_without_stamp(link);
    if (!reason && !target)
        reason = "no stamps are made for this machine";
    return reason ? reason : link_mark(stamp, link, target, &settings);
}

int main(int argc, char **argv)
{
    static struct stamp stamp;
    struct words words;
    struct link_command link;
    struct real_linker linker;
    char *none[] = {NULL, NULL};
    char **arguments = argc > 0 ? argv : none;
    own_name = name_of(arguments[0]);
    settings = mark_settings_read();

    enum words_result read = words_of(&words, argc > 0 ? argv + 1 : none);
    if (read != WORDS_DONE)
        words.count = 0;
    if (!link_command_read(&link, &words)) {
        fprintf(stderr, "ogrt: %s: out of memory\n", own_name);
        return 1;
    }
    const struct target *target = link_target(&link);
    if (!real_linker_find(&linker, own_name, target)) {
        fprintf(stderr,
                "ogrt: %s: there is no %s behind this wrapper, neither in COMPILER_PATH nor in PATH nor in /usr/bin; "
                "install "
                "it, or name it by OGRT_REAL_LD\n",
                own_name, own_name);
        return 1;
    }
    arguments[0] = linker.path;
    const char *reason =
        read == WORDS_DONE ? prepare(&link, target, linker.nested, &stamp) : "its arguments can be read only once";
    if (reason)
        trace("no stamp for %s: %s", link.output, reason);
    else
        link_stamped(linker.path, arguments, argc > 0 ? argc : 1, &link, &stamp);
    if (link.runs)
        real_linker_forget();
    become(linker.path, arguments);
}
