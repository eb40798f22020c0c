#include "execs.h"

#include "confinement.h"
#include "exec_report.h"
#include "next.h"
#include "objects.h"
#include "state.h"
#include "syscalls.h"

void execs_start(const struct process_vector *vector)
{
    exec_state.objects = objects_first(vector);
}

void execs_report(uint64_t filters)
{
    exec_state.filters = filters;
    exec_state.reporting = true;
}

/* Not in line, so that a call of a process that is not tracked needs next to no stack. */
__attribute__((noinline)) static void look_at(enum exec_function function, const struct arguments *arguments)
{
    struct request request;
    if (confinement_is_as_it_was(exec_state.filters) && request_read(&request, function, arguments))
        exec_report(&request);
}

/* Called by the entries (entries.c). Gives where they go on. */
__attribute__((used)) uintptr_t exec_enter(unsigned function, const uintptr_t *registers, const uintptr_t *stack);

ARCH_ENTRY uintptr_t exec_enter(unsigned function, const uintptr_t *registers, const uintptr_t *stack)
{
    if (exec_state.reporting)
        look_at(function, &(struct arguments){registers, stack});
    return exec_next(function);
}
