#include "confinement.h"

#include "config.h"
#include "procfs_status.h"
#include "syscalls.h"

enum { INIT = 1 };

/* Is there a filter? A kernel without seccomp answers with an error, a filter that refuses the call as well, so that
 * what is not 0 is looked at. */
static bool may_be_filtered(void)
{
    return sys_prctl(PR_GET_SECCOMP) != 0;
}

/* Process 1 of this pid namespace, if /proc is of the same. */
static bool is_that_of_init(const struct process_status *self)
{
    struct process_status init;
    return self->has_filters && procfs_status(&init, INIT) && init.has_filters && init.filters == self->filters;
}

struct confinement confinement_at_start(void)
{
    struct process_status self;
    if (!OGRT_CHECK_BY_STATUS && !may_be_filtered())
        return (struct confinement){true, 0};
    if (!procfs_status(&self, 0))
        return (struct confinement){OGRT_CHECK_BY_STATUS && !may_be_filtered(), 0};
    bool free = !self.seccomp || OGRT_UNDER_FILTER == UNDER_FILTER_TRY ||
                (OGRT_UNDER_FILTER == UNDER_FILTER_CONTAINER && is_that_of_init(&self));
    return (struct confinement){free, self.filters};
}

bool confinement_is_as_it_was(uint64_t filters)
{
    struct process_status self;
    if (!filters && !OGRT_CHECK_BY_STATUS && !may_be_filtered())
        return true;
    if (!procfs_status(&self, 0))
        return false;
    return self.has_filters ? self.filters == filters : !self.seccomp && !filters;
}
