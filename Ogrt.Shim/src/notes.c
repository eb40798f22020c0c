#include "notes.h"

enum {
    WATERMARK_TYPE = 0x4f475254,
    WATERMARK_V1 = 1,
    WATERMARK_V2 = 2, /* tells more behind the UUID, which is not ours to read */
    UUID_LENGTH = 36,
    BUILD_ID_TYPE = 3, /* NT_GNU_BUILD_ID */
    MAX_BUILD_ID = 64,
    NAME_AND_SIZES = 12,
};

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_uuid(const char *bytes)
{
    for (int i = 0; i < UUID_LENGTH; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? bytes[i] != '-' : !is_hex(bytes[i]))
            return false;
    }
    return true;
}

/* A version byte, then the UUID as text with a null behind it: see tool/watermark.h. */
static void take_watermark(struct notes *notes, struct text content)
{
    if (content.length > UUID_LENGTH && (content.bytes[0] == WATERMARK_V1 || content.bytes[0] == WATERMARK_V2) &&
        is_uuid(content.bytes + 1))
        notes->signature = (struct text){content.bytes + 1, UUID_LENGTH};
}

static void take(struct notes *notes, uint32_t type, struct text name, struct text content)
{
    if (type == WATERMARK_TYPE && name.length == 5 && memcmp(name.bytes, "OGRT", 5) == 0)
        take_watermark(notes, content);
    else if (type == BUILD_ID_TYPE && name.length == 4 && memcmp(name.bytes, "GNU", 4) == 0 && content.length &&
             content.length <= MAX_BUILD_ID)
        notes->build_id = content;
}

/* Where a segment is aligned to 8, there may be a word of padding before a note that must be too. It is told by its
 * being zero, for a note has a name. */
static bool is_padding(const unsigned char *bytes, uint64_t at, size_t size, size_t alignment)
{
    static const unsigned char zero[4];
    return alignment == 8 && at % 8 == 4 && at + sizeof zero <= size && memcmp(bytes + at, zero, sizeof zero) == 0;
}

/* Sizes are 32 bit and the sums below are 64 bit, so nothing wraps. Names and contents are padded to 4 bytes, in
 * segments of 8-byte alignment too: the only notes made for those, GNU properties, fill 8 bytes anyway, and a linker
 * may put other notes behind them (mold does). */
void notes_scan(struct notes *notes, const unsigned char *bytes, size_t size, size_t alignment)
{
    const uint64_t mask = 3;
    for (uint64_t at = 0; at + NAME_AND_SIZES <= size;) {
        uint32_t head[3];
        if (is_padding(bytes, at, size, alignment)) {
            at += sizeof head[0];
            continue;
        }
        memcpy(head, bytes + at, sizeof head);
        uint64_t name = at + NAME_AND_SIZES;
        uint64_t content = (name + head[0] + mask) & ~mask;
        if (content + head[1] > size)
            return;
        take(notes, head[2], (struct text){(const char *)bytes + name, head[0]},
             (struct text){(const char *)bytes + content, head[1]});
        at = (content + head[1] + mask) & ~mask;
    }
}

/* A note segment is only believed where a loadable, readable segment covers it. */
static bool loaded(const struct image *image, const ElfW(Phdr) * note)
{
    for (size_t i = 0; i < image->count; i++) {
        const ElfW(Phdr) *load = &image->headers[i];
        if (load->p_type == PT_LOAD && load->p_flags & PF_R && note->p_vaddr >= load->p_vaddr &&
            note->p_vaddr - load->p_vaddr <= load->p_filesz &&
            note->p_filesz <= load->p_filesz - (note->p_vaddr - load->p_vaddr))
            return true;
    }
    return false;
}

struct notes notes_of(const struct image *image)
{
    struct notes notes = {{NULL, 0}, {NULL, 0}};
    for (size_t i = 0; i < image->count; i++) {
        const ElfW(Phdr) *header = &image->headers[i];
        if (header->p_type == PT_NOTE && loaded(image, header))
            notes_scan(&notes, (const unsigned char *)(image->bias + header->p_vaddr), header->p_filesz,
                       header->p_align);
    }
    return notes;
}
