/* Which servers there are, and which of them this process asks first. */
#ifndef OGRT_SERVERS_H
#define OGRT_SERVERS_H

#include "settings.h"

struct servers {
    const char *list; /* of numeric addresses */
    unsigned count;
    struct textfile file;
};

/* Those of the servers file where it can be read and has any, else those of the settings. To be closed.
 * What the file says lies in the room, if that is enough. */
void servers_open(struct servers *servers, const struct settings *settings, uint64_t user, char *room, size_t size);

/* One of them, counted from 0. */
const char *servers_at(const struct servers *servers, unsigned index);

void servers_close(struct servers *servers);

/* The list in a servers file, made in place: words, with blanks, commas or ends of lines between them, and comments
 * from # to the end of the line. The byte in front of bytes and the one behind are used too. Null where there is none.
 */
const char *servers_list(char *bytes, size_t size);

#endif
