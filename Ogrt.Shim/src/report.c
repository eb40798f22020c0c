#include "report.h"

#include "clock.h"
#include "format.h"
#include "syscalls.h"

enum { LINE = 512, STANDARD_ERROR = 2 };

void report(const struct process *process, const struct delivery *delivery)
{
    char line[LINE];
    struct text job, variable;
    struct format format = format_into(line, sizeof line);
    process_job(process, &job, &variable);
    format_string(&format, "ogrt: process ");
    format_number(&format, (uint64_t)process->pid);
    if (job.bytes) {
        format_string(&format, " of job ");
        format_text(&format, job);
    }
    if (delivery->error) {
        format_string(&format, " not sent: error ");
        format_number(&format, (uint64_t)-delivery->error);
    } else {
        format_string(&format, delivery->datagram ? " sent by udp" : " sent by tcp");
    }
    format_string(&format, ", ");
    format_number(&format, delivery->size);
    format_string(&format, " bytes, attempts ");
    format_number(&format, delivery->attempts);
    format_string(&format, ", ");
    format_number(&format, (uint64_t)(clock_monotonic() - process->started) / 1000);
    format_string(&format, " us\n");
    format_finish(&format);
    sys_write(STANDARD_ERROR, line, (size_t)(format.at - line));
}
