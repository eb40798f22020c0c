/* The first line of a script, read as the kernel does (load_script in fs/binfmt_script.c). */
#ifndef OGRT_EXEC_SCRIPT_H
#define OGRT_EXEC_SCRIPT_H

#include "text.h"

enum {
    SCRIPT_LINE = 256, /* bytes of a file that the kernel looks at */
    MAX_SCRIPTS = 5,   /* scripts whose interpreters are scripts, before the kernel gives up */
};

/* Two strings in one line. */
struct script {
    const char *interpreter;
    const char *argument; /* null where there is none */
    char line[SCRIPT_LINE + 1];
};

bool is_script(const unsigned char *head, size_t length);

/* False for a line that the kernel refuses. `head` is the beginning of the file, all of it or at least SCRIPT_LINE
 * bytes. */
bool script_parse(struct script *script, const unsigned char *head, size_t length);

#endif
