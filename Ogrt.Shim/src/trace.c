#include "trace.h"

#include "clock.h"
#include "config.h"
#include "say.h"

enum { MAX_SHOWN_PATH = 400 };

static struct format begin(const struct process *process, char buffer[SAY_LINE], const char *outcome)
{
    struct format line = say_begin(buffer);
    format_string(&line, "process ");
    format_number(&line, (uint64_t)process->pid);
    format_string(&line, " (");
    say_quoted(&line, process->path, MAX_SHOWN_PATH);
    format_string(&line, ") ");
    format_string(&line, outcome);
    return line;
}

void trace_left_out(const struct process *process, const char *reason)
{
    char buffer[SAY_LINE];
    struct format line = begin(process, buffer, "is not reported: ");
    format_string(&line, reason);
    say_end(&line);
}

void trace_inactive(const struct process *process, const struct switches *switches)
{
    const struct settings *settings = process->settings;
    if (settings && !settings->enabled)
        trace_left_out(process, OGRT_SETTINGS_FILE " says enabled = no");
    else if (switches->active == SWITCH_OFF)
        trace_left_out(process, "OGRT_ACTIVE switches it off");
    else if (settings)
        trace_left_out(process, OGRT_SETTINGS_FILE " says active-by-default = no, and OGRT_ACTIVE does not say yes");
    else if (switches->active == SWITCH_UNCLEAR)
        trace_left_out(process, "OGRT_ACTIVE is neither yes, true nor 1");
    else
        trace_left_out(process, "OGRT_ACTIVE is not set; yes, true or 1 switches it on");
}

void trace_confined(const struct process *process)
{
    char buffer[SAY_LINE];
    struct format line = say_begin(buffer);
    unsigned long called = 0;
    vector_auxiliary(&process->vector, AT_EXECFN, &called);
    format_string(&line, "process (");
    say_quoted(&line, text_of((const char *)called), MAX_SHOWN_PATH);
    format_string(&line, ") is not reported: a seccomp filter may kill it for a system call that it does not know");
    say_end(&line);
}

void trace_filtered(const struct process *process)
{
    char buffer[SAY_LINE];
    struct format line = begin(process, buffer, "is not reported: skipped by ");
    if (process->settings->filter.line) {
        format_string(&line, "the rule in line ");
        format_number(&line, process->settings->filter.line);
        format_string(&line, " of " OGRT_SETTINGS_FILE);
    } else {
        format_string(&line, "a rule that is built in");
    }
    say_end(&line);
}

void trace_delivery(const struct process *process, const struct delivery *delivery)
{
    char buffer[SAY_LINE];
    struct format line = begin(process, buffer, delivery->error ? "could not be reported: " : "is reported: ");
    if (delivery->attempts) {
        format_number(&line, delivery->size);
        format_string(&line, delivery->datagram ? " bytes by udp to " : " bytes by tcp to ");
        say_quoted(&line, text_of(delivery->server), SERVER_NAME);
        format_string(&line, delivery->error ? ", " : "");
        if (delivery->error)
            say_error(&line, -delivery->error);
        format_string(&line, ", attempts ");
        format_number(&line, delivery->attempts);
    } else {
        format_string(&line, "there is no server to send to");
    }
    format_string(&line, ", ");
    format_number(&line, (uint64_t)(clock_monotonic() - process->started) / 1000);
    format_string(&line, " us");
    say_end(&line);
}
