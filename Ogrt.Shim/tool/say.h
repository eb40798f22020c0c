/* Messages, and text of files that anybody may have made, on its way to a screen or into JSON. */
#ifndef OGRT_SAY_H
#define OGRT_SAY_H

#include <stddef.h>
#include <stdio.h>

/* Exit codes of all commands. */
enum {
    EXIT_DONE = 0,
    EXIT_NOT_FOUND = 1, /* nothing is wrong, but what was asked for is not there */
    EXIT_TROUBLE = 2,   /* wrong use, or something failed */
};

/* "ogrt: …" on standard error, with a newline. Returns EXIT_TROUBLE. */
int say_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Standard output cannot be trusted to have been written before it was closed: closes it. EXIT_TROUBLE, with a message,
 * where that fails, else exit_code. */
int say_finish(int exit_code);

/* Prints bytes as text: what is not printable, a backslash, and what is no UTF-8 as escapes. */
void say_text(FILE *to, const unsigned char *bytes, size_t size);

/* Prints bytes as a JSON string in ASCII; what is no UTF-8 as U+FFFD. */
void say_json(FILE *to, const unsigned char *bytes, size_t size);

#endif
