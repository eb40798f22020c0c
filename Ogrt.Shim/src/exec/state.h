/* What the library keeps while the program runs, for the functions that it defines: one page, written before main, and
 * afterwards only by single stores of a word, which any thread, handler or child of vfork may make at any time. */
#ifndef OGRT_EXEC_STATE_H
#define OGRT_EXEC_STATE_H

#include "functions.h"

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

struct exec_state {
    const struct link_map *objects; /* the dynamic linker's list */
    uintptr_t next[FUNCTIONS];      /* the C library's functions, each 0 until it is wanted */
    uintptr_t reported;             /* which process and program the last report was of */
    uint64_t filters;               /* seccomp filters when it was started */
    bool reporting;                 /* this process is tracked, and its settings say so */
};

extern struct exec_state exec_state;

#endif
