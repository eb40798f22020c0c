#include "build_info.h"

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void put_text(struct watermark *watermark, enum watermark_tag tag, const char *text)
{
    if (text && *text)
        watermark->fields[tag] = (struct watermark_field){(const unsigned char *)text, strlen(text), false};
}

static void put_number(struct watermark *watermark, enum watermark_tag tag, unsigned char *room, size_t size,
                       uint64_t value)
{
    for (size_t i = 0; i < size; i++)
        room[i] = (unsigned char)(value >> (8 * i));
    watermark->fields[tag] = (struct watermark_field){room, size, false};
}

/* gcc says how it was called; other compilers call the linker themselves, and then they are its parent. Where a linker
 * is called by hand, that is a shell or make, which is as true. */
static void find_compiler(struct build_info *info, bool linking)
{
    char link[32];
    const char *gcc = getenv("COLLECT_GCC");
    if (gcc && strlen(gcc) < sizeof info->compiler) {
        memcpy(info->compiler, gcc, strlen(gcc) + 1);
        return;
    }
    if (!linking)
        return;
    snprintf(link, sizeof link, "/proc/%ld/exe", (long)getppid());
    ssize_t length = readlink(link, info->compiler, sizeof info->compiler - 1);
    info->compiler[length > 0 ? length : 0] = 0;
}

static bool source_date(uint64_t *seconds)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    char *end;
    if (!text || *text < '0' || *text > '9')
        return false;
    errno = 0;
    *seconds = strtoull(text, &end, 10);
    return errno == 0 && *end == 0;
}

void build_info_fill(struct build_info *info, struct watermark *watermark, const char *output, bool reproducible)
{
    uint64_t seconds = 0;
    if (source_date(&seconds))
        put_number(watermark, WATERMARK_TIME, info->time, sizeof info->time, seconds);
    else if (!reproducible)
        put_number(watermark, WATERMARK_TIME, info->time, sizeof info->time, (uint64_t)time(NULL));
    if (!reproducible) {
        const char *user = getenv("USER");
        put_number(watermark, WATERMARK_UID, info->uid, sizeof info->uid, getuid());
        put_text(watermark, WATERMARK_USER, user && *user ? user : getenv("LOGNAME"));
        if (gethostname(info->host, sizeof info->host - 1) == 0) {
            info->host[sizeof info->host - 1] = 0;
            put_text(watermark, WATERMARK_HOST, info->host);
        }
        if (getcwd(info->cwd, sizeof info->cwd))
            put_text(watermark, WATERMARK_CWD, info->cwd);
        put_text(watermark, WATERMARK_OUTPUT, output);
    }
    find_compiler(info, output != NULL);
    put_text(watermark, WATERMARK_COMPILER, info->compiler);
    put_text(watermark, WATERMARK_MODULES, getenv("LOADEDMODULES"));
    put_text(watermark, WATERMARK_OGRT, OGRT_VERSION);
}
