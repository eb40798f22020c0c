/* posix_spawn and posix_spawnp return, so they can report what has come to pass: a child that has been started. By then
 * the kernel has replaced its image, because both C libraries wait for that. */
#include "confinement.h"
#include "exec_report.h"
#include "format.h"
#include "next.h"
#include "procfs.h"
#include "state.h"

#include <spawn.h>

typedef int spawn_function(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
                           char *const *, char *const *);

#define EXPORTED ARCH_ENTRY __attribute__((visibility("default")))

/* A name without a slash. */
static bool is_searched(const char *file)
{
    while (*file && *file != '/')
        file++;
    return !*file;
}

/* /proc may be that of another pid namespace. */
static bool procfs_counts_as_we_do(void)
{
    struct process_stat self;
    return procfs_stat(&self, 0) && self.pid == (uint64_t)sys_getpid();
}

/* What the child's file actions do cannot be asked. Where they may have changed the directory from which a name counts,
 * the child is asked what it runs. */
static void take_path(struct request *request, const char *path, bool actions)
{
    request->called = path;
    request->target = (struct target){AT_FDCWD, path, false};
    if (actions && *path != '/' && !request->file && procfs_counts_as_we_do()) {
        struct format format = format_into(request->descriptor_path, sizeof request->descriptor_path);
        format_string(&format, "/proc/");
        format_number(&format, (uint64_t)request->child);
        format_string(&format, "/exe");
        request->target.path = format_finish(&format);
    }
}

__attribute__((noinline)) static void look_at(long child, const char *file, bool search, bool actions,
                                              char *const *argv, char *const *envp)
{
    if (!confinement_is_as_it_was(exec_state.filters))
        return;
    struct request request = {.argv = argv, .envp = envp, .environment_given = true, .descriptor = -1};
    request.child = child;
    request.child_moved = actions;
    if (search && is_searched(file))
        request.file = file;
    take_path(&request, file, actions);
    exec_report(&request);
}

EXPORTED int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                         const posix_spawnattr_t *attributes, char *const *argv, char *const *envp)
{
    spawn_function *next = (spawn_function *)exec_next(FUNCTION_posix_spawn);
    pid_t child;
    if (!exec_state.reporting)
        return next(pid, path, actions, attributes, argv, envp);
    int error = next(pid ? pid : &child, path, actions, attributes, argv, envp);
    if (error == 0)
        look_at(pid ? *pid : child, path, false, actions, argv, envp);
    return error;
}

EXPORTED int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                          const posix_spawnattr_t *attributes, char *const *argv, char *const *envp)
{
    spawn_function *next = (spawn_function *)exec_next(FUNCTION_posix_spawnp);
    pid_t child;
    if (!exec_state.reporting)
        return next(pid, file, actions, attributes, argv, envp);
    int error = next(pid ? pid : &child, file, actions, attributes, argv, envp);
    if (error == 0)
        look_at(pid ? *pid : child, file, true, actions, argv, envp);
    return error;
}
