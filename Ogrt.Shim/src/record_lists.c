#include "environment.h"
#include "record_parts.h"

unsigned record_modules(struct wire *wire, const struct process *process)
{
    struct text list = environment_filled(process->vector.envp, "LOADEDMODULES");
    unsigned flags = 0;
    if (!process->settings->send_modules || !list.bytes)
        return 0;
    if (list.length > process->settings->max_modules) {
        list.length = (size_t)process->settings->max_modules;
        flags = FLAG_TRUNCATED_MODULES;
        while (list.length && list.bytes[list.length] != ':')
            list.length--; /* no half names */
    }
    for (size_t start = 0, at = 0; at <= list.length; at++) {
        if (at < list.length && list.bytes[at] != ':')
            continue;
        struct text name = {list.bytes + start, at - start};
        start = at + 1;
        if (!name.length)
            continue;
        if (!wire_open(wire, FIELD_LOADED_MODULES, wire_size(FIELD_MODULE_NAME, name)))
            return FLAG_TRUNCATED_MODULES;
        wire_text(wire, FIELD_MODULE_NAME, name);
    }
    return flags;
}

/* A relative path is one of LD_LIBRARY_PATH or LD_PRELOAD, and counts from the working directory. */
static bool put_object(struct wire *wire, const struct object *object, struct text directory)
{
    struct text path = object->path;
    bool relative = directory.length && path.bytes[0] != '/';
    size_t length = relative ? directory.length + 1 + path.length : path.length;
    struct text whole = {path.bytes, length}; /* for its length only */
    struct notes notes = object->notes;
    size_t size = wire_size(FIELD_OBJECT_PATH, whole) + wire_size(FIELD_OBJECT_SIGNATURE, notes.signature) +
                  wire_size(FIELD_OBJECT_BUILD_ID, notes.build_id);
    if (!wire_open(wire, FIELD_SHARED_OBJECTS, size))
        return false;
    wire_open(wire, FIELD_OBJECT_PATH, length);
    if (relative) {
        memcpy(wire->at, directory.bytes, directory.length);
        wire->at += directory.length;
        *wire->at++ = '/';
    }
    memcpy(wire->at, path.bytes, path.length);
    wire->at += path.length;
    wire_text(wire, FIELD_OBJECT_SIGNATURE, notes.signature);
    wire_text(wire, FIELD_OBJECT_BUILD_ID, notes.build_id);
    return true;
}

unsigned record_objects(struct wire *wire, struct objects *objects, struct text directory)
{
    struct object object;
    while (objects_next(objects, &object))
        if (!put_object(wire, &object, directory))
            return FLAG_TRUNCATED_SHARED_OBJECTS;
    return 0;
}

/* All arguments with a blank between them. */
static unsigned put_cmdline(struct wire *wire, const struct process_vector *vector, size_t most)
{
    size_t length = 0, written = 0;
    if (!vector->argc)
        return 0;
    for (long i = 0; i < vector->argc && length <= most; i++)
        length += text_length(vector->argv[i]) + (i > 0);
    unsigned flags = length > most ? FLAG_TRUNCATED_CMDLINE : 0;
    if (flags)
        length = most;
    if (!wire_open(wire, FIELD_CMDLINE, length))
        return FLAG_TRUNCATED_CMDLINE;
    for (long i = 0; written < length; i++) {
        if (i > 0) {
            *wire->at++ = ' ';
            written++;
        }
        for (const char *byte = vector->argv[i]; *byte && written < length; written++)
            *wire->at++ = (unsigned char)*byte++;
    }
    return flags;
}

/* False when the text, or what is left of it within the limit, was cut. */
static bool put_limited(struct wire *wire, unsigned field, struct text text, uint64_t *left)
{
    bool whole = text.length <= *left;
    if (!whole)
        text.length = (size_t)*left;
    *left -= text.length;
    return (whole || text.length) && wire_text_cut(wire, field, text) && whole;
}

unsigned record_arguments(struct wire *wire, const struct process *process)
{
    const struct process_vector *vector = &process->vector;
    if (!process->settings->send_cmdline)
        return 0;
    unsigned flags = put_cmdline(wire, vector, (size_t)process->settings->max_cmdline);
    uint64_t left = process->settings->max_arguments;
    for (long i = 0; i < vector->argc; i++)
        if (!put_limited(wire, FIELD_ARGUMENTS, text_of(vector->argv[i]), &left))
            return flags | FLAG_TRUNCATED_ARGUMENTS;
    return flags;
}

static bool is_listed(const char *entry, const char *patterns)
{
    struct text name = environment_name(entry);
    for (const char *pattern = patterns; pattern; pattern = list_next(pattern))
        if (text_matches(name, pattern))
            return true;
    return false;
}

unsigned record_environment(struct wire *wire, const struct process *process)
{
    const struct settings *settings = process->settings;
    uint64_t left = settings->max_environment;
    if (settings->environment == ENVIRONMENT_NONE)
        return 0;
    for (char **entry = process->vector.envp; *entry; entry++) {
        if (settings->environment == ENVIRONMENT_LISTED && !is_listed(*entry, settings->environment_names))
            continue;
        if (!put_limited(wire, FIELD_ENVIRONMENT_VARIABLES, text_of(*entry), &left))
            return FLAG_TRUNCATED_ENVIRONMENT;
    }
    return 0;
}
