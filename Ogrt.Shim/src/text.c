#include "text.h"

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    while (size--)
        *t++ = *f++;
    return to;
}

void *memset(void *to, int value, size_t size)
{
    unsigned char *t = to;
    while (size--)
        *t++ = (unsigned char)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const unsigned char *x = a, *y = b;
    for (; size; size--, x++, y++)
        if (*x != *y)
            return *x < *y ? -1 : 1;
    return 0;
}

size_t text_length(const char *string)
{
    size_t length = 0;
    while (string[length])
        length++;
    return length;
}

struct text text_of(const char *string)
{
    return (struct text){string, string ? text_length(string) : 0};
}

bool text_equals(struct text text, const char *string)
{
    return text.bytes && text.length == text_length(string) && memcmp(text.bytes, string, text.length) == 0;
}

/* On a mismatch, the last star takes one byte more: no recursion, and at most length times pattern steps. */
bool text_matches(struct text text, const char *pattern)
{
    const char *star = NULL;
    size_t at = 0, resume = 0;
    while (at < text.length) {
        if (*pattern == '*') {
            star = pattern++;
            resume = at;
        } else if (*pattern == text.bytes[at]) {
            pattern++;
            at++;
        } else if (star) {
            pattern = star + 1;
            at = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

bool text_number(struct text text, uint64_t limit, uint64_t *value)
{
    uint64_t number = 0;
    if (!text.length)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        unsigned digit = (unsigned)text.bytes[i] - '0';
        if (digit > 9 || number > (limit - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *value = number;
    return true;
}

bool text_means_yes(struct text text)
{
    return text_equals(text, "yes") || text_equals(text, "true") || text_equals(text, "1");
}

bool text_means_no(struct text text)
{
    return text_equals(text, "no") || text_equals(text, "false") || text_equals(text, "0");
}

const char *list_next(const char *current)
{
    current += text_length(current) + 1;
    return *current ? current : NULL;
}
