#include "elf_file.h"

#include "exec_syscalls.h"

#include <elf.h>

#if defined(__x86_64__)
enum { NATIVE = EM_X86_64, OTHER = EM_386 };
#elif defined(__aarch64__)
enum { NATIVE = EM_AARCH64, OTHER = EM_ARM };
#else
enum { NATIVE = EM_386, OTHER = EM_X86_64 };
#endif

enum {
    NATIVE_CLASS = sizeof(long) == 8 ? ELFCLASS64 : ELFCLASS32,
    MAX_HEADERS = 65536,   /* bytes: the kernel's own limit */
    MAX_DYNAMIC = 1 << 16, /* bytes */
    PIE = 0x08000000,      /* DF_1_PIE */
};

struct segment {
    uint32_t type;
    uint64_t offset;
    uint64_t size;
    uint64_t alignment;
};

const unsigned char *window_at(struct window *window, uint64_t offset, size_t size)
{
    if (offset < window->start || offset - window->start > window->length ||
        size > window->length - (offset - window->start)) {
        if (size > window->size || offset > INT64_MAX)
            return NULL;
        long length = sys_pread(window->fd, window->bytes, window->size, offset);
        window->start = offset;
        window->length = length > 0 ? (size_t)length : 0;
        if (size > window->length)
            return NULL;
    }
    return window->bytes + (offset - window->start);
}

/* Both classes have the same fields in another order and width. */
static bool read_segment(const struct elf_file *file, struct window *window, unsigned index, struct segment *segment)
{
    size_t size = file->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    const unsigned char *bytes = window_at(window, file->headers + index * size, size);
    if (!bytes)
        return false;
    if (file->wide) {
        Elf64_Phdr header;
        memcpy(&header, bytes, sizeof header);
        *segment = (struct segment){header.p_type, header.p_offset, header.p_filesz, header.p_align};
    } else {
        Elf32_Phdr header;
        memcpy(&header, bytes, sizeof header);
        *segment = (struct segment){header.p_type, header.p_offset, header.p_filesz, header.p_align};
    }
    return true;
}

static bool is_started_here(uint16_t machine, bool wide)
{
    if (machine == NATIVE)
        return true; /* of the other class, it is x32 */
    return machine == OTHER && wide == (NATIVE_CLASS == ELFCLASS32);
}

static bool read_header(struct elf_file *file, struct window *window, bool *movable)
{
    const unsigned char *bytes = window_at(window, 0, sizeof(Elf32_Ehdr));
    uint16_t type, machine, entry_size;
    if (!bytes || memcmp(bytes, ELFMAG, SELFMAG) != 0 || bytes[EI_DATA] != ELFDATA2LSB)
        return false;
    file->wide = bytes[EI_CLASS] == ELFCLASS64;
    if (file->wide) {
        Elf64_Ehdr header;
        if (!(bytes = window_at(window, 0, sizeof header)))
            return false;
        memcpy(&header, bytes, sizeof header);
        file->headers = header.e_phoff;
        file->count = header.e_phnum;
        type = header.e_type;
        machine = header.e_machine;
        entry_size = header.e_phentsize;
    } else {
        Elf32_Ehdr header;
        memcpy(&header, bytes, sizeof header);
        file->headers = header.e_phoff;
        file->count = header.e_phnum;
        type = header.e_type;
        machine = header.e_machine;
        entry_size = header.e_phentsize;
    }
    size_t wanted = file->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    *movable = type == ET_DYN;
    file->native = machine == NATIVE && bytes[EI_CLASS] == NATIVE_CLASS;
    return (type == ET_EXEC || type == ET_DYN) && is_started_here(machine, file->wide) && entry_size == wanted &&
           file->count && file->count * wanted <= MAX_HEADERS;
}

/* Programs that move say so; libraries do not. */
static bool says_pie(const struct elf_file *file, struct window *window, const struct segment *dynamic)
{
    size_t size = file->wide ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
    for (uint64_t at = 0; at + size <= dynamic->size && at < MAX_DYNAMIC; at += size) {
        const unsigned char *bytes = window_at(window, dynamic->offset + at, size);
        uint64_t tag, value;
        if (!bytes)
            return false;
        if (file->wide) {
            memcpy(&tag, bytes, 8);
            memcpy(&value, bytes + 8, 8);
        } else {
            uint32_t words[2];
            memcpy(words, bytes, sizeof words);
            tag = words[0];
            value = words[1];
        }
        if (tag == DT_NULL)
            return false;
        if (tag == DT_FLAGS_1)
            return value & PIE;
    }
    return false;
}

struct elf_file elf_file_read(struct window *window)
{
    struct elf_file file = {.kind = ELF_NONE};
    struct segment segment, dynamic = {.type = PT_NULL};
    bool movable, loaded = false;
    if (!read_header(&file, window, &movable))
        return file;
    for (unsigned i = 0; i < file.count; i++) {
        if (!read_segment(&file, window, i, &segment))
            return file;
        if (segment.type == PT_INTERP) {
            file.kind = ELF_DYNAMIC;
            file.linker = segment.offset;
            file.linker_size = segment.size;
            return file;
        }
        if (segment.type == PT_DYNAMIC)
            dynamic = segment;
        loaded = loaded || segment.type == PT_LOAD;
    }
    if (loaded)
        file.kind =
            movable && dynamic.type == PT_DYNAMIC && !says_pie(&file, window, &dynamic) ? ELF_LIBRARY : ELF_STATIC;
    return file;
}

const char *elf_file_linker(const struct elf_file *file, struct window *window)
{
    if (file->kind != ELF_DYNAMIC || file->linker_size < 2 || file->linker_size > window->size)
        return NULL;
    const unsigned char *bytes = window_at(window, file->linker, (size_t)file->linker_size);
    return bytes && !bytes[file->linker_size - 1] ? (const char *)bytes : NULL;
}

void elf_file_notes(const struct elf_file *file, struct window *window, void (*take)(void *, const struct notes *),
                    void *context)
{
    struct segment segment;
    for (unsigned i = 0; i < file->count && read_segment(file, window, i, &segment); i++) {
        if (segment.type != PT_NOTE || !segment.size)
            continue;
        size_t size = segment.size < window->size ? (size_t)segment.size : window->size;
        const unsigned char *bytes = window_at(window, segment.offset, size);
        struct notes notes = {{NULL, 0}, {NULL, 0}};
        if (!bytes)
            continue;
        notes_scan(&notes, bytes, size, segment.alignment == 8 ? 8 : 4);
        take(context, &notes);
    }
}
