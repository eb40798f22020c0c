/* What the programs of this folder that check the library's logic share: checks, and random texts. */
#ifndef OGRT_TESTS_CHECKS_H
#define OGRT_TESTS_CHECKS_H

#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;
static int failures;

#define CHECK(condition, ...)                                                                                          \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);                                            \
            fprintf(stderr, __VA_ARGS__);                                                                              \
            fputc('\n', stderr);                                                                                       \
            failures++;                                                                                                \
        }                                                                                                              \
    } while (0)

/* xorshift: https://www.jstatsoft.org/article/view/v008i14 */
static unsigned pick(unsigned limit)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 32) % limit;
}

static uint64_t wide(void)
{
    return (uint64_t)pick(UINT32_MAX) << 32 | pick(UINT32_MAX);
}

/* A text of up to limit bytes in memory of exactly its size, so that one byte too far is seen. */
static struct text some(const char *alphabet, unsigned limit)
{
    size_t length = pick(limit + 1), letters = strlen(alphabet);
    char *bytes = malloc(length ? length : 1);
    for (size_t i = 0; i < length; i++)
        bytes[i] = letters ? alphabet[pick((unsigned)letters)] : (char)pick(256);
    return (struct text){bytes, length};
}

static char *string_of(struct text text)
{
    char *string = malloc(text.length + 1);
    memcpy(string, text.bytes, text.length);
    string[text.length] = 0;
    return string;
}

static void drop(struct text text)
{
    free((void *)(uintptr_t)text.bytes);
}

/* The same random numbers for the same seed; null is a seed too. */
static void checks_seed(const char *seed)
{
    state = seed ? strtoull(seed, NULL, 10) : 88172645463325252u;
}

/* The exit code. */
static int checks_result(void)
{
    if (failures)
        fprintf(stderr, "%d failures\n", failures);
    return failures != 0;
}

#endif
