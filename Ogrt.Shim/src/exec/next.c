#include "next.h"

#include "objects.h"
#include "state.h"
#include "symbol.h"
#include "syscalls.h"
#include "text.h"

#include <errno.h>

struct exec_state exec_state;

#define EXEC_NAME(name, number) #name "\0"

/* In the order of their numbers, one behind the other: an array of pointers would need relocation. */
static const char names[] = EXEC_ENTRIES(EXEC_NAME) EXEC_SPAWNS(EXEC_NAME);

static const char *name_of(enum exec_function function)
{
    const char *name = names;
    for (unsigned skip = function; skip; skip--)
        name = list_next(name);
    return name;
}

/* A library that is started before this one may call before the list is known. */
static const struct link_map *objects(void)
{
    if (!exec_state.objects) {
        ElfW(auxv_t) entries[48];
        struct process_vector vector = {.auxv = entries};
        long fd = sys_openat(AT_FDCWD, "/proc/self/auxv", O_RDONLY | O_CLOEXEC);
        long size = fd < 0 ? fd : sys_read((int)fd, entries, sizeof entries - sizeof *entries);
        if (fd >= 0)
            sys_close((int)fd);
        if (size > 0) {
            entries[(size_t)size / sizeof *entries].a_type = AT_NULL;
            exec_state.objects = objects_first(&vector);
        }
    }
    return exec_state.objects;
}

static int fail(int error)
{
    uintptr_t location = symbol_next(objects(), "__errno_location");
    if (location)
        *((int *(*)(void))location)() = error;
    return -1;
}

static int plain_execve(const char *path, char *const *argv, char *const *envp)
{
    return fail((int)-system_call(SYS_execve, (long)path, (long)argv, (long)envp, 0, 0, 0));
}

/* musl has none, and glibc before 2.34. */
static int plain_execveat(int directory, const char *path, char *const *argv, char *const *envp, int flags)
{
    return fail((int)-system_call(SYS_execveat, directory, (long)path, (long)argv, (long)envp, flags, 0));
}

static int no_exec(void)
{
    return fail(ENOSYS);
}

static int no_spawn(void)
{
    return ENOSYS;
}

static uintptr_t substitute(enum exec_function function)
{
    if (function == FUNCTION_execve)
        return (uintptr_t)plain_execve;
    if (function == FUNCTION_execveat)
        return (uintptr_t)plain_execveat;
    return function < FUNCTION_posix_spawn ? (uintptr_t)no_exec : (uintptr_t)no_spawn;
}

/* What lies between this library and the C library in the list was there at the start of the program and is never
 * unloaded, so that the way there needs no lock. */
uintptr_t exec_next(enum exec_function function)
{
    uintptr_t next = __atomic_load_n(&exec_state.next[function], __ATOMIC_RELAXED);
    if (next)
        return next;
    next = symbol_next(objects(), name_of(function));
    if (!next)
        next = substitute(function);
    __atomic_store_n(&exec_state.next[function], next, __ATOMIC_RELAXED);
    return next;
}

/* The C library goes by this name of the variable; the executable may hold it. */
char *const *exec_environment(void)
{
    uintptr_t variable = symbol_variable(objects(), "__environ");
    return variable ? *(char *const **)variable : NULL;
}

bool exec_is_glibc(void)
{
    return symbol_next(objects(), "gnu_get_libc_version");
}
