#include "stamp.h"

#include <elf.h>
#include <string.h>

/* All targets have their low byte first. */
static void put(struct stamp *stamp, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        stamp->bytes[stamp->size++] = (unsigned char)(value >> (8 * i));
}

static void align(struct stamp *stamp, size_t alignment)
{
    while (stamp->size % alignment)
        stamp->bytes[stamp->size++] = 0;
}

static void put_bytes(struct stamp *stamp, const void *bytes, size_t size)
{
    memcpy(stamp->bytes + stamp->size, bytes, size);
    stamp->size += size;
}

/* Sections, in the order of their headers. */
enum section { SECTION_NULL, SECTION_MARK, SECTION_STACK, SECTION_NAMES, SECTION_PROPERTY, SECTIONS };

/* The contents of SECTION_NAMES, and where each name begins. */
static const char names[] = "\0.note.ogrt.info\0.note.GNU-stack\0.shstrtab\0.note.gnu.property";
static const uint32_t name_at[SECTIONS] = {0, 1, 17, 33, 43};

struct section_header {
    uint32_t type, flags;
    size_t offset, size, alignment;
};

static void put_note(struct stamp *stamp, const unsigned char *content, size_t size)
{
    put(stamp, WATERMARK_NAME, 4);
    put(stamp, size, 4);
    put(stamp, WATERMARK_TYPE, 4);
    put_bytes(stamp, "OGRT", WATERMARK_NAME);
    align(stamp, 4);
    put_bytes(stamp, content, size);
    align(stamp, 4);
}

static void put_watermark(struct stamp *stamp, const struct watermark *watermark)
{
    unsigned char content[WATERMARK_V2_SIZE];
    put_note(stamp, content, watermark_write_v1(content, &watermark->uuid));
    if (watermark->version == 2)
        put_note(stamp, content, watermark_write_v2(content, watermark));
}

/* Sorted by type: PAUTH (0xc0000001) stands between FEATURE_1_AND of aarch64 and nothing else. */
static void put_properties(struct stamp *stamp, const struct gnu_properties *properties, size_t word)
{
    size_t each = 8 + (word == 8 ? 8 : 4);
    put(stamp, 4, 4);
    put(stamp, properties->count * each + (properties->has_pauth ? 24 : 0), 4);
    put(stamp, NT_GNU_PROPERTY_TYPE_0, 4);
    put_bytes(stamp, "GNU", 4);
    for (unsigned i = 0; i < properties->count; i++) {
        put(stamp, properties->list[i].type, 4);
        put(stamp, 4, 4);
        put(stamp, properties->list[i].value, 4);
        align(stamp, word);
    }
    if (properties->has_pauth) {
        put(stamp, 0xc0000001, 4);
        put(stamp, sizeof properties->pauth, 4);
        put_bytes(stamp, properties->pauth, sizeof properties->pauth);
    }
}

static void put_section(struct stamp *stamp, enum section section, const struct section_header *header, size_t word)
{
    put(stamp, name_at[section], 4);
    put(stamp, header->type, 4);
    put(stamp, header->flags, word);
    put(stamp, 0, word); /* address */
    put(stamp, header->offset, word);
    put(stamp, header->size, word);
    put(stamp, 0, 4); /* link */
    put(stamp, 0, 4); /* info */
    put(stamp, header->alignment, word);
    put(stamp, 0, word); /* size of an entry */
}

/* Written over the room left for it, when the place of the section headers is known. */
static void put_header(struct stamp *stamp, const struct target *target, size_t sections_at, unsigned sections)
{
    bool is_64 = target->is_64;
    size_t size = stamp->size, word = is_64 ? 8 : 4;
    unsigned char identity[EI_NIDENT] = {
        ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, is_64 ? ELFCLASS64 : ELFCLASS32, ELFDATA2LSB, EV_CURRENT, ELFOSABI_NONE};
    stamp->size = 0;
    put_bytes(stamp, identity, sizeof identity);
    put(stamp, ET_REL, 2);
    put(stamp, target->machine, 2);
    put(stamp, EV_CURRENT, 4);
    put(stamp, 0, word); /* entry */
    put(stamp, 0, word); /* segments */
    put(stamp, sections_at, word);
    put(stamp, 0, 4); /* flags */
    put(stamp, is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr), 2);
    put(stamp, 0, 2);
    put(stamp, 0, 2);
    put(stamp, is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr), 2);
    put(stamp, sections, 2);
    put(stamp, SECTION_NAMES, 2);
    stamp->size = size;
}

void stamp_make(struct stamp *stamp, const struct target *target, const struct watermark *watermark,
                const struct gnu_properties *properties)
{
    struct section_header headers[SECTIONS] = {{SHT_NULL, 0, 0, 0, 0}};
    size_t word = target->is_64 ? 8 : 4;
    bool with_properties = !gnu_properties_empty(properties);

    stamp->size = target->is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
    size_t at = stamp->size;
    put_watermark(stamp, watermark);
    headers[SECTION_MARK] = (struct section_header){SHT_NOTE, SHF_ALLOC, at, stamp->size - at, 4};
    headers[SECTION_STACK] = (struct section_header){SHT_PROGBITS, 0, stamp->size, 0, 1};
    at = stamp->size;
    put_bytes(stamp, names, sizeof names);
    headers[SECTION_NAMES] = (struct section_header){SHT_STRTAB, 0, at, sizeof names, 1};
    align(stamp, 8);
    at = stamp->size;
    if (with_properties)
        put_properties(stamp, properties, word);
    headers[SECTION_PROPERTY] = (struct section_header){SHT_NOTE, SHF_ALLOC, at, stamp->size - at, word};
    at = stamp->size;
    unsigned sections = with_properties ? SECTIONS : SECTION_PROPERTY;
    for (unsigned i = 0; i < sections; i++)
        put_section(stamp, i, &headers[i], word);
    put_header(stamp, target, at, sections);
}
