#include "uuid.h"

#include <ctype.h>
#include <string.h>
#include <sys/random.h>

static bool is_dash(int i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

static struct uuid format(unsigned char bytes[16], unsigned version)
{
    static const char digits[] = "0123456789abcdef";
    struct uuid uuid;
    int at = 0;
    bytes[6] = (unsigned char)((bytes[6] & 0x0f) | version << 4);
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    for (int i = 0; i < 16; i++) {
        if (is_dash(at))
            uuid.text[at++] = '-';
        uuid.text[at++] = digits[bytes[i] >> 4];
        uuid.text[at++] = digits[bytes[i] & 15];
    }
    uuid.text[at] = 0;
    return uuid;
}

bool uuid_random(struct uuid *uuid)
{
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return false;
    *uuid = format(bytes, 4);
    return true;
}

struct uuid uuid_of_hash(const unsigned char hash[SHA1_SIZE])
{
    unsigned char bytes[16];
    memcpy(bytes, hash, sizeof bytes);
    return format(bytes, 5);
}

bool uuid_valid(const char *text)
{
    for (int i = 0; i < UUID_TEXT; i++)
        if (is_dash(i) ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    return true;
}

bool uuid_parse(struct uuid *uuid, const char *text)
{
    if (strlen(text) != UUID_TEXT || !uuid_valid(text))
        return false;
    for (int i = 0; i <= UUID_TEXT; i++)
        uuid->text[i] = (char)tolower((unsigned char)text[i]);
    return true;
}
