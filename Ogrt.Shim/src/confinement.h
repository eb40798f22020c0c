/* Whether a seccomp filter decides which system calls this process may make, and what then.
 *
 * A filter can answer a call with an error, which does no harm, or kill the process for it, and nobody can ask which of
 * the two it does. So under a filter nothing is sent, with one exception: the filter that a container has for all of
 * its processes, process 1 among them, was made for programs like any. */
#ifndef OGRT_CONFINEMENT_H
#define OGRT_CONFINEMENT_H

#include <stdbool.h>
#include <stdint.h>

/* config.h names these. */
enum under_filter { UNDER_FILTER_SKIP, UNDER_FILTER_CONTAINER, UNDER_FILTER_TRY };

struct confinement {
    bool free;        /* what follows may be done */
    uint64_t filters; /* that there are */
};

/* To be asked before any other system call of this library. */
struct confinement confinement_at_start(void);

/* True where this process is under as many filters as that tells, or is free as it was. To be asked first as well, by
 * what the program calls later: it may have put itself under a filter meanwhile. */
bool confinement_is_as_it_was(uint64_t filters);

#endif
