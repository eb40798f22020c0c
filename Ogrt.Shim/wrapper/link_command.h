/* What a linker is asked to do, as far as it decides about a stamp. */
#ifndef OGRT_LINK_COMMAND_H
#define OGRT_LINK_COMMAND_H

#include "words.h"

#include <stdbool.h>
#include <stddef.h>

struct link_command {
    const struct words *words;
    const char *output;    /* a.out where none is named */
    const char *emulation; /* of -m; null where there is none */
    const char *dependency_file;
    const char **inputs;    /* files on the command line, in their order; ours */
    const char **libraries; /* names of -l, in their order; ours */
    size_t input_count, library_count;
    bool relocatable;    /* -r: the output will be linked again */
    bool shared;         /* -shared */
    bool interpreted;    /* a dynamic linker is named */
    bool crt;            /* the start code of a C library is among the inputs */
    bool script;         /* -T: somebody else decides what lies where */
    bool asks;           /* wants to know something of the linker: --version, -v, --help */
    bool foreign_input;  /* -b, --format: files behind it are not ELF objects */
    bool foreign_output; /* --oformat: what is made is no ELF file */
    bool recorded;       /* --reproduce: the inputs are packed for somebody who looks for an error */
    bool runs;           /* mold -run: runs a program */
};

/* The strings are those of the words. False when there is no memory. */
bool link_command_read(struct link_command *link, const struct words *words);

void link_command_free(struct link_command *link);

/* Why this link must be left alone; null where it is a final link that can have a stamp. Looks at the file system for
 * the traces of configure scripts. */
const char *link_without_stamp(const struct link_command *link);

#endif
