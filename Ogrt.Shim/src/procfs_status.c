#include "procfs_status.h"

#include "descriptor.h"
#include "format.h"
#include "syscalls.h"

enum {
    /* Longer lines (groups, masks of processors) are passed over. */
    CHUNK = 512,
    /* Thousands of groups make a line of some hundred KB. */
    MAX_CHUNKS = 1024,
};

/* The value behind "Name:", blanks and tabs, up to the next blank. */
static bool value_of(struct text line, const char *name, uint64_t *value)
{
    size_t at = text_length(name), end;
    if (line.length <= at || memcmp(line.bytes, name, at) != 0)
        return false;
    while (at < line.length && (line.bytes[at] == '\t' || line.bytes[at] == ' '))
        at++;
    for (end = at; end < line.length && line.bytes[end] != ' ';)
        end++;
    return text_number((struct text){line.bytes + at, end - at}, UINT64_MAX, value);
}

void status_line(struct process_status *status, struct text line)
{
    if (value_of(line, "Pid:", &status->pid) || value_of(line, "VmHWM:", &status->peak_rss_kib) ||
        value_of(line, "Seccomp:", &status->seccomp))
        return;
    if (value_of(line, "Seccomp_filters:", &status->filters))
        status->has_filters = true;
}

/* Takes the whole lines of the buffer, and gives how many bytes are left behind the last of them. */
static size_t take_lines(struct process_status *status, char *buffer, size_t size, bool *in_long_line)
{
    size_t start = 0;
    for (size_t i = 0; i < size; i++) {
        if (buffer[i] != '\n')
            continue;
        if (!*in_long_line)
            status_line(status, (struct text){buffer + start, i - start});
        *in_long_line = false;
        start = i + 1;
    }
    for (size_t i = start; i < size; i++)
        buffer[i - start] = buffer[i];
    return size - start;
}

static bool read_all(struct process_status *status, int fd)
{
    char buffer[CHUNK];
    size_t kept = 0;
    bool in_long_line = false, any = false;
    for (int chunks = 0; chunks < MAX_CHUNKS; chunks++) {
        long length = sys_read(fd, buffer + kept, sizeof buffer - kept);
        if (length < 0)
            return false;
        if (length == 0)
            return any;
        any = true;
        kept = take_lines(status, buffer, kept + (size_t)length, &in_long_line);
        if (kept == sizeof buffer) {
            in_long_line = true;
            kept = 0;
        }
    }
    return false;
}

bool procfs_status(struct process_status *status, uint64_t pid)
{
    char path[40];
    struct format format = format_into(path, sizeof path);
    format_string(&format, "/proc/");
    if (pid)
        format_number(&format, pid);
    else
        format_string(&format, "self");
    format_string(&format, "/status");
    *status = (struct process_status){0};
    int fd = descriptor_open(format_finish(&format));
    if (fd < 0)
        return false;
    bool whole = read_all(status, fd);
    sys_close(fd);
    return whole;
}
