/* A pattern, a null, and a path: the matcher reads neither too far, and comes to an end soon. */
#include "filter.h"

#include <stdlib.h>
#include <string.h>

static struct text copy(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size ? size : 1);
    memcpy(bytes, data, size);
    return (struct text){bytes, size};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *null = memchr(data, 0, size);
    size_t length = null ? (size_t)(null - data) : size;
    struct text pattern = copy(data, length);
    struct text path = null ? copy(null + 1, size - length - 1) : copy(data, size);
    /* Without a star in the pattern, a path matches itself. */
    bool star = pattern.length && memchr(pattern.bytes, '*', pattern.length);
    if (path.length <= 4096) {
        path_matches(path, pattern);
        if (!star && path_pattern_is_good(path) && !memchr(path.bytes, '*', path.length) && !path_matches(path, path))
            abort();
    }
    free((void *)pattern.bytes);
    free((void *)path.bytes);
    return 0;
}
