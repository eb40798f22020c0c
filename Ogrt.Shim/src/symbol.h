/* Functions of other loaded objects by their name, as dlsym finds them, without dlsym: this library wants no symbol.
 *
 * Only for the time before main, or for a caller that knows that no other thread loads or unloads an object meanwhile:
 * the dynamic linker's list is read without its lock. */
#ifndef OGRT_SYMBOL_H
#define OGRT_SYMBOL_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

/* The address of the function in the object with this DT_SONAME; 0 where there is no such object or function. `first`
 * is the dynamic linker's list (objects_first). */
uintptr_t symbol_in(const struct link_map *first, const char *soname, const char *name);

/* The address of the function in the first object behind this library that defines it (what RTLD_NEXT means to dlsym);
 * 0 where none does. */
uintptr_t symbol_next(const struct link_map *first, const char *name);

/* The address of the variable in the first object of the list that defines it, as references to it are bound: that is
 * often the executable, which then holds the copy that the C library uses too. */
uintptr_t symbol_variable(const struct link_map *first, const char *name);

/* One object's table. Only the default version of a function counts, and none that its object chooses when it is
 * loaded (IFUNC). */
uintptr_t symbol_of(const struct link_map *map, const char *name);

#endif
