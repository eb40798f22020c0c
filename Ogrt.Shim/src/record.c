#include "record.h"

#include "config.h"
#include "record_parts.h"
#include "syscalls.h"

enum { MAX_PATH = 4096 };

/* Needed for relative object paths even where it is not sent. The answer lies in the buffer. */
static struct text working_directory(char *buffer, size_t size)
{
    long length = sys_getcwd(buffer, size); /* counts the null */
    return length > 1 ? (struct text){buffer, (size_t)length - 1} : text_of(NULL);
}

/* Fields of bounded size come first, then the lists in the order in which they are worth most: what is written last
 * is cut first. */
bool record_write(struct frame *frame, const struct process *process)
{
    struct wire *wire = &frame->wire;
    struct objects objects;
    char buffer[MAX_PATH];
    struct text directory = working_directory(buffer, sizeof buffer);
    objects_open(&objects, &process->vector);

    record_executable(wire, process, &objects.executable);
    record_identity(wire, process);
    record_job(wire, process);
    if (process->settings->send_cwd)
        wire_text(wire, FIELD_CWD, directory);
    wire_text(wire, FIELD_SHIM_VERSION, text_of(OGRT_VERSION));

    unsigned flags = record_container(process);
    flags |= record_modules(wire, process);
    if (process->settings->send_objects)
        flags |= record_objects(wire, &objects, directory);
    flags |= record_arguments(wire, process);
    flags |= record_environment(wire, process);

    frame_use_reserve(frame);
    if (flags)
        wire_number(wire, FIELD_FLAGS, flags);
    return !wire->refused;
}

void record_failed_sends(struct frame *frame, unsigned count)
{
    wire_number(&frame->wire, FIELD_FAILED_SENDS, count);
}
