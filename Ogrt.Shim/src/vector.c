#include "vector.h"

#include "procfs.h"

#include <stdint.h>

enum {
    /* More arguments than the kernel accepts: MAX_ARG_STRINGS is 0x7fffffff, but their pointers alone must fit into
     * a quarter of the stack limit, and nobody has a stack of 2 GiB with arguments in it. */
    MAX_ARGUMENTS = 1 << 25,
    /* Pages below this address are never mapped (vm.mmap_min_addr), so no pointer lies there. */
    LOWEST_ADDRESS = 65536,
    /* Each unsetenv that ran before this one has left one more null between environment and auxiliary vector. */
    MAX_GAP = 4096,
    /* The kernel gives about 22 entries. */
    MAX_AUXILIARY = 128,
};

static bool aligned(const void *pointer)
{
    return (uintptr_t)pointer >= LOWEST_ADDRESS && (uintptr_t)pointer % sizeof(void *) == 0;
}

/* Fills the vector from the address at which the kernel stored the argument count. */
static bool vector_at(struct process_vector *vector, const void *count)
{
    long argc = *(const long *)count;
    char **argv = (char **)((uintptr_t)count + sizeof(long));
    if (argc < 0 || argc > MAX_ARGUMENTS || argv[argc])
        return false;
    char **envp = argv + argc + 1, **end = envp;
    while (*end)
        end++;
    const char *const *behind = (const char *const *)end;
    for (int gap = 0; !*behind; behind++)
        if (gap++ == MAX_GAP)
            return false;
    *vector = (struct process_vector){argc, argv, envp, (const ElfW(auxv_t) *)behind};
    return true;
}

bool vector_from_arguments(struct process_vector *vector, int argc, char **argv, char **envp)
{
    if (argc < 0 || argc > MAX_ARGUMENTS || !aligned(argv) || envp != argv + argc + 1)
        return false;
    const long *count = (const long *)argv - 1;
    return *count == argc && vector_at(vector, count);
}

bool vector_from_procfs(struct process_vector *vector)
{
    struct process_stat stat;
    if (!procfs_stat(&stat, 0) || !aligned((const void *)stat.stack_start))
        return false;
    return vector_at(vector, (const void *)stat.stack_start);
}

bool vector_auxiliary(const struct process_vector *vector, unsigned long type, unsigned long *value)
{
    for (int i = 0; i < MAX_AUXILIARY && vector->auxv[i].a_type != AT_NULL; i++)
        if (vector->auxv[i].a_type == type) {
            *value = vector->auxv[i].a_un.a_val;
            return true;
        }
    return false;
}
