/* The memory of one report, mapped for it and unmapped before the program starts: the stack may be that of a signal
 * handler, and nothing may be left behind in a process whose child of vfork this is. Pages that are not written cost
 * nothing. */
#ifndef OGRT_EXEC_WORKSPACE_H
#define OGRT_EXEC_WORKSPACE_H

#include "program.h"
#include "settings.h"
#include "username.h"

enum {
    MAX_PATH = 4096,
    MAX_NOTES = 65536, /* bytes of one segment of notes that are read */
    MAX_BUILD_ID_SIZE = 64,
    UUID_SIZE = 36,
};

struct workspace {
    struct settings settings;
    struct username_room username;
    char settings_text[TEXTFILE_ROOM];
    char servers_text[TEXTFILE_ROOM];
    struct scripts scripts;
    struct program program;
    char signature[UUID_SIZE];
    char build_id[MAX_BUILD_ID_SIZE];
    char found[MAX_PATH];     /* along PATH */
    char binary[MAX_PATH];    /* the program's file by its real name */
    char directory[MAX_PATH]; /* the working directory */
    char called[MAX_PATH];    /* what the kernel calls a program that was given by a descriptor */
    unsigned char notes[MAX_NOTES];
};

struct workspace *workspace_map(void);

void workspace_unmap(struct workspace *workspace);

#endif
