/* What an ELF file says before it runs: who loads it, and what its notes are. Reads parts of the file at bounded places
 * into a buffer of the caller, and believes no number in it. */
#ifndef OGRT_EXEC_ELF_FILE_H
#define OGRT_EXEC_ELF_FILE_H

#include "notes.h"

/* A part of a file. */
struct window {
    int fd;
    unsigned char *bytes;
    size_t size; /* of the buffer */
    uint64_t start;
    size_t length; /* of what has been read */
};

/* The bytes at an offset of the file, read where they are not there yet. Null where the file has none or they do not
 * fit the buffer. What was given before is lost then. */
const unsigned char *window_at(struct window *window, uint64_t offset, size_t size);

enum elf_kind {
    ELF_NONE,    /* nothing that the kernel starts by itself */
    ELF_DYNAMIC, /* names a dynamic linker, which loads this library too */
    ELF_STATIC,  /* loads nothing */
    ELF_LIBRARY, /* a dynamic linker, or another library that is started like a program */
};

struct elf_file {
    enum elf_kind kind;
    bool native; /* for the same processor and of the same class as this library */
    bool wide;   /* 64 bit */
    uint16_t count;
    uint64_t headers;
    uint64_t linker; /* where a dynamic program names its dynamic linker, and how many bytes that takes with its null */
    uint64_t linker_size;
};

/* Reads the headers. */
struct elf_file elf_file_read(struct window *window);

/* The path of a dynamic program's dynamic linker, in the window's buffer; null where it cannot be had. */
const char *elf_file_linker(const struct elf_file *file, struct window *window);

/* Reads the notes of a file that has been read; they lie in the window's buffer until it is used again, so only those
 * of one segment at a time: each is handed to the function. Segments larger than the buffer are cut. */
void elf_file_notes(const struct elf_file *file, struct window *window, void (*take)(void *, const struct notes *),
                    void *context);

#endif
