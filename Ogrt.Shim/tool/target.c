#include "target.h"

#include <elf.h>
#include <stddef.h>
#include <string.h>

const struct target targets[] = {
    {"x86-64", "elf_x86_64", "x86_64-linux-gnu", EM_X86_64, true},
    {"i386", "elf_i386", "i686-linux-gnu", EM_386, false},
    {"aarch64", "aarch64linux", "aarch64-linux-gnu", EM_AARCH64, true},
    {NULL, NULL, NULL, EM_NONE, false},
};

/* Other names for the same, as compilers and package managers write them. */
static const char *const aliases[][2] = {
    {"x86_64", "x86-64"}, {"amd64", "x86-64"}, {"i686", "i386"}, {"x86", "i386"}, {"arm64", "aarch64"}, {NULL, NULL},
};

const struct target *target_named(const char *name)
{
    for (size_t i = 0; aliases[i][0]; i++)
        if (!strcmp(aliases[i][0], name))
            name = aliases[i][1];
    for (const struct target *target = targets; target->name; target++)
        if (!strcmp(target->name, name))
            return target;
    return NULL;
}

const struct target *target_of_emulation(const char *emulation)
{
    for (const struct target *target = targets; target->name; target++)
        if (!strcmp(target->emulation, emulation))
            return target;
    return NULL;
}

const struct target *target_of_machine(uint16_t machine, bool is_64)
{
    for (const struct target *target = targets; target->name; target++)
        if (target->machine == machine && target->is_64 == is_64)
            return target;
    return NULL;
}

const struct target *target_of_host(void)
{
#if defined(__x86_64__) && defined(__LP64__)
    return target_named("x86-64");
#elif defined(__i386__)
    return target_named("i386");
#elif defined(__aarch64__) && defined(__LP64__)
    return target_named("aarch64");
#else
    return NULL;
#endif
}
