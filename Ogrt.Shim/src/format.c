#include "format.h"

enum { MAX_DIGITS = 20 };

struct format format_into(char *buffer, size_t size)
{
    return (struct format){buffer, buffer, buffer + size - 1};
}

void format_text(struct format *format, struct text text)
{
    for (size_t i = 0; i < text.length && format->at < format->end; i++)
        *format->at++ = text.bytes[i];
}

void format_string(struct format *format, const char *string)
{
    format_text(format, text_of(string));
}

void format_in_base(struct format *format, uint64_t number, unsigned base)
{
    char digits[MAX_DIGITS];
    size_t at = sizeof digits;
    do {
        digits[--at] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number);
    format_text(format, (struct text){digits + at, sizeof digits - at});
}

void format_number(struct format *format, uint64_t number)
{
    format_in_base(format, number, 10);
}

const char *format_finish(struct format *format)
{
    *format->at = 0;
    return format->start;
}
