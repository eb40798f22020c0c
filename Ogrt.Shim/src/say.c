#include "say.h"

#include "syscalls.h"

#include <errno.h>

enum { STANDARD_ERROR = 2 };

/* Names lie in the table itself: pointers to them would need relocation. */
static const struct {
    short number;
    char name[14];
} error_names[] = {
    {EPERM, "EPERM"},
    {ENOENT, "ENOENT"},
    {ENXIO, "ENXIO"},
    {EAGAIN, "EAGAIN"},
    {ENOMEM, "ENOMEM"},
    {EACCES, "EACCES"},
    {EINVAL, "EINVAL"},
    {ENFILE, "ENFILE"},
    {EMFILE, "EMFILE"},
    {EPIPE, "EPIPE"},
    {ELOOP, "ELOOP"},
    {EMSGSIZE, "EMSGSIZE"},
    {EAFNOSUPPORT, "EAFNOSUPPORT"},
    {EADDRNOTAVAIL, "EADDRNOTAVAIL"},
    {ENETDOWN, "ENETDOWN"},
    {ENETUNREACH, "ENETUNREACH"},
    {ECONNRESET, "ECONNRESET"},
    {ENOBUFS, "ENOBUFS"},
    {ETIMEDOUT, "ETIMEDOUT"},
    {ECONNREFUSED, "ECONNREFUSED"},
    {EHOSTUNREACH, "EHOSTUNREACH"},
};

struct format say_begin(char buffer[SAY_LINE])
{
    struct format line = format_into(buffer, SAY_LINE);
    format_string(&line, "ogrt: ");
    return line;
}

void say_quoted(struct format *line, struct text text, size_t most)
{
    for (size_t i = 0; i < text.length && i < most; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        format_text(line, (struct text){byte < ' ' || byte == 0x7f ? "?" : text.bytes + i, 1});
    }
    if (text.length > most)
        format_string(line, "...");
}

void say_error(struct format *line, long error)
{
    format_string(line, "error ");
    format_number(line, (uint64_t)error);
    for (size_t i = 0; i < sizeof error_names / sizeof *error_names; i++)
        if (error_names[i].number == error) {
            format_string(line, " (");
            format_string(line, error_names[i].name);
            format_string(line, ")");
        }
}

void say_end(struct format *line)
{
    if (line->at == line->end)
        line->at--;
    *line->at++ = '\n';
    sys_write(STANDARD_ERROR, line->start, (size_t)(line->at - line->start));
}
