#include "dependency_file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_SIZE = 64 << 20 };

static char *read_text(int file, size_t *size)
{
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > MAX_SIZE)
        return NULL;
    char *text = malloc((size_t)status.st_size + 1);
    ssize_t got = text ? pread(file, text, (size_t)status.st_size, 0) : -1;
    if (got != status.st_size) {
        free(text);
        return NULL;
    }
    text[got] = 0;
    *size = (size_t)got;
    return text;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* The name as a prerequisite goes with what separates it from the one before: blanks, and the backslash of a continued
 * line. As a rule of its own (NAME: and a newline), which linkers write so that make does not mind a missing file, it
 * goes with the empty line before. */
static size_t drop(char *text, size_t size, const char *input)
{
    size_t length = strlen(input);
    for (char *found = strstr(text, input); found; found = strstr(found, input)) {
        char *begin = found, *end = found + length;
        bool rule = *end == ':' && (end[1] == '\n' || !end[1]);
        if ((begin > text && !is_blank(begin[-1])) || (*end && !is_blank(*end) && !rule)) {
            found = end;
            continue;
        }
        if (rule)
            end += end[1] ? 2 : 1;
        while (begin > text && (rule ? begin[-1] == '\n' && begin - 1 > text && begin[-2] == '\n'
                                     : is_blank(begin[-1]) || (begin[-1] == '\\' && is_blank(*begin))))
            begin--;
        memmove(begin, end, size - (size_t)(end - text) + 1);
        size -= (size_t)(end - begin);
        found = begin;
    }
    return size;
}

void dependency_file_drop(const char *path, const char *input)
{
    int file = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    size_t size = 0;
    char *text = file >= 0 ? read_text(file, &size) : NULL;
    if (text) {
        size_t left = drop(text, size, input);
        if (left < size && pwrite(file, text, left, 0) == (ssize_t)left)
            (void)!ftruncate(file, (off_t)left);
    }
    free(text);
    if (file >= 0)
        close(file);
}
