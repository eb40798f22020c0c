/* The GNU properties (.note.gnu.property) that a stamp must have so that the linker does not take them from its output.
 *
 * The linker keeps a feature, such as "made for indirect branch tracking", only where all inputs have it. A stamp has
 * no code, so it may claim what the other inputs claim, and it must; but no more than they, for a linker that does not
 * merge properties would copy it. See "Linux Extensions to gABI", https://gitlab.com/x86-psABIs/Linux-ABI. */
#ifndef OGRT_GNU_PROPERTY_H
#define OGRT_GNU_PROPERTY_H

#include "elf_reader.h"

enum { MAX_PROPERTIES = 16 };

struct gnu_property {
    uint32_t type, value;
};

struct gnu_properties {
    struct gnu_property list[MAX_PROPERTIES]; /* in the order of their types, as the format wants it */
    unsigned count;
    /* GNU_PROPERTY_AARCH64_FEATURE_PAUTH: platform and version, which must be the same in all inputs. */
    bool has_pauth;
    unsigned char pauth[16];
    unsigned inputs; /* looked at so far */
};

/* Narrows the properties to what one more input has too. Before the first input, properties is all zero. */
void gnu_properties_meet(struct gnu_properties *properties, const struct elf *input);

bool gnu_properties_empty(const struct gnu_properties *properties);

#endif
