/* Builds a short line of text in a buffer of the caller; what does not fit is left out. */
#ifndef OGRT_FORMAT_H
#define OGRT_FORMAT_H

#include "text.h"

struct format {
    char *start;
    char *at;
    char *end; /* the last byte, kept for the null */
};

struct format format_into(char *buffer, size_t size);

void format_text(struct format *format, struct text text);

void format_string(struct format *format, const char *string);

void format_number(struct format *format, uint64_t number);

/* The same for a base of at most 16. */
void format_in_base(struct format *format, uint64_t number, unsigned base);

/* Ends the line with a null and gives its start. */
const char *format_finish(struct format *format);

#endif
