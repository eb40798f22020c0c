#include "environment.h"

struct text environment_get(char *const *envp, const char *name)
{
    for (; *envp; envp++) {
        const char *entry = *envp, *wanted = name;
        while (*wanted && *entry == *wanted) {
            entry++;
            wanted++;
        }
        if (!*wanted && *entry == '=')
            return text_of(entry + 1);
    }
    return text_of(NULL);
}

struct text environment_filled(char *const *envp, const char *name)
{
    struct text value = environment_get(envp, name);
    return value.length ? value : text_of(NULL);
}

struct text environment_name(const char *entry)
{
    size_t length = 0;
    while (entry[length] && entry[length] != '=')
        length++;
    return (struct text){entry, length};
}
