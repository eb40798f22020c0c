/* The name of the user, without asking the name service: that may block for seconds, load libraries into the program
 * and leave descriptors open. The user id, which is always sent, is the fact; the name is a convenience. */
#ifndef OGRT_USERNAME_H
#define OGRT_USERNAME_H

#include "settings.h"

enum {
    MAX_USERNAME = 256,
    /* As much of /etc/passwd as is searched. */
    MAX_PASSWD = 65536,
};

/* Memory for the name, and for the parts of the file in which it is looked for. */
struct username_room {
    char name[MAX_USERNAME];
    char chunk[4096];
};

/* From $USER or $LOGNAME, which a user can set to anything, or from one pass over /etc/passwd, as chosen. A name from
 * the file lies in buffer. */
struct text username(const struct settings *settings, char *const *envp, uint64_t uid, char buffer[MAX_USERNAME]);

/* The same with little stack; a name from the file lies in the room. */
struct text username_with_room(const struct settings *settings, char *const *envp, uint64_t uid,
                               struct username_room *room);

/* The name in a line of /etc/passwd whose third field is uid. */
bool passwd_line_is(struct text line, uint64_t uid, struct text *name);

#endif
