#include "switches.h"

#include "config.h"

struct positions {
    enum switch_position active, trace, debug, silent;
};

static void turn(enum switch_position *position, struct text value)
{
    if (*position == SWITCH_UNSET) /* as with getenv, the first of two counts */
        *position = text_means_yes(value) ? SWITCH_ON : text_means_no(value) ? SWITCH_OFF : SWITCH_UNCLEAR;
}

/* The part behind a name with an equals sign; null where the entry is another variable. */
static const char *value_of(const char *entry, const char *name)
{
    for (; *name; name++, entry++)
        if (*entry != *name)
            return NULL;
    return entry;
}

static void take(struct positions *positions, const char *entry)
{
    const char *value;
    if ((value = value_of(entry, "ACTIVE=")))
        turn(&positions->active, text_of(value));
    else if ((value = value_of(entry, "TRACE=")))
        turn(&positions->trace, text_of(value));
    else if ((value = value_of(entry, "DEBUG_INFO=")))
        turn(&positions->debug, text_of(value));
    else if ((value = value_of(entry, "SILENT=")) || (value = value_of(entry, "SCHLEICHFAHRT=")))
        turn(&positions->silent, text_of(value)); /* the second is its name in OGRT */
}

struct switches switches_read(char *const *envp)
{
    struct positions positions = {SWITCH_UNSET, SWITCH_UNSET, SWITCH_UNSET, SWITCH_UNSET};
    for (; *envp; envp++) {
        const char *ours = value_of(*envp, "OGRT_");
        if (ours)
            take(&positions, ours);
    }
    bool silent = positions.silent == SWITCH_ON;
    return (struct switches){positions.active, positions.trace == SWITCH_ON && !silent,
                             positions.debug == SWITCH_ON && !silent};
}

bool switches_may_activate(const struct switches *switches)
{
    return switches->active == SWITCH_ON || (OGRT_ACTIVE_BY_DEFAULT && switches->active != SWITCH_OFF);
}
