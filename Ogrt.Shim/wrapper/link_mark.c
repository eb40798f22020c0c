#include "link_mark.h"

#include "build_info.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    /* Objects that are asked for their properties. Those of the C library and the compiler come first, then the user's;
     * when one of these lacks a property, the output does too. */
    MAX_ASKED = 8,
};

static bool says(const char *name, const char *word)
{
    const char *value = getenv(name);
    return value && !strcmp(value, word);
}

static bool says_yes(const char *name)
{
    return says(name, "yes") || says(name, "true") || says(name, "1");
}

struct mark_settings mark_settings_read(void)
{
    const char *date = getenv("SOURCE_DATE_EPOCH");
    return (struct mark_settings){
        .off = says("OGRT_STAMP", "no") || says("OGRT_STAMP", "false") || says("OGRT_STAMP", "0"),
        .info = says_yes("OGRT_STAMP_INFO"),
        .content = says("OGRT_STAMP_UUID", "content") || (date && *date && !says("OGRT_STAMP_UUID", "random")),
        .trace = says_yes("OGRT_STAMP_TRACE"),
    };
}

/* Opens the input as a relocatable object; the caller closes the descriptor. -1 where it is none. */
static int open_object(const char *path, struct elf *elf)
{
    struct elf_source source;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor >= 0 && elf_source_open(&source, descriptor) && elf_open(elf, &source) == ELF_FILE &&
        elf->type == ET_REL)
        return descriptor;
    if (descriptor >= 0)
        close(descriptor);
    return -1;
}

const struct target *link_target(const struct link_command *link)
{
    struct elf elf;
    if (link->emulation)
        return target_of_emulation(link->emulation);
    for (size_t i = 0; i < link->input_count; i++) {
        int object = open_object(link->inputs[i], &elf);
        if (object < 0)
            continue;
        close(object);
        return elf.big_endian ? NULL : target_of_machine(elf.machine, elf.is_64);
    }
    return NULL;
}

static void ask_properties(struct gnu_properties *properties, const struct link_command *link)
{
    struct elf elf;
    memset(properties, 0, sizeof *properties);
    for (size_t i = 0; i < link->input_count && properties->inputs < MAX_ASKED; i++) {
        int object = open_object(link->inputs[i], &elf);
        if (object < 0)
            continue;
        gnu_properties_meet(properties, &elf);
        close(object);
        if (gnu_properties_empty(properties))
            return;
    }
}

static void add_file(struct sha1 *sha1, const char *path)
{
    static unsigned char buffer[1 << 16];
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    while (descriptor >= 0) {
        ssize_t got = read(descriptor, buffer, sizeof buffer);
        if (got > 0)
            sha1_add(sha1, buffer, (size_t)got);
        else if (got == 0 || errno != EINTR)
            break;
    }
    if (descriptor >= 0)
        close(descriptor);
}

/* Of the contents of the inputs, the names of libraries and the name of the output: not of paths, which are others in
 * the next build. */
static struct uuid uuid_of_content(const struct link_command *link)
{
    /* Our name space, a version 4 UUID that was drawn for this. */
    static const unsigned char space[16] = {0x25, 0xec, 0x42, 0x6d, 0x51, 0x89, 0x4b, 0x8f,
                                            0xbe, 0x24, 0xd2, 0x5c, 0x40, 0xfb, 0x19, 0xf6};
    unsigned char hash[SHA1_SIZE];
    struct sha1 sha1;
    const char *slash = strrchr(link->output, '/'), *name = slash ? slash + 1 : link->output;
    sha1_start(&sha1);
    sha1_add(&sha1, space, sizeof space);
    sha1_add(&sha1, name, strlen(name) + 1);
    for (size_t i = 0; i < link->library_count; i++)
        sha1_add(&sha1, link->libraries[i], strlen(link->libraries[i]) + 1);
    for (size_t i = 0; i < link->input_count; i++)
        add_file(&sha1, link->inputs[i]);
    sha1_finish(&sha1, hash);
    return uuid_of_hash(hash);
}

const char *link_mark(struct stamp *stamp, const struct link_command *link, const struct target *target,
                      const struct mark_settings *settings)
{
    static struct build_info info;
    struct watermark watermark = {.version = settings->info ? 2 : 1};
    struct gnu_properties properties;
    if (settings->content)
        watermark.uuid = uuid_of_content(link);
    else if (!uuid_random(&watermark.uuid))
        return "the kernel gives no random numbers";
    if (settings->info)
        build_info_fill(&info, &watermark, link->output, settings->content);
    ask_properties(&properties, link);
    stamp_make(stamp, target, &watermark, &properties);
    return NULL;
}
