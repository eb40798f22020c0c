/* What runs when a file is executed, and whether it can load this library. */
#ifndef OGRT_EXEC_PROGRAM_H
#define OGRT_EXEC_PROGRAM_H

#include "elf_file.h"
#include "privilege.h"
#include "script.h"

/* A name as execveat takes it. */
struct target {
    int directory;
    const char *path;
    bool no_link; /* a symbolic link at its end is an error */
};

/* The scripts on the way to the program, the first one first. */
struct scripts {
    unsigned count;
    struct script level[MAX_SCRIPTS];
};

struct program {
    bool silent;     /* it will run, and cannot report itself */
    bool is_static;  /* because it loads no library */
    bool privileged; /* because it must not load ours */
    bool foreign;    /* because it is of another class or processor, if there is no library of ours for that */
    bool shell;      /* the file has no format, and the C library gives it to /bin/sh */
    struct target target;
    struct statx status;
    struct privilege privilege;
};

/* Looks at the file and, where that is a script, at its interpreter. `shell` tells that the C library runs what has no
 * format by /bin/sh. `scripts` may be null; target is only valid with it or where there is no script. Looking costs a
 * program that can report itself a stat, an open, a read, a close, and the questions for user and group. */
void program_look(struct program *program, const struct target *target, bool shell, struct scripts *scripts);

/* True where the file of a silent program and all its interpreters may be executed, and its dynamic linker is there if
 * it needs one, as far as that can be asked. The buffer is for parts of the file. */
bool program_may_run(const struct program *program, const struct target *file, const struct scripts *scripts,
                     unsigned char *buffer, size_t size);

#endif
