/* The machines that stamps can be made for, and the names they have elsewhere. */
#ifndef OGRT_TARGET_H
#define OGRT_TARGET_H

#include <stdbool.h>
#include <stdint.h>

struct target {
    const char *name;      /* as --target takes it */
    const char *emulation; /* as the linker's option -m takes it */
    const char *triplet;   /* in front of the name of a cross linker */
    uint16_t machine;      /* e_machine: EM_… of <elf.h> */
    bool is_64;
};

/* All targets; the one with a null name ends the list. */
extern const struct target targets[];

/* Null where there is none. */
const struct target *target_named(const char *name);
const struct target *target_of_emulation(const char *emulation);
const struct target *target_of_machine(uint16_t machine, bool is_64);

/* The machine that this program was built for; null where no stamps are made for it. */
const struct target *target_of_host(void);

#endif
