/* The keys of the settings: what each is called, what values it takes, and what it sets. */
#ifndef OGRT_SETTINGS_KEYS_H
#define OGRT_SETTINGS_KEYS_H

#include "settings.h"

/* A value that may be changed where it lies. The byte in front of it and the one behind may be written to. */
struct value {
    char *bytes;
    size_t length;
};

/* The number of a key, or -1. */
int settings_key(struct text name);

/* The number of the key that an OGRT_ variable overrides, or -1: OGRT_DEADLINE for deadline, OGRT_MAX_RECORD for
 * max-record, and OGRT_SERVER for servers. Not all keys can be overridden. */
int settings_key_of_variable(struct text name);

/* Changes nothing, and tells a problem, when the value is none for that key. */
void settings_set(struct settings *settings, int key, struct value value);

/* True for a key that may be given several times. */
bool settings_key_repeats(int key);

#endif
