#include "procfs.h"

#include "descriptor.h"
#include "format.h"
#include "syscalls.h"

enum {
    /* 52 fields of at most 20 digits, and a name of at most 64 bytes. */
    STAT_SIZE = 1280,
    FIELD_STATE = 3, /* the first one behind the name */
    FIELD_PARENT = 4,
    FIELD_START_TICKS = 22,
    FIELD_STACK_START = 28,
};

static struct text next_field(struct text *line)
{
    size_t length = 0;
    while (length < line->length && line->bytes[length] != ' ' && line->bytes[length] != '\n')
        length++;
    struct text field = {line->bytes, length};
    size_t taken = length < line->length ? length + 1 : length;
    *line = (struct text){line->bytes + taken, line->length - taken};
    return field;
}

/* The name in parentheses may hold blanks and parentheses itself, so the last one counts. */
static bool skip_name(struct text *line)
{
    size_t at = line->length;
    while (at && line->bytes[at - 1] != ')')
        at--;
    if (!at || at == line->length || line->bytes[at] != ' ')
        return false;
    *line = (struct text){line->bytes + at + 1, line->length - at - 1};
    return true;
}

bool stat_parse(struct process_stat *stat, struct text line)
{
    uint64_t stack = 0;
    if (!text_number(next_field(&line), UINT64_MAX, &stat->pid) || !skip_name(&line))
        return false;
    for (unsigned number = FIELD_STATE; number <= FIELD_STACK_START; number++) {
        struct text field = next_field(&line);
        uint64_t *value = number == FIELD_PARENT        ? &stat->parent
                          : number == FIELD_START_TICKS ? &stat->start_ticks
                          : number == FIELD_STACK_START ? &stack
                                                        : NULL;
        if (value && !text_number(field, UINT64_MAX, value))
            return false;
    }
    stat->stack_start = (uintptr_t)stack;
    return true;
}

bool procfs_stat(struct process_stat *stat, uint64_t pid)
{
    char buffer[STAT_SIZE];
    struct format path = format_into(buffer, sizeof buffer);
    format_string(&path, "/proc/");
    if (pid)
        format_number(&path, pid);
    else
        format_string(&path, "self");
    format_string(&path, "/stat");
    int fd = descriptor_open(format_finish(&path));
    if (fd < 0)
        return false;
    long length = sys_read(fd, buffer, sizeof buffer);
    sys_close(fd);
    return length > 0 && stat_parse(stat, (struct text){buffer, (size_t)length});
}
