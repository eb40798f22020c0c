/* What a note of version 2 says about the build: who, where, when and with what. */
#ifndef OGRT_BUILD_INFO_H
#define OGRT_BUILD_INFO_H

#include "watermark.h"

#include <limits.h>

/* The texts that are not in the environment. Must live as long as the watermark that was filled from it. */
struct build_info {
    unsigned char time[8];
    unsigned char uid[4];
    char host[256];
    char cwd[PATH_MAX];
    char compiler[PATH_MAX];
};

/* Fills the fields of a watermark. What cannot be found out is left out. Nobody is asked that could keep us waiting:
 * the name of the user is that of the environment.
 *
 * output: what is linked; null where nothing is linked yet.
 * reproducible: leave out what differs from one build to the next (user, host, folder), and take the time from
 * SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/). */
void build_info_fill(struct build_info *info, struct watermark *watermark, const char *output, bool reproducible);

#endif
