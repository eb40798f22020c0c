/* UUIDs as text (RFC 9562). */
#ifndef OGRT_UUID_H
#define OGRT_UUID_H

#include "sha1.h"

#include <stdbool.h>

enum {
    UUID_TEXT = 36, /* characters, without the null behind them */
};

struct uuid {
    char text[UUID_TEXT + 1];
};

/* Version 4, from the kernel's random numbers. False where the kernel gives none (errno says why). */
bool uuid_random(struct uuid *uuid);

/* Version 5: from the SHA-1 of a name space and a name, which the caller has summed up. */
struct uuid uuid_of_hash(const unsigned char hash[SHA1_SIZE]);

/* Takes 36 characters in the form 8-4-4-4-12, in small letters. False for any other text. */
bool uuid_parse(struct uuid *uuid, const char *text);

/* True where 36 characters, of any case, have that form. */
bool uuid_valid(const char *text);

#endif
