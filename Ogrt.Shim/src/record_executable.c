#include "record_parts.h"

/* The encoding of st_dev, so that it compares with what other tools print. */
static uint64_t device_number(uint64_t major, uint64_t minor)
{
    return (major & 0xfff) << 8 | (major & ~0xfffull) << 32 | (minor & 0xff) | (minor & ~0xffull) << 12;
}

static void put_file(struct wire *wire, const struct statx *file)
{
    wire_number(wire, FIELD_EXECUTABLE_DEVICE, device_number(file->stx_dev_major, file->stx_dev_minor));
    wire_number(wire, FIELD_EXECUTABLE_INODE, file->stx_ino);
    wire_number(wire, FIELD_EXECUTABLE_SIZE, file->stx_size);
    wire_number(wire, FIELD_EXECUTABLE_MTIME_NS,
                (uint64_t)(file->stx_mtime.tv_sec * 1000000000 + file->stx_mtime.tv_nsec));
}

void record_executable(struct wire *wire, const struct process *process, const struct image *image)
{
    struct notes notes = notes_of(image);
    unsigned long called = 0;
    vector_auxiliary(&process->vector, AT_EXECFN, &called);
    wire_text(wire, FIELD_BINPATH, process->path);
    wire_text(wire, FIELD_EXEC_PATH, text_of((const char *)called));
    if (process->executable.has_file)
        put_file(wire, &process->executable.file);
    wire_text(wire, FIELD_SIGNATURE, notes.signature);
    wire_text(wire, FIELD_EXECUTABLE_BUILD_ID, notes.build_id);
}
