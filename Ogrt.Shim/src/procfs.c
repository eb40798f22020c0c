#include "procfs.h"

#include "descriptor.h"
#include "format.h"
#include "syscalls.h"

enum {
    /* 52 fields of at most 20 digits, and a name of at most 64 bytes. */
    STAT_SIZE = 1280,
    FIRST_FIELD_BEHIND_NAME = 3,
    FIELD_START_TICKS = 22,
    FIELD_STACK_START = 28,
};

bool stat_field(struct text line, unsigned field, uint64_t *value)
{
    size_t at = line.length;
    /* The name in parentheses may hold blanks and parentheses itself, so the last one counts. */
    while (at && line.bytes[at - 1] != ')')
        at--;
    if (!at)
        return false;
    for (unsigned number = FIRST_FIELD_BEHIND_NAME; at < line.length; number++) {
        size_t start = ++at;
        while (at < line.length && line.bytes[at] != ' ' && line.bytes[at] != '\n')
            at++;
        if (number == field && start <= at)
            return text_number((struct text){line.bytes + start, at - start}, UINT64_MAX, value);
    }
    return false;
}

static bool read_stat(struct text *line, char *buffer, size_t size, long pid)
{
    char path[40];
    struct format format = format_into(path, sizeof path);
    format_string(&format, "/proc/");
    if (pid)
        format_number(&format, (uint64_t)pid);
    else
        format_string(&format, "self");
    format_string(&format, "/stat");
    int fd = descriptor_open(format_finish(&format));
    if (fd < 0)
        return false;
    long length = sys_read(fd, buffer, size);
    sys_close(fd);
    *line = (struct text){buffer, length > 0 ? (size_t)length : 0};
    return length > 0;
}

bool procfs_stat(struct process_stat *stat, long pid)
{
    char buffer[STAT_SIZE];
    struct text line;
    uint64_t stack = 0;
    if (!read_stat(&line, buffer, sizeof buffer, pid) || !stat_field(line, FIELD_START_TICKS, &stat->start_ticks))
        return false;
    stat_field(line, FIELD_STACK_START, &stack);
    stat->stack_start = (uintptr_t)stack;
    return true;
}
