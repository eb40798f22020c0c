/* Reads ELF files that anybody may have made: 32 and 64 bit, both byte orders. Every offset and size is checked against
 * the file, nothing is mapped (a file that shrinks meanwhile is a short read, not a signal), and what is read at once
 * is bounded. */
#ifndef OGRT_ELF_READER_H
#define OGRT_ELF_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the bytes come from: an open file, or memory where bytes is not null. */
struct elf_source {
    const unsigned char *bytes;
    int descriptor;
    uint64_t size;
};

/* Takes the size of an open file. False where it is not a regular file or cannot be asked (errno says why). */
bool elf_source_open(struct elf_source *source, int descriptor);

struct elf {
    struct elf_source source;
    bool is_64;
    bool big_endian;
    uint16_t type;    /* e_type: ET_… */
    uint16_t machine; /* e_machine: EM_… */
    uint64_t segments_at, sections_at;
    uint32_t segments, sections; /* how many of them; 0 where their table does not lie in the file */
    bool damaged;                /* a table does not lie in the file */
};

/* A segment or section. */
struct elf_part {
    uint32_t type;  /* PT_… or SHT_… */
    uint64_t flags; /* PF_… or SHF_… */
    uint64_t offset, size, alignment;
    uint64_t address;
};

enum elf_kind {
    ELF_FILE,
    ELF_ARCHIVE, /* a library of object files (ar) */
    ELF_OTHER,   /* no ELF file, or one of a kind that nobody makes */
};

enum elf_kind elf_open(struct elf *elf, const struct elf_source *source);

/* The part number index, below segments or sections. False where it cannot be read. */
bool elf_segment(const struct elf *elf, uint32_t index, struct elf_part *part);
bool elf_section(const struct elf *elf, uint32_t index, struct elf_part *part);

/* Copies bytes of the file. False where they do not lie in it or cannot be read. */
bool elf_read(const struct elf *elf, uint64_t at, void *to, size_t size);

/* Numbers in the byte order of the file. */
uint16_t elf_u16(const struct elf *elf, const unsigned char *bytes);
uint32_t elf_u32(const struct elf *elf, const unsigned char *bytes);
uint64_t elf_u64(const struct elf *elf, const unsigned char *bytes);

/* A note: its bytes are those that the caller handed in. */
struct elf_note {
    uint32_t type;
    const unsigned char *name, *content;
    uint32_t name_size, content_size;
    size_t offset; /* of the note in what was handed in */
};

/* Takes the note at *at, and moves *at behind it. False at the end, or where the rest is no note. */
bool elf_next_note(const struct elf *elf, const unsigned char *bytes, size_t size, uint64_t alignment, size_t *at,
                   struct elf_note *note);

#endif
