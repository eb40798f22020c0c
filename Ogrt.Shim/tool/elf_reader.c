#include "elf_reader.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    /* More headers than this are read from no file; an executable has a dozen segments, an object file has some ten
     * thousand sections. (A dump of a process can have more segments, and is of no interest here.) */
    MAX_SEGMENTS = 4096,
    MAX_SECTIONS = 1 << 20,
    NOTE_HEAD = 12,
};

bool elf_source_open(struct elf_source *source, int descriptor)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return false;
    if (!S_ISREG(status.st_mode)) {
        errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
        return false;
    }
    *source = (struct elf_source){NULL, descriptor, (uint64_t)status.st_size};
    return true;
}

bool elf_read(const struct elf *elf, uint64_t at, void *to, size_t size)
{
    const struct elf_source *source = &elf->source;
    if (at > source->size || size > source->size - at)
        return false;
    if (source->bytes) {
        memcpy(to, source->bytes + at, size);
        return true;
    }
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(source->descriptor, (char *)to + done, size - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

uint16_t elf_u16(const struct elf *elf, const unsigned char *bytes)
{
    return (uint16_t)(elf->big_endian ? bytes[0] << 8 | bytes[1] : bytes[1] << 8 | bytes[0]);
}

uint32_t elf_u32(const struct elf *elf, const unsigned char *bytes)
{
    uint32_t first = elf_u16(elf, bytes), second = elf_u16(elf, bytes + 2);
    return elf->big_endian ? first << 16 | second : second << 16 | first;
}

uint64_t elf_u64(const struct elf *elf, const unsigned char *bytes)
{
    uint64_t first = elf_u32(elf, bytes), second = elf_u32(elf, bytes + 4);
    return elf->big_endian ? first << 32 | second : second << 32 | first;
}

/* A word of the file's class at one of two offsets. */
static uint64_t word(const struct elf *elf, const unsigned char *bytes, size_t at_64, size_t at_32)
{
    return elf->is_64 ? elf_u64(elf, bytes + at_64) : elf_u32(elf, bytes + at_32);
}

static bool table_fits(const struct elf *elf, uint64_t at, uint64_t count, uint64_t size)
{
    return at <= elf->source.size && count * size <= elf->source.size - at;
}

static size_t segment_size(const struct elf *elf)
{
    return elf->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

static size_t section_size(const struct elf *elf)
{
    return elf->is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
}

/* Where there are too many headers for the 16 bits of the ELF header, the first section holds their numbers. */
static void take_counts(struct elf *elf, const unsigned char *header)
{
    size_t tail = elf->is_64 ? offsetof(Elf64_Ehdr, e_phentsize) : offsetof(Elf32_Ehdr, e_phentsize);
    uint16_t segment_entry = elf_u16(elf, header + tail), section_entry = elf_u16(elf, header + tail + 4);
    uint64_t segments = elf_u16(elf, header + tail + 2), sections = elf_u16(elf, header + tail + 6);
    struct elf_part first;
    unsigned char bytes[sizeof(Elf64_Shdr)];

    elf->sections = 1;
    if (elf->sections_at && (sections == 0 || segments == PN_XNUM) && elf_section(elf, 0, &first)) {
        if (sections == 0)
            sections = first.size;
        if (segments == PN_XNUM && elf_read(elf, elf->sections_at, bytes, section_size(elf)))
            segments =
                elf_u32(elf, bytes + (elf->is_64 ? offsetof(Elf64_Shdr, sh_info) : offsetof(Elf32_Shdr, sh_info)));
    }
    elf->segments = elf->sections = 0;
    if (elf->segments_at && segments) {
        if (segments <= MAX_SEGMENTS && segment_entry == segment_size(elf) &&
            table_fits(elf, elf->segments_at, segments, segment_entry))
            elf->segments = (uint32_t)segments;
        else
            elf->damaged = true;
    }
    if (elf->sections_at && sections) {
        if (sections <= MAX_SECTIONS && section_entry == section_size(elf) &&
            table_fits(elf, elf->sections_at, sections, section_entry))
            elf->sections = (uint32_t)sections;
        else
            elf->damaged = true;
    }
}

enum elf_kind elf_open(struct elf *elf, const struct elf_source *source)
{
    unsigned char header[sizeof(Elf64_Ehdr)];
    memset(elf, 0, sizeof *elf);
    elf->source = *source;
    if (!elf_read(elf, 0, header, EI_NIDENT))
        return ELF_OTHER;
    if (!memcmp(header, "!<arch>\n", 8) || !memcmp(header, "!<thin>\n", 8))
        return ELF_ARCHIVE;
    if (memcmp(header, ELFMAG, SELFMAG) != 0 || (header[EI_CLASS] != ELFCLASS32 && header[EI_CLASS] != ELFCLASS64) ||
        (header[EI_DATA] != ELFDATA2LSB && header[EI_DATA] != ELFDATA2MSB))
        return ELF_OTHER;
    elf->is_64 = header[EI_CLASS] == ELFCLASS64;
    elf->big_endian = header[EI_DATA] == ELFDATA2MSB;
    if (!elf_read(elf, 0, header, elf->is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr)))
        return ELF_OTHER;
    elf->type = elf_u16(elf, header + offsetof(Elf64_Ehdr, e_type));
    elf->machine = elf_u16(elf, header + offsetof(Elf64_Ehdr, e_machine));
    elf->segments_at = word(elf, header, offsetof(Elf64_Ehdr, e_phoff), offsetof(Elf32_Ehdr, e_phoff));
    elf->sections_at = word(elf, header, offsetof(Elf64_Ehdr, e_shoff), offsetof(Elf32_Ehdr, e_shoff));
    take_counts(elf, header);
    return ELF_FILE;
}

bool elf_segment(const struct elf *elf, uint32_t index, struct elf_part *part)
{
    unsigned char bytes[sizeof(Elf64_Phdr)];
    size_t size = segment_size(elf);
    if (index >= elf->segments || !elf_read(elf, elf->segments_at + index * size, bytes, size))
        return false;
    part->type = elf_u32(elf, bytes);
    part->flags = elf_u32(elf, bytes + (elf->is_64 ? offsetof(Elf64_Phdr, p_flags) : offsetof(Elf32_Phdr, p_flags)));
    part->offset = word(elf, bytes, offsetof(Elf64_Phdr, p_offset), offsetof(Elf32_Phdr, p_offset));
    part->address = word(elf, bytes, offsetof(Elf64_Phdr, p_vaddr), offsetof(Elf32_Phdr, p_vaddr));
    part->size = word(elf, bytes, offsetof(Elf64_Phdr, p_filesz), offsetof(Elf32_Phdr, p_filesz));
    part->alignment = word(elf, bytes, offsetof(Elf64_Phdr, p_align), offsetof(Elf32_Phdr, p_align));
    return true;
}

bool elf_section(const struct elf *elf, uint32_t index, struct elf_part *part)
{
    unsigned char bytes[sizeof(Elf64_Shdr)];
    size_t size = section_size(elf);
    if (index >= elf->sections || !elf_read(elf, elf->sections_at + index * size, bytes, size))
        return false;
    part->type = elf_u32(elf, bytes + offsetof(Elf64_Shdr, sh_type));
    part->flags = word(elf, bytes, offsetof(Elf64_Shdr, sh_flags), offsetof(Elf32_Shdr, sh_flags));
    part->address = word(elf, bytes, offsetof(Elf64_Shdr, sh_addr), offsetof(Elf32_Shdr, sh_addr));
    part->offset = word(elf, bytes, offsetof(Elf64_Shdr, sh_offset), offsetof(Elf32_Shdr, sh_offset));
    part->size = word(elf, bytes, offsetof(Elf64_Shdr, sh_size), offsetof(Elf32_Shdr, sh_size));
    part->alignment = word(elf, bytes, offsetof(Elf64_Shdr, sh_addralign), offsetof(Elf32_Shdr, sh_addralign));
    return true;
}

/* Sizes are 32 bit and the sums are 64 bit, so nothing wraps.
 *
 * Names and contents are padded to 4 bytes. In segments with an alignment of 8 that is so too: the only notes made for
 * them, GNU properties, fill 8 bytes anyway, and a linker may put other notes behind these (mold does). Before a note
 * that must begin at 8 bytes there can be a word of padding, which is told by its being zero: a note has a name. */
bool elf_next_note(const struct elf *elf, const unsigned char *bytes, size_t size, uint64_t alignment, size_t *at,
                   struct elf_note *note)
{
    const uint64_t mask = 3;
    uint64_t start = *at;
    if (alignment == 8 && start % 8 == 4 && start < size && size - start >= 4 && elf_u32(elf, bytes + start) == 0)
        start += 4;
    if (start > size || size - start < NOTE_HEAD)
        return false;
    note->offset = (size_t)start;
    note->name_size = elf_u32(elf, bytes + start);
    note->content_size = elf_u32(elf, bytes + start + 4);
    note->type = elf_u32(elf, bytes + start + 8);
    uint64_t content = (start + NOTE_HEAD + note->name_size + mask) & ~mask;
    if (content + note->content_size > size)
        return false;
    note->name = bytes + start + NOTE_HEAD;
    note->content = bytes + content;
    *at = (size_t)((content + note->content_size + mask) & ~mask);
    return true;
}
