/* The machine that a program in the sandbox sees: all file systems read only, its own /tmp, /run, /dev and /proc, no
 * device but the harmless ones, no network but the namespace's loopback, no right to change the kernel's state. */
#define _GNU_SOURCE
#include "helper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const devices[] = {"null", "zero", "full", "random", "urandom", "tty"};

static const char *const folders[] = {"/dev/shm", "/dev/pts", "/run/ogrt", "/run/lock", HOME_PATH, WORK_PATH};

static const struct {
    const char *target, *path;
} links[] = {{"pts/ptmx", "/dev/ptmx"},
             {"/proc/self/fd", "/dev/fd"},
             {"fd/0", "/dev/stdin"},
             {"fd/1", "/dev/stdout"},
             {"fd/2", "/dev/stderr"}};

/* What a user's program may need. The others (to set the clock, load modules, mount, write to disks, restart the
 * machine) are nobody's in here. */
static const int kept[] = {CAP_CHOWN,       CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER,     CAP_FSETID,
                           CAP_KILL,        CAP_SETGID,       CAP_SETUID,          CAP_SETPCAP,    CAP_NET_BIND_SERVICE,
                           CAP_NET_RAW,     CAP_IPC_LOCK,     CAP_SYS_CHROOT,      CAP_SYS_PTRACE, CAP_SYS_NICE,
                           CAP_SYS_RESOURCE};

enum { DEVICES = sizeof devices / sizeof *devices, LIBRARY_SIZE = 1 << 20 };

static int failed(const struct run *run, const char *what)
{
    say(run->report, "error %s: %s", what, strerror(errno));
    return -1;
}

/* Shows an open file under another name. The old /proc is still there and knows it. */
static int bind_file(int fd, const char *path)
{
    char source[32];
    snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0)
        return -1;
    close(file);
    return mount(source, path, NULL, MS_BIND, NULL);
}

/* A copy of the library, or nothing but zeros. As large in any case, and no mount, because programs look at both. */
static int copy_library(int from)
{
    static char content[LIBRARY_SIZE];
    ssize_t length = 0, part = 0;
    while (from >= 0 && (part = read(from, content + length, (size_t)(LIBRARY_SIZE - length))) > 0)
        length += part;
    if (length == LIBRARY_SIZE)
        errno = EFBIG;
    if (part < 0 || length == LIBRARY_SIZE)
        return -1;
    int to = open(LIBRARY_PATH, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    if (to < 0)
        return -1;
    part = write(to, content, LIBRARY_SIZE);
    close(to);
    return part == LIBRARY_SIZE ? 0 : -1;
}

static int make_devices(const int opened[DEVICES])
{
    for (int i = 0; i < DEVICES; i++) {
        char path[32];
        snprintf(path, sizeof path, "/dev/%s", devices[i]);
        if (opened[i] >= 0 && bind_file(opened[i], path))
            return -1;
    }
    return 0;
}

static int make_folders(void)
{
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (mkdir(folders[i], 0755))
            return -1;
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (symlink(links[i].target, links[i].path))
            return -1;
    return 0;
}

static int drop_rights(void)
{
    for (int right = 0; prctl(PR_CAPBSET_READ, right, 0, 0, 0) >= 0; right++) {
        int keep = 0;
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
            keep |= kept[i] == right;
        if (!keep && prctl(PR_CAPBSET_DROP, right, 0, 0, 0))
            return -1;
    }
    return 0;
}

int isolate(const struct run *run)
{
    struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
    int opened[DEVICES], library = run->library ? open(run->library, O_RDONLY | O_CLOEXEC) : -1,
                         program = run->program ? open(run->program, O_PATH | O_CLOEXEC) : -1;
    umask(0);
    if (run->library && library < 0)
        return failed(run, run->library);
    if (run->program && program < 0)
        return failed(run, run->program);
    for (int i = 0; i < DEVICES; i++) {
        char path[32];
        snprintf(path, sizeof path, "/dev/%s", devices[i]);
        opened[i] = open(path, O_PATH | O_CLOEXEC);
    }
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
        return failed(run, "own mounts");
    if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &read_only, sizeof read_only))
        return failed(run, "file systems read only");
    if (mount("tmpfs", "/tmp", "tmpfs", 0, "size=512m,mode=1777") ||
        mount("tmpfs", "/run", "tmpfs", 0, "size=64m,mode=755") ||
        mount("tmpfs", "/var/tmp", "tmpfs", 0, "size=64m,mode=1777") ||
        mount("tmpfs", "/dev", "tmpfs", 0, "size=64m,mode=755"))
        return failed(run, "temporary file systems");
    if (make_folders())
        return failed(run, "folders");
    if (make_devices(opened))
        return failed(run, "devices");
    if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620"))
        return failed(run, "terminals");
    if (copy_library(library))
        return failed(run, "the library");
    if (program >= 0 && bind_file(program, PROGRAM_PATH))
        return failed(run, "the program");
    if (mount("proc", "/proc", "proc", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
        return failed(run, "/proc");
    if (sethostname("sandbox", 7))
        return failed(run, "name of the host");
    if (drop_rights())
        return failed(run, "rights");
    umask(022);
    return 0;
}
