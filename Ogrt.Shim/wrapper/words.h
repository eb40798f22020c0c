/* The words of a linker's command line, those of response files included. */
#ifndef OGRT_WORDS_H
#define OGRT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct words {
    char **list; /* ours, each a string of its own */
    size_t count, room;
};

enum words_result {
    WORDS_DONE,
    WORDS_ONCE,    /* a response file can be read only once (a pipe), so it was left to the linker */
    WORDS_TROUBLE, /* out of memory, or response files without end */
};

/* Copies the arguments; @FILE is replaced by the words of that file, as GNU linkers do it: separated by white space,
 * with quotes and backslashes as in a shell. A file that cannot be read is a word itself, as there. */
enum words_result words_of(struct words *words, char *const *arguments);

void words_free(struct words *words);

#endif
