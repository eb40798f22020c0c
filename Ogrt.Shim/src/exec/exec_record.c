#include "exec_record.h"

#include "config.h"
#include "record_parts.h"
#include "username.h"

/* The encoding of st_dev. */
static uint64_t device_number(uint64_t major, uint64_t minor)
{
    return (major & 0xfff) << 8 | (major & ~0xfffull) << 32 | (minor & 0xff) | (minor & ~0xffull) << 12;
}

static void put_executable(struct wire *wire, const struct subject *subject)
{
    const struct statx *file = &subject->program->status;
    wire_text(wire, FIELD_BINPATH, subject->binary);
    wire_text(wire, FIELD_EXEC_PATH, subject->called);
    wire_number(wire, FIELD_EXECUTABLE_DEVICE, device_number(file->stx_dev_major, file->stx_dev_minor));
    wire_number(wire, FIELD_EXECUTABLE_INODE, file->stx_ino);
    wire_number(wire, FIELD_EXECUTABLE_SIZE, file->stx_size);
    wire_number(wire, FIELD_EXECUTABLE_MTIME_NS,
                (uint64_t)(file->stx_mtime.tv_sec * 1000000000 + file->stx_mtime.tv_nsec));
    wire_text(wire, FIELD_SIGNATURE, subject->signature);
    wire_text(wire, FIELD_EXECUTABLE_BUILD_ID, subject->build_id);
}

static void put_identity(struct wire *wire, const struct process *process, const struct subject *subject,
                         struct username_room *room)
{
    const struct privilege *user = &subject->program->privilege;
    struct utsname host;
    int64_t now = process->now;
    wire_number(wire, FIELD_PID, (uint64_t)subject->pid);
    wire_number(wire, FIELD_PARENT_PID, subject->parent);
    if (subject->start_ticks)
        wire_number(wire, FIELD_START_TICKS, subject->start_ticks);
    if (subject->parent_start_ticks)
        wire_number(wire, FIELD_PARENT_START_TICKS, subject->parent_start_ticks);
    wire_number(wire, FIELD_TIME, (uint64_t)(now / 1000000000));
    wire_number(wire, FIELD_TIME_NS, (uint64_t)now);
    wire_number(wire, FIELD_UID, user->real_user);
    wire_number(wire, FIELD_GID, user->real_group);
    wire_number(wire, FIELD_EFFECTIVE_UID, user->effective_user);
    wire_text(wire, FIELD_USERNAME, username_with_room(process->settings, process->vector.envp, user->real_user, room));
    if (process->settings->send_hostname && sys_uname(&host) == 0)
        wire_text(wire, FIELD_HOSTNAME, text_of(host.nodename));
}

static unsigned kind_of(const struct program *program)
{
    return FLAG_REPORTED_AT_EXEC | (program->is_static ? FLAG_STATIC_EXECUTABLE : 0u) |
           (program->privileged ? FLAG_PRIVILEGED_EXECUTABLE : 0u);
}

void exec_record_write(struct frame *frame, const struct process *process, const struct subject *subject,
                       struct username_room *room)
{
    struct wire *wire = &frame->wire;
    put_executable(wire, subject);
    put_identity(wire, process, subject, room);
    record_job(wire, process);
    if (process->settings->send_cwd)
        wire_text(wire, FIELD_CWD, subject->directory);
    wire_text(wire, FIELD_SHIM_VERSION, text_of(OGRT_VERSION));

    unsigned flags = kind_of(subject->program) | record_container(process);
    flags |= record_modules(wire, process);
    flags |= record_arguments(wire, process);
    flags |= record_environment(wire, process);

    frame_use_reserve(frame);
    wire_number(wire, FIELD_FLAGS, flags);
}
