/* The objects that the dynamic linker has loaded, from the list that it keeps for debuggers.
 *
 * The way there is the same for glibc and musl and needs no symbol: the auxiliary vector gives the program headers of
 * the executable, one of them its dynamic section, and an entry of that (DT_DEBUG) the list. */
#ifndef OGRT_OBJECTS_H
#define OGRT_OBJECTS_H

#include "notes.h"
#include "vector.h"

struct objects {
    struct image executable; /* count is 0 where the kernel did not say */
    const struct link_map *next;
    uintptr_t linker; /* address of the dynamic linker: 0 where the kernel did not load it */
    uintptr_t vdso;   /* address of the kernel's own object: 0 where there is none */
    size_t seen;
};

struct object {
    struct text path; /* as the dynamic linker found it: may be relative, may be a symbolic link */
    struct notes notes;
};

/* The list itself, which begins with the executable; null where there is none. */
const struct link_map *objects_first(const struct process_vector *vector);

void objects_open(struct objects *objects, const struct process_vector *vector);

/* The next object, in the order of the dynamic linker, without the executable and the kernel's own. */
bool objects_next(struct objects *objects, struct object *object);

#endif
