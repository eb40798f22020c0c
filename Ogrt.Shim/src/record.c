#include "record.h"

#include "config.h"
#include "environment.h"
#include "record_parts.h"
#include "syscalls.h"

enum {
    MAX_PATH = 4096,
    /* What a record of RECORD_SMALL bytes has room for beside its fields of bounded size. */
    SMALL_ARGUMENTS = 384, /* they are written twice: separately and joined */
    SMALL_MODULES = 256,
    SMALL_OBJECTS = 10,
};

/* Fields of bounded size come first, then the lists in the order in which they are worth most: what is written last
 * is cut first. */
static bool write_message(struct frame *frame, const struct process *process, struct text directory)
{
    struct wire *wire = &frame->wire;
    struct objects objects;
    objects_open(&objects, &process->vector);

    record_executable(wire, process, &objects.executable);
    record_identity(wire, process);
    record_job(wire, process);
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

/* The working directory, which counts the null that is written behind it; a text without bytes where there is none. */
static struct text working_directory(char *buffer, size_t size)
{
    long length = sys_getcwd(buffer, size);
    return length > 1 ? (struct text){buffer, (size_t)length - 1} : text_of(NULL);
}

/* Needed for relative paths of objects even where it is not sent. */
static bool write_without_directory(struct frame *frame, const struct process *process)
{
    char buffer[MAX_PATH];
    return write_message(frame, process, working_directory(buffer, sizeof buffer));
}

bool record_write(struct frame *frame, const struct process *process)
{
    if (!process->settings->send_cwd)
        return write_without_directory(frame, process);
    size_t size;
    char *room = wire_room(&frame->wire, &size);
    struct text directory = working_directory(room, size);
    frame->wire.refused |= !directory.bytes && size < MAX_PATH;
    if (directory.bytes)
        directory = wire_take(&frame->wire, FIELD_CWD, directory.length);
    return write_message(frame, process, directory);
}

static bool has_few_arguments(const struct process_vector *vector)
{
    size_t size = 0;
    for (long i = 0; i < vector->argc && size <= SMALL_ARGUMENTS; i++)
        size += text_length(vector->argv[i]) + 1;
    return size <= SMALL_ARGUMENTS;
}

static bool has_few_objects(const struct process_vector *vector)
{
    const struct link_map *map = objects_first(vector);
    for (int count = 0; map && count <= SMALL_OBJECTS; count++)
        map = map->l_next;
    return !map;
}

bool record_is_small(const struct process *process)
{
    const struct settings *settings = process->settings;
    const struct process_vector *vector = &process->vector;
    return settings->send_cwd && settings->environment != ENVIRONMENT_ALL && has_few_arguments(vector) &&
           environment_get(vector->envp, "LOADEDMODULES").length <= SMALL_MODULES && has_few_objects(vector);
}

void record_failed_sends(struct frame *frame, unsigned count)
{
    wire_number(&frame->wire, FIELD_FAILED_SENDS, count);
}
