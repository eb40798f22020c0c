#include "program.h"

#include "descriptor.h"

#include <errno.h>

enum {
    KIND = 0170000,
    REGULAR = 0100000,
    /* Enough for the header of an ELF file and the first program headers, or for the first line of a script. This may
     * run on the small stack of a signal handler. */
    HEAD = 512,
    MAY_EXECUTE = 1,
};

static int open_target(const struct target *target)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (target->no_link ? O_NOFOLLOW : 0);
    return descriptor_open_at(target->directory, target->path, flags);
}

static bool stat_target(const struct target *target, struct statx *status)
{
    int flags = AT_STATX_DONT_SYNC | (target->no_link ? AT_SYMLINK_NOFOLLOW : 0);
    return sys_statx(target->directory, target->path, flags, STATX_BASIC_STATS, status) == 0 &&
           (status->stx_mode & KIND) == REGULAR;
}

/* True when an interpreter is to be looked at next. */
static bool look_at_file(struct program *program, bool *shell, struct script *script)
{
    unsigned char head[HEAD];
    const struct target *target = &program->target;
    if (!stat_target(target, &program->status))
        return false;
    struct window window = {.fd = open_target(target), .bytes = head, .size = sizeof head};
    const unsigned char *start = window.fd >= 0 ? window_at(&window, 0, 2) : NULL;
    bool follow = start && is_script(start, 2) && script_parse(script, head, window.length);
    if (follow) {
        program->target = (struct target){AT_FDCWD, script->interpreter, false};
    } else {
        /* What may be executed but not read can be judged by its set-user-id bit alone. */
        struct elf_file file = window.fd >= 0 ? elf_file_read(&window) : (struct elf_file){.kind = ELF_NONE};
        bool unknown = window.fd == -EACCES;
        if (unknown || file.kind == ELF_STATIC || file.kind == ELF_DYNAMIC) {
            program->privilege = privilege_of(&program->status, target->directory, target->path, window.fd);
            program->privileged = program->privilege.secure;
            program->is_static = file.kind == ELF_STATIC;
            program->foreign = file.kind == ELF_DYNAMIC && !file.native;
            program->silent = program->privileged || program->is_static || program->foreign;
        } else if (*shell && window.fd >= 0 && file.kind == ELF_NONE && !(start && is_script(start, 2))) {
            program->shell = follow = true;
            program->target = (struct target){AT_FDCWD, "/bin/sh", false};
        }
    }
    *shell = false;
    if (window.fd >= 0)
        sys_close(window.fd);
    return follow;
}

void program_look(struct program *program, const struct target *target, bool shell, struct scripts *scripts)
{
    struct script one;
    program->silent = program->is_static = program->privileged = program->foreign = program->shell = false;
    program->target = *target;
    if (scripts)
        scripts->count = 0;
    for (unsigned depth = 0; depth <= MAX_SCRIPTS; depth++) {
        struct script *script = scripts && depth < MAX_SCRIPTS ? &scripts->level[depth] : &one;
        if (!look_at_file(program, &shell, script))
            return;
        if (scripts && !program->shell && depth < MAX_SCRIPTS)
            scripts->count = depth + 1;
    }
    program->silent = false;
}

static bool has_its_linker(const struct target *target, unsigned char *buffer, size_t size)
{
    struct window window = {.fd = open_target(target), .bytes = buffer, .size = size};
    if (window.fd < 0)
        return true;
    struct elf_file file = elf_file_read(&window);
    const char *linker = elf_file_linker(&file, &window);
    bool has = file.kind != ELF_DYNAMIC || (linker && sys_faccessat(AT_FDCWD, linker, MAY_EXECUTE) == 0);
    sys_close(window.fd);
    return has;
}

static bool may_be_executed(const struct target *file, const struct scripts *scripts)
{
    if (sys_faccessat(file->directory, file->path, MAY_EXECUTE) != 0)
        return false;
    for (unsigned i = 0; i < scripts->count; i++)
        if (sys_faccessat(AT_FDCWD, scripts->level[i].interpreter, MAY_EXECUTE) != 0)
            return false;
    return true;
}

/* The question is answered for the real ids, so it is only asked where those are the effective ones. It knows of mounts
 * with noexec too. */
bool program_may_run(const struct program *program, const struct target *file, const struct scripts *scripts,
                     unsigned char *buffer, size_t size)
{
    bool asks_for_us = sys_user_ids().effective == program->privilege.real_user;
    if (asks_for_us && !may_be_executed(file, scripts))
        return false;
    return program->is_static || has_its_linker(&program->target, buffer, size);
}
