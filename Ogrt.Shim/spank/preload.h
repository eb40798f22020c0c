/* The value of LD_PRELOAD. */
#ifndef OGRT_SPANK_PRELOAD_H
#define OGRT_SPANK_PRELOAD_H

#include <stdbool.h>

/* LD_PRELOAD with the library behind what is there: a sanitizer's runtime must stay the first. The caller frees it.
 * Null when the library is there already, or there is no memory. `present` may be null. */
char *preload_with(const char *present, const char *library);

/* Whether the library can be read by the present effective user. A library that is missing must not be preloaded: the
 * dynamic linker would say so in the output of every program. Where the path holds a token of the dynamic linker ($LIB,
 * $PLATFORM, $ORIGIN), one of the folders that $LIB stands for must have it. */
bool preload_is_there(const char *library);

#endif
