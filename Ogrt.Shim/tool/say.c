#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

int say_error(const char *format, ...)
{
    va_list arguments;
    fputs("ogrt: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    return EXIT_TROUBLE;
}

int say_finish(int exit_code)
{
    int failed = ferror(stdout);
    errno = 0;
    if (fclose(stdout) != 0 || failed)
        return say_error("cannot write to standard output: %s", errno ? strerror(errno) : "an earlier write failed");
    return exit_code;
}

/* The length of the UTF-8 sequence at the beginning (RFC 3629), and its code point; 0 where there is none. */
static size_t decode(const unsigned char *bytes, size_t size, uint32_t *code)
{
    unsigned first = bytes[0];
    size_t length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : (first & 0xf0) == 0xe0 ? 3 : 4;
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (first >= 0x80 && (first < 0xc2 || first > 0xf4 || length > size))
        return 0;
    *code = length == 1 ? first : first & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (bytes[i] & 0x3f);
    }
    if (*code < least[length] || *code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000))
        return 0;
    return length;
}

/* Characters that show nothing but change what is shown: directions, joiners, separators, tags. */
static int is_invisible(uint32_t code)
{
    return code == 0xad || code == 0x61c || code == 0x180e || (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
           (code >= 0xfff0 && code <= 0xfffb) || (code >= 0xe000 && code <= 0xf8ff) || code >= 0xe0000;
}

void say_text(FILE *to, const unsigned char *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        uint32_t code;
        size_t length = decode(bytes + at, size - at, &code);
        if (length == 0)
            fprintf(to, "\\x%02x", bytes[at]);
        else if (code == '\\')
            fputs("\\\\", to);
        else if (code == '\n')
            fputs("\\n", to);
        else if (code == '\t')
            fputs("\\t", to);
        else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
            fprintf(to, "\\x%02x", (unsigned)code);
        else if (is_invisible(code))
            fprintf(to, "\\u{%x}", (unsigned)code);
        else
            fwrite(bytes + at, 1, length, to);
        at += length ? length : 1;
    }
}

void say_json(FILE *to, const unsigned char *bytes, size_t size)
{
    fputc('"', to);
    for (size_t at = 0; at < size;) {
        uint32_t code;
        size_t length = decode(bytes + at, size - at, &code);
        if (length == 0)
            fputs("\\ufffd", to);
        else if (code == '"' || code == '\\')
            fprintf(to, "\\%c", (int)code);
        else if (code >= 0x10000)
            fprintf(to, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((code - 0x10000) >> 10)),
                    (unsigned)(0xdc00 + ((code - 0x10000) & 0x3ff)));
        else if (code < 0x20 || code >= 0x7f)
            fprintf(to, "\\u%04x", (unsigned)code);
        else
            fputc((int)code, to);
        at += length ? length : 1;
    }
    fputc('"', to);
}
