#include "record_parts.h"
#include "syscalls.h"
#include "username.h"

static void put_auxiliary(struct wire *wire, const struct process *process, unsigned long type, unsigned field)
{
    unsigned long value;
    if (vector_auxiliary(&process->vector, type, &value))
        wire_number(wire, field, value);
}

static void put_ancestry(struct wire *wire, const struct process *process)
{
    const struct ancestry *ancestry = &process->ancestry;
    bool same_namespace = ancestry->has_self && ancestry->self.pid == (uint64_t)process->pid;
    wire_number(wire, FIELD_PID, (uint64_t)process->pid);
    wire_number(wire, FIELD_PARENT_PID, same_namespace ? ancestry->self.parent : (uint64_t)sys_getppid());
    if (ancestry->has_self)
        wire_number(wire, FIELD_START_TICKS, ancestry->self.start_ticks);
    if (ancestry->has_parent)
        wire_number(wire, FIELD_PARENT_START_TICKS, ancestry->parent_start_ticks);
}

static void put_user(struct wire *wire, const struct process *process)
{
    char buffer[MAX_USERNAME];
    unsigned long uid;
    put_auxiliary(wire, process, AT_UID, FIELD_UID);
    put_auxiliary(wire, process, AT_GID, FIELD_GID);
    put_auxiliary(wire, process, AT_EUID, FIELD_EFFECTIVE_UID);
    if (vector_auxiliary(&process->vector, AT_UID, &uid))
        wire_text(wire, FIELD_USERNAME, username(process->settings, process->vector.envp, uid, buffer));
}

void record_identity(struct wire *wire, const struct process *process)
{
    struct utsname host;
    put_ancestry(wire, process);
    wire_number(wire, FIELD_TIME, (uint64_t)(process->now / 1000000000));
    wire_number(wire, FIELD_TIME_NS, (uint64_t)process->now);
    put_user(wire, process);
    if (process->settings->send_hostname && sys_uname(&host) == 0)
        wire_text(wire, FIELD_HOSTNAME, text_of(host.nodename));
}
