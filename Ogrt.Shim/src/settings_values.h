/* The values of settings, from text. */
#ifndef OGRT_SETTINGS_VALUES_H
#define OGRT_SETTINGS_VALUES_H

#include "problems.h"

/* Each answers null when it has set the number, else why not. */

/* Decimal digits. */
const char *value_count(struct text text, uint32_t least, uint32_t most, uint64_t *number);

/* With us, ms or s behind it, or nothing, which is ms. The limits are in milliseconds, the number is in nanoseconds. */
const char *value_duration(struct text text, uint32_t least, uint32_t most, uint64_t *number);

/* Bytes, or with K or M behind it 1024 or 1024 * 1024 of them. */
const char *value_size(struct text text, uint32_t least, uint32_t most, uint64_t *number);

/* Letters, digits and low lines. */
bool value_is_name(struct text text);

/* The same with stars. */
bool value_is_pattern_of_names(struct text text);

/* The next word of a text, with blanks and commas between words. False at the end. */
bool value_word(struct text *rest, struct text *word);

/* Makes a list in place of a text of words, from the byte in front of it to the one behind, of the words that are good;
 * the others are told as problems. Null when none is left. */
const char *value_list(char *bytes, size_t length, bool (*good)(struct text), struct problems *problems,
                       const char *reason);

#endif
