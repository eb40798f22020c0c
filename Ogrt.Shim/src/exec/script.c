#include "script.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static char *skip_blanks(char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

static char *skip_word(char *at, const char *end)
{
    while (at < end && *at && !is_blank(*at))
        at++;
    return at;
}

bool is_script(const unsigned char *head, size_t length)
{
    return length >= 2 && head[0] == '#' && head[1] == '!';
}

/* The end of the line. One that does not end in what the kernel looks at must at least show that the interpreter's name
 * has ended, or it would be another name. The kernel fills what the file does not have with nulls. */
static char *end_of(char *line, size_t length)
{
    char *last = line + SCRIPT_LINE - 1;
    for (size_t i = 0; i < length; i++)
        if (line[i] == '\n')
            return line + i;
    char *name = skip_blanks(line + 2, last);
    return skip_word(name, last) < last ? last : NULL;
}

bool script_parse(struct script *script, const unsigned char *head, size_t length)
{
    char *line = script->line;
    if (length > SCRIPT_LINE)
        length = SCRIPT_LINE;
    memset(line, 0, sizeof script->line);
    memcpy(line, head, length);
    char *end = end_of(line, length);
    if (!is_script(head, length) || !end)
        return false;
    while (end > line + 2 && is_blank(end[-1]))
        end--;
    *end = 0;
    char *name = skip_blanks(line + 2, end), *behind = skip_word(name, end);
    char *argument = is_blank(*behind) ? skip_blanks(behind, end) : end;
    *behind = 0;
    script->interpreter = name;
    script->argument = argument < end && *argument ? argument : NULL;
    return *name;
}
