#include "gnu_property.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_NOTES = 65536, /* a section of properties has some ten bytes */
    PROPERTY_HEAD = 8,
    AARCH64_FEATURE_PAUTH = 0xc0000001,
};

/* Those whose absence in one input takes them from the output: the values of AND and of OR_AND properties. Others, of
 * which the linker takes the sum or the largest, cannot be harmed by an input without them. */
static bool kept_by_all_only(const struct elf *elf, uint32_t type)
{
    if (type >= 0xb0000000 && type <= 0xb0007fff) /* GNU_PROPERTY_UINT32_AND */
        return true;
    if (elf->machine == EM_AARCH64)
        return type == 0xc0000000; /* FEATURE_1_AND */
    if (elf->machine == EM_X86_64 || elf->machine == EM_386)
        return (type >= 0xc0000002 && type <= 0xc0007fff) || (type >= 0xc0010000 && type <= 0xc0017fff);
    return false;
}

static void take_properties(const struct elf *elf, const unsigned char *bytes, size_t size,
                            struct gnu_properties *found)
{
    size_t mask = elf->is_64 ? 7 : 3;
    for (size_t at = 0; at < size && size - at >= PROPERTY_HEAD;) {
        uint32_t type = elf_u32(elf, bytes + at), length = elf_u32(elf, bytes + at + 4);
        const unsigned char *value = bytes + at + PROPERTY_HEAD;
        if (length > size - at - PROPERTY_HEAD)
            return;
        if (elf->machine == EM_AARCH64 && type == AARCH64_FEATURE_PAUTH && length == sizeof found->pauth) {
            found->has_pauth = true;
            memcpy(found->pauth, value, sizeof found->pauth);
        } else if (length == 4 && kept_by_all_only(elf, type) && found->count < MAX_PROPERTIES) {
            found->list[found->count++] = (struct gnu_property){type, elf_u32(elf, value)};
        }
        at += PROPERTY_HEAD + (((size_t)length + mask) & ~mask);
    }
}

static void take_section(const struct elf *elf, const struct elf_part *section, struct gnu_properties *found)
{
    if (section->size > MAX_NOTES)
        return;
    size_t size = (size_t)section->size;
    unsigned char *bytes = malloc(size ? size : 1);
    struct elf_note note;
    if (bytes && elf_read(elf, section->offset, bytes, size))
        for (size_t at = 0; elf_next_note(elf, bytes, size, section->alignment, &at, &note);)
            if (note.type == NT_GNU_PROPERTY_TYPE_0 && note.name_size == 4 && !memcmp(note.name, "GNU", 4))
                take_properties(elf, note.content, note.content_size, found);
    free(bytes);
}

static struct gnu_properties properties_of(const struct elf *elf)
{
    struct gnu_properties found;
    struct elf_part section;
    memset(&found, 0, sizeof found);
    for (uint32_t i = 0; i < elf->sections; i++)
        if (elf_section(elf, i, &section) && section.type == SHT_NOTE)
            take_section(elf, &section, &found);
    return found;
}

void gnu_properties_meet(struct gnu_properties *properties, const struct elf *input)
{
    struct gnu_properties other = properties_of(input);
    if (properties->inputs++ == 0) {
        unsigned inputs = properties->inputs;
        *properties = other;
        properties->inputs = inputs;
        return;
    }
    unsigned kept = 0;
    for (unsigned i = 0; i < properties->count; i++)
        for (unsigned j = 0; j < other.count; j++)
            if (properties->list[i].type == other.list[j].type) {
                properties->list[kept].type = properties->list[i].type;
                properties->list[kept++].value = properties->list[i].value & other.list[j].value;
                break;
            }
    properties->count = kept;
    if (!other.has_pauth || memcmp(properties->pauth, other.pauth, sizeof other.pauth) != 0)
        properties->has_pauth = false;
}

bool gnu_properties_empty(const struct gnu_properties *properties)
{
    return properties->count == 0 && !properties->has_pauth;
}
