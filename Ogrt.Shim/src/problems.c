#include "problems.h"

#include "config.h"
#include "say.h"
#include "textfile.h"

enum {
    MAX_TOLD = 20, /* a file of garbage has thousands */
    MAX_QUOTED = 80,
};

static bool is_told(struct problems *problems)
{
    return problems->count++ < MAX_TOLD && problems->loud;
}

void problem(struct problems *problems, struct text what, const char *reason)
{
    char buffer[SAY_LINE];
    if (!is_told(problems))
        return;
    struct format line = say_begin(buffer);
    if (problems->line) {
        format_string(&line, OGRT_SETTINGS_FILE ":");
        format_number(&line, problems->line);
    } else {
        format_string(&line, problems->name);
    }
    format_string(&line, ": '");
    say_quoted(&line, what, MAX_QUOTED);
    format_string(&line, "' ");
    format_string(&line, reason);
    say_end(&line);
}

void problem_file(struct problems *problems, const char *path, long result)
{
    char buffer[SAY_LINE];
    if (!is_told(problems))
        return;
    struct format line = say_begin(buffer);
    say_quoted(&line, text_of(path), SAY_LINE);
    format_string(&line, " is not used: ");
    if (result < 0)
        say_error(&line, -result);
    else
        format_string(&line, textfile_reason(result));
    say_end(&line);
}

void problems_finish(const struct problems *problems)
{
    char buffer[SAY_LINE];
    if (!problems->loud || problems->count <= MAX_TOLD)
        return;
    struct format line = say_begin(buffer);
    format_string(&line, "and ");
    format_number(&line, problems->count - MAX_TOLD);
    format_string(&line, " more of that kind");
    say_end(&line);
}
