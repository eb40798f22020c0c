#include "username.h"

#include "descriptor.h"
#include "environment.h"
#include "syscalls.h"

enum { CHUNK = 4096 };

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
static struct text from_passwd(uint64_t uid, char result[MAX_USERNAME])
{
    char buffer[CHUNK];
    struct text name = {NULL, 0};
    size_t kept = 0, total = 0;
    int fd = descriptor_open("/etc/passwd");
    while (fd >= 0 && !name.bytes && kept < sizeof buffer && total < MAX_PASSWD) {
        long length = sys_read(fd, buffer + kept, sizeof buffer - kept);
        if (length <= 0)
            break;
        total += (size_t)length;
        kept += (size_t)length;
        size_t done = search(buffer, kept, uid, &name);
        if (name.bytes) {
            memcpy(result, name.bytes, name.length);
            name.bytes = result;
        }
        for (size_t i = done; i < kept; i++)
            buffer[i - done] = buffer[i];
        kept -= done;
    }
    if (fd >= 0)
        sys_close(fd);
    return name;
}

struct text username(const struct settings *settings, char *const *envp, uint64_t uid, char buffer[MAX_USERNAME])
{
    if (!settings->send_username)
        return text_of(NULL);
    if (settings->username_source == USERNAME_PASSWD)
        return from_passwd(uid, buffer);
    struct text name = environment_filled(envp, "USER");
    if (!name.bytes)
        name = environment_filled(envp, "LOGNAME");
    return name.length <= MAX_USERNAME ? name : text_of(NULL);
}
