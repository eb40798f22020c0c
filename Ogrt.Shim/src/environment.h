/* Reads the environment that the kernel passed; never changes it. */
#ifndef OGRT_ENVIRONMENT_H
#define OGRT_ENVIRONMENT_H

#include "text.h"

/* The value of the first variable of that name; a text without bytes where there is none. */
struct text environment_get(char *const *envp, const char *name);

/* The same, but a variable that is set to nothing counts as not set. */
struct text environment_filled(char *const *envp, const char *name);

/* The part of NAME=VALUE before the equals sign. */
struct text environment_name(const char *entry);

#endif
