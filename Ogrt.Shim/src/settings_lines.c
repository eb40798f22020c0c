/* The grammar of the settings file. A line is empty, a comment (the first byte that is no blank is #), or
 *
 *     key = value
 *
 * with blanks, tabs and a carriage return at either side of each part not counted. There is no quoting, no continuation
 * and no comment behind a value, because paths may hold any byte. What does not fit this is told and left out. */
#include "settings.h"
#include "settings_keys.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct value trimmed(char *from, char *to)
{
    while (from < to && is_blank(*from))
        from++;
    while (to > from && is_blank(to[-1]))
        to--;
    return (struct value){from, (size_t)(to - from)};
}

static struct text text_in(struct value value)
{
    return (struct text){value.bytes, value.length};
}

/* A null would end a value early, and no other control character is meant by anybody. */
static bool has_control_characters(struct value value)
{
    for (size_t i = 0; i < value.length; i++)
        if (((unsigned char)value.bytes[i] < ' ' && value.bytes[i] != '\t') || value.bytes[i] == 0x7f)
            return true;
    return false;
}

static void note_repetition(struct settings *settings, int key, struct text name)
{
    uint64_t bit = (uint64_t)1 << key;
    if (settings->given & bit && !settings_key_repeats(key))
        problem(&settings->problems, name, "is given again: this line counts");
    settings->given |= bit;
}

static void parse_line(struct settings *settings, char *from, char *to)
{
    struct value line = trimmed(from, to);
    if (!line.length || line.bytes[0] == '#')
        return;
    char *end = line.bytes + line.length, *equals = line.bytes;
    while (equals < end && *equals != '=')
        equals++;
    if (has_control_characters(line)) {
        problem(&settings->problems, text_in(line), "has control characters");
    } else if (equals == end) {
        problem(&settings->problems, text_in(line), "has no equals sign");
    } else {
        struct text name = text_in(trimmed(line.bytes, equals));
        int key = settings_key(name);
        if (key < 0) {
            problem(&settings->problems, name, "is no setting");
        } else {
            note_repetition(settings, key, name);
            settings_set(settings, key, trimmed(equals + 1, end));
        }
    }
}

void settings_parse(struct settings *settings, char *bytes, size_t size)
{
    char *end = bytes + size;
    for (char *from = bytes; from < end;) {
        char *to = from;
        while (to < end && *to != '\n')
            to++;
        settings->problems.line++;
        parse_line(settings, from, to);
        if (settings->filter.verdict == VERDICT_SKIP && !settings->problems.loud)
            return;
        from = to + 1;
    }
}
