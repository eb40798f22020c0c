#include "username.h"

#include "descriptor.h"
#include "environment.h"
#include "syscalls.h"

static struct text field(struct text *line)
{
    size_t length = 0;
    while (length < line->length && line->bytes[length] != ':')
        length++;
    struct text head = {line->bytes, length};
    size_t taken = length < line->length ? length + 1 : length;
    *line = (struct text){line->bytes + taken, line->length - taken};
    return head;
}

bool passwd_line_is(struct text line, uint64_t uid, struct text *name)
{
    uint64_t number;
    *name = field(&line);
    field(&line);
    return name->length && name->length <= MAX_USERNAME && text_number(field(&line), UINT32_MAX, &number) &&
           number == uid;
}

/* Looks at each whole line of the buffer; gives what is left behind the last of them. */
static size_t search(const char *buffer, size_t size, uint64_t uid, struct text *name)
{
    size_t start = 0;
    for (size_t i = 0; i < size && !name->bytes; i++) {
        if (buffer[i] != '\n')
            continue;
        struct text found;
        if (passwd_line_is((struct text){buffer + start, i - start}, uid, &found))
            *name = found;
        start = i + 1;
    }
    return start;
}

/* A line longer than the buffer ends the search: no real one is. */
static struct text from_passwd(uint64_t uid, struct username_room *room)
{
    char *buffer = room->chunk;
    struct text name = {NULL, 0};
    size_t kept = 0, total = 0;
    int fd = descriptor_open("/etc/passwd");
    while (fd >= 0 && !name.bytes && kept < sizeof room->chunk && total < MAX_PASSWD) {
        long length = sys_read(fd, buffer + kept, sizeof room->chunk - kept);
        if (length <= 0)
            break;
        total += (size_t)length;
        kept += (size_t)length;
        size_t done = search(buffer, kept, uid, &name);
        if (name.bytes) {
            memcpy(room->name, name.bytes, name.length);
            name.bytes = room->name;
        }
        for (size_t i = done; i < kept; i++)
            buffer[i - done] = buffer[i];
        kept -= done;
    }
    if (fd >= 0)
        sys_close(fd);
    return name;
}

static struct text from_environment(char *const *envp)
{
    struct text name = environment_filled(envp, "USER");
    if (!name.bytes)
        name = environment_filled(envp, "LOGNAME");
    return name.length <= MAX_USERNAME ? name : text_of(NULL);
}

struct text username_with_room(const struct settings *settings, char *const *envp, uint64_t uid,
                               struct username_room *room)
{
    if (!settings->send_username)
        return text_of(NULL);
    return settings->username_source == USERNAME_PASSWD ? from_passwd(uid, room) : from_environment(envp);
}

/* A function of its own, so that a name from the environment does not need the room. */
static __attribute__((noinline)) struct text copied_from_passwd(uint64_t uid, char buffer[MAX_USERNAME])
{
    struct username_room room;
    struct text name = from_passwd(uid, &room);
    if (!name.bytes)
        return name;
    memcpy(buffer, name.bytes, name.length);
    return (struct text){buffer, name.length};
}

struct text username(const struct settings *settings, char *const *envp, uint64_t uid, char buffer[MAX_USERNAME])
{
    if (!settings->send_username)
        return text_of(NULL);
    return settings->username_source == USERNAME_PASSWD ? copied_from_passwd(uid, buffer) : from_environment(envp);
}
