/* Bytes, strings and numbers, without the C library. */
#ifndef OGRT_TEXT_H
#define OGRT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A run of bytes that somebody else owns. `bytes` is null where there is none. */
struct text {
    const char *bytes;
    size_t length;
};

/* The compiler may call these for plain assignments, so they must exist under these names. */
void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *a, const void *b, size_t size);

size_t text_length(const char *string);

/* A null string gives a text without bytes. */
struct text text_of(const char *string);

bool text_equals(struct text text, const char *string);

/* Matches the whole text against a pattern in which `*` stands for any run of bytes, also an empty one. */
bool text_matches(struct text text, const char *pattern);

/* Reads decimal digits from the whole text. False for an empty text, another character, or a value above limit. */
bool text_number(struct text text, uint64_t limit, uint64_t *value);

/* True for yes, true and 1: the words of the OGRT_ variables. */
bool text_means_yes(struct text text);

/* True for no, false and 0. */
bool text_means_no(struct text text);

/* The next of a list of strings that lie one behind the other and end with an empty one; null at the end. */
const char *list_next(const char *current);

#endif
