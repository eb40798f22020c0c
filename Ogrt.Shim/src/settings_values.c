#include "settings_values.h"

static const char *in_range(uint64_t value, uint64_t least, uint64_t most, uint64_t *number)
{
    if (value < least)
        return "is too small";
    if (value > most)
        return "is too large";
    *number = value;
    return NULL;
}

/* Takes a unit from the end; false where the text ends otherwise. */
static bool take_unit(struct text *text, const char *unit)
{
    size_t length = text_length(unit);
    if (text->length <= length || memcmp(text->bytes + text->length - length, unit, length) != 0)
        return false;
    text->length -= length;
    while (text->length && text->bytes[text->length - 1] == ' ')
        text->length--;
    return true;
}

const char *value_count(struct text text, uint32_t least, uint32_t most, uint64_t *number)
{
    uint64_t value;
    if (!text_number(text, UINT32_MAX, &value))
        return "is no number";
    return in_range(value, least, most, number);
}

const char *value_duration(struct text text, uint32_t least, uint32_t most, uint64_t *number)
{
    uint64_t value, unit = 1000000;
    if (take_unit(&text, "us"))
        unit = 1000;
    else if (!take_unit(&text, "ms") && take_unit(&text, "s"))
        unit = 1000000000;
    if (!text_number(text, UINT32_MAX, &value))
        return "is no duration like 50ms";
    return in_range(value * unit, (uint64_t)least * 1000000, (uint64_t)most * 1000000, number);
}

const char *value_size(struct text text, uint32_t least, uint32_t most, uint64_t *number)
{
    uint64_t value, unit = 1;
    if (take_unit(&text, "K"))
        unit = 1024;
    else if (take_unit(&text, "M"))
        unit = 1024 * 1024;
    if (!text_number(text, UINT32_MAX, &value))
        return "is no size like 256K";
    return in_range(value * unit, least, most, number);
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool value_is_name(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!is_letter_or_digit(text.bytes[i]))
            return false;
    return text.length > 0;
}

bool value_is_pattern_of_names(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (!is_letter_or_digit(text.bytes[i]) && text.bytes[i] != '*')
            return false;
    return text.length > 0;
}

static bool is_between(char c)
{
    return c == ' ' || c == '\t' || c == ',';
}

bool value_word(struct text *rest, struct text *word)
{
    size_t start = 0;
    while (start < rest->length && is_between(rest->bytes[start]))
        start++;
    size_t end = start;
    while (end < rest->length && !is_between(rest->bytes[end]))
        end++;
    *word = (struct text){rest->bytes + start, end - start};
    *rest = (struct text){rest->bytes + end, rest->length - end};
    return end > start;
}

/* What is written never passes what is yet to be read: each word moves by at least one byte to the front, and the null
 * behind it takes the place of what stood between. */
const char *value_list(char *bytes, size_t length, bool (*good)(struct text), struct problems *problems,
                       const char *reason)
{
    struct text rest = {bytes, length}, word;
    char *start = bytes - 1, *to = start;
    while (value_word(&rest, &word)) {
        if (!good(word)) {
            problem(problems, word, reason);
            continue;
        }
        for (size_t i = 0; i < word.length; i++)
            *to++ = word.bytes[i];
        *to++ = 0;
    }
    *to = 0;
    return to == start ? NULL : start;
}
