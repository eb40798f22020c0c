/* The OGRT_ variables that say whether this process is looked at, found in one pass over the environment: that pass is
 * all that an inactive process pays. */
#ifndef OGRT_SWITCHES_H
#define OGRT_SWITCHES_H

#include "text.h"

enum switch_position { SWITCH_UNSET, SWITCH_ON, SWITCH_OFF, SWITCH_UNCLEAR };

struct switches {
    enum switch_position active; /* OGRT_ACTIVE */
    bool trace;                  /* OGRT_TRACE=1: say why this process is reported or not */
    bool debug;                  /* OGRT_DEBUG_INFO=1: say what was sent */
};

struct switches switches_read(char *const *envp);

/* False when nothing else can make this process active: neither OGRT_ACTIVE nor what configure chose is for it. */
bool switches_may_activate(const struct switches *switches);

#endif
