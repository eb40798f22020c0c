/* The processors that this library knows: how each calls the kernel, and what it asks of a function that is entered. */
#ifndef OGRT_ARCH_H
#define OGRT_ARCH_H

#if defined(__x86_64__) && defined(__LP64__)
#include "arch/x86_64.h"
#elif defined(__aarch64__) && defined(__LP64__) && defined(__AARCH64EL__)
#include "arch/aarch64.h"
#elif defined(__i386__)
#include "arch/i386.h"
#else
#error "This processor has no header in src/arch yet: x86-64, i386 and little-endian aarch64 have. x32 has none."
#endif

/* For functions that the dynamic linker calls. */
#ifndef ARCH_ENTRY
#define ARCH_ENTRY
#endif

#endif
