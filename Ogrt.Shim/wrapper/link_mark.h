/* The stamp for one link. */
#ifndef OGRT_LINK_MARK_H
#define OGRT_LINK_MARK_H

#include "link_command.h"
#include "stamp.h"

/* How stamps are made, as the environment says. */
struct mark_settings {
    bool off;     /* OGRT_STAMP=no */
    bool info;    /* OGRT_STAMP_INFO=yes: with a note of version 2 */
    bool content; /* OGRT_STAMP_UUID=content, or SOURCE_DATE_EPOCH is set: the same inputs make the same UUID */
    bool trace;   /* OGRT_STAMP_TRACE=yes: a line on standard error for each link */
};

struct mark_settings mark_settings_read(void);

/* The machine that is linked for: that of -m, else that of the first object. Null where no stamps are made for it. */
const struct target *link_target(const struct link_command *link);

/* Null, or why there can be no stamp. */
const char *link_mark(struct stamp *stamp, const struct link_command *link, const struct target *target,
                      const struct mark_settings *settings);

#endif
