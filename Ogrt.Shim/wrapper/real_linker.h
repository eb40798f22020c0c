/* The linker behind the wrapper. */
#ifndef OGRT_REAL_LINKER_H
#define OGRT_REAL_LINKER_H

#include "target.h"

#include <limits.h>
#include <stdbool.h>

struct real_linker {
    char path[PATH_MAX];
    bool nested; /* another wrapper of ours called this one, and has seen to the stamp */
};

/* Finds the linker that would have been called if the wrapper were not there. In this order:
 *
 * - OGRT_REAL_LD, a path;
 * - the folders of COMPILER_PATH, which gcc sets for its linker: where gcc itself would have looked;
 * - for another machine, the cross linker of that name in PATH (aarch64-linux-gnu-ld for ld);
 * - the folders of PATH;
 * - /usr/local/bin, /usr/bin, /bin.
 *
 * Neither this wrapper is taken, under whatever name, nor one that has been passed on the way here: each adds itself to
 * OGRT_LD_PASSED in the environment, so two installations that find each other end with the real linker.
 *
 * name: as the wrapper was called, without folders. False where there is none. */
bool real_linker_find(struct real_linker *linker, const char *name, const struct target *target);

/* Takes the mark of having been passed from the environment, for a linker that runs other programs. */
void real_linker_forget(void);

#endif
