#include "inspection.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_NOTES = 1 << 20,       /* bytes of one segment or section of notes that are read */
    MAX_NOTES_FILE = 16 << 20, /* the same, of a whole file */
    MAX_NOTE_SEGMENTS = 64,    /* linkers make one to three */
    NOTE_HEAD = 12,
};

static void drop_first(struct inspection *inspection)
{
    free(inspection->marks[0].content);
    memmove(inspection->marks, inspection->marks + 1, (MAX_WATERMARKS - 1) * sizeof inspection->marks[0]);
    inspection->count--;
    inspection->dropped++;
}

/* A note of version 2 tells more about the one before it, where that has its UUID. */
static void take_watermark(struct inspection *inspection, const struct elf_note *note, bool loaded)
{
    struct found_watermark found = {.loaded = loaded};
    size_t size = note->content_size < WATERMARK_V2_SIZE ? note->content_size : WATERMARK_V2_SIZE;
    if (!watermark_parse(&found.watermark, note->content, size))
        return;
    if (found.watermark.version == 2) {
        found.content = malloc(size);
        if (!found.content)
            return;
        memcpy(found.content, note->content, size);
        watermark_parse(&found.watermark, found.content, size);
        struct found_watermark *last = inspection->count ? &inspection->marks[inspection->count - 1] : NULL;
        if (last && last->watermark.version == 1 && !strcmp(last->watermark.uuid.text, found.watermark.uuid.text)) {
            *last = found;
            return;
        }
    }
    if (inspection->count == MAX_WATERMARKS)
        drop_first(inspection);
    inspection->marks[inspection->count++] = found;
}

static void take_note(struct inspection *inspection, const struct elf_note *note, bool loaded)
{
    if (note->type == WATERMARK_TYPE && note->name_size == WATERMARK_NAME &&
        !memcmp(note->name, "OGRT", WATERMARK_NAME)) {
        take_watermark(inspection, note, loaded);
    } else if (note->type == NT_GNU_BUILD_ID && note->name_size == 4 && !memcmp(note->name, "GNU", 4) &&
               note->content_size && note->content_size <= MAX_BUILD_ID) {
        memcpy(inspection->build_id, note->content, note->content_size);
        inspection->build_id_size = note->content_size;
    }
}

/* left: how much may still be read of this file. */
static void take_part(struct inspection *inspection, const struct elf_part *part, bool loaded, size_t *left)
{
    if (part->size == 0)
        return;
    if (part->size > MAX_NOTES || part->size > *left) {
        inspection->damaged = true;
        return;
    }
    size_t size = (size_t)part->size;
    *left -= size;
    unsigned char *bytes = malloc(size);
    if (!bytes || !elf_read(&inspection->elf, part->offset, bytes, size)) {
        inspection->damaged = true;
    } else {
        struct elf_note note;
        size_t at = 0;
        while (elf_next_note(&inspection->elf, bytes, size, part->alignment, &at, &note))
            take_note(inspection, &note, loaded);
        if (at < size && size - at >= NOTE_HEAD)
            inspection->damaged = true; /* the rest is no note; less than a head is padding */
    }
    free(bytes);
}

/* As the preload library decides it: a loadable, readable segment covers the notes. */
static bool is_loaded(const struct elf *elf, const struct elf_part *note)
{
    struct elf_part load;
    for (uint32_t i = 0; i < elf->segments && elf_segment(elf, i, &load); i++)
        if (load.type == PT_LOAD && load.flags & PF_R && note->address >= load.address &&
            note->address - load.address <= load.size && note->size <= load.size - (note->address - load.address))
            return true;
    return false;
}

enum elf_kind inspect_source(struct inspection *inspection, const struct elf_source *source)
{
    struct elf_part part;
    size_t left = MAX_NOTES_FILE;
    unsigned segments = 0;
    memset(inspection, 0, sizeof *inspection);
    enum elf_kind kind = elf_open(&inspection->elf, source);
    if (kind != ELF_FILE)
        return kind;
    const struct elf *elf = &inspection->elf;
    inspection->damaged = elf->damaged;
    for (uint32_t i = 0; i < elf->segments && elf_segment(elf, i, &part); i++)
        if (part.type == PT_INTERP)
            inspection->interpreted = true;
        else if (part.type == PT_NOTE && segments++ < MAX_NOTE_SEGMENTS)
            take_part(inspection, &part, is_loaded(elf, &part), &left);
    for (uint32_t i = 0; !segments && i < elf->sections && elf_section(elf, i, &part); i++)
        if (part.type == SHT_NOTE)
            take_part(inspection, &part, false, &left);
    return kind;
}

void inspection_free(struct inspection *inspection)
{
    for (unsigned i = 0; i < inspection->count; i++)
        free(inspection->marks[i].content);
    inspection->count = 0;
}

const struct found_watermark *inspection_mark(const struct inspection *inspection)
{
    return inspection->count ? &inspection->marks[inspection->count - 1] : NULL;
}
