#include "words.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAX_DEPTH = 16,       /* response files within response files */
    MAX_BYTES = 64 << 20, /* of one response file */
    MAX_WORDS = 4 << 20,
};

static bool add(struct words *words, const char *bytes, size_t length)
{
    if (words->count == MAX_WORDS)
        return false;
    if (words->count == words->room) {
        size_t room = words->room ? 2 * words->room : 128;
        char **list = realloc(words->list, room * sizeof *list);
        if (!list)
            return false;
        words->list = list;
        words->room = room;
    }
    char *word = strndup(bytes, length);
    if (!word)
        return false;
    words->list[words->count++] = word;
    return true;
}

/* Null where it cannot be read; *once where it could be, but only once. */
static char *read_file(const char *path, bool *once)
{
    struct stat status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return NULL;
    char *text = NULL;
    size_t size = 0;
    if (fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode)) {
        *once = !S_ISDIR(status.st_mode);
    } else if (status.st_size <= MAX_BYTES && (text = malloc((size_t)status.st_size + 1))) {
        while (size < (size_t)status.st_size) {
            ssize_t got = read(descriptor, text + size, (size_t)status.st_size - size);
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                break;
            size += (size_t)got;
        }
        text[size] = 0;
    }
    close(descriptor);
    return text;
}

static enum words_result add_all(struct words *words, const char *argument, int depth);

/* Takes the words out of the text, and writes each over the place where it stood: without quotes it is shorter. */
static enum words_result split(struct words *words, char *text, int depth)
{
    char *at = text;
    for (;;) {
        while (isspace((unsigned char)*at))
            at++;
        if (!*at)
            return WORDS_DONE;
        char *word = at, *end = at, quote = 0;
        for (; *at && (quote || !isspace((unsigned char)*at)); at++) {
            if (*at == '\\' && at[1])
                *end++ = *++at;
            else if (quote && *at == quote)
                quote = 0;
            else if (!quote && (*at == '\'' || *at == '"'))
                quote = *at;
            else
                *end++ = *at;
        }
        bool last = !*at;
        *end = 0;
        enum words_result result = add_all(words, word, depth);
        if (result != WORDS_DONE || last)
            return result;
        at++;
    }
}

static enum words_result add_all(struct words *words, const char *argument, int depth)
{
    bool once = false;
    char *text = *argument == '@' && depth < MAX_DEPTH ? read_file(argument + 1, &once) : NULL;
    if (once)
        return WORDS_ONCE;
    if (*argument == '@' && depth == MAX_DEPTH)
        return WORDS_TROUBLE;
    if (!text)
        return add(words, argument, strlen(argument)) ? WORDS_DONE : WORDS_TROUBLE;
    enum words_result result = split(words, text, depth + 1);
    free(text);
    return result;
}

enum words_result words_of(struct words *words, char *const *arguments)
{
    enum words_result result = WORDS_DONE;
    memset(words, 0, sizeof *words);
    for (; *arguments && result == WORDS_DONE; arguments++)
        result = add_all(words, *arguments, 0);
    return result;
}

void words_free(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->list[i]);
    free(words->list);
}
