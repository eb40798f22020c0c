#include "address.h"

#include "syscalls.h"

enum { MAX_PORT = 65535, GROUPS = 8 };

/* Network byte order, on processors that are all little-endian. */
static uint16_t network_order(uint64_t value)
{
    return (uint16_t)((value & 0xff) << 8 | (value >> 8 & 0xff));
}

/* The part before the separator; the rest stays in text. */
static struct text split(struct text *text, char separator)
{
    size_t length = 0;
    while (length < text->length && text->bytes[length] != separator)
        length++;
    struct text head = {text->bytes, length};
    size_t taken = length < text->length ? length + 1 : length;
    text->bytes += taken;
    text->length -= taken;
    return head;
}

static bool contains(struct text text, char c)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.bytes[i] == c)
            return true;
    return false;
}

/* A part with a zero in front is octal to some and decimal to others, so it is nothing here. */
static bool parse_part(unsigned char *byte, struct text part)
{
    uint64_t value;
    if (!text_number(part, 255, &value) || (part.length > 1 && part.bytes[0] == '0'))
        return false;
    *byte = (unsigned char)value;
    return true;
}

static bool parse_v4(unsigned char *bytes, struct text text)
{
    for (int i = 0; i < 3; i++)
        if (!parse_part(bytes + i, split(&text, '.')))
            return false;
    return parse_part(bytes + 3, text);
}

static bool parse_group(struct text text, unsigned *group)
{
    *group = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.bytes[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                                : 16;
        if (digit > 15)
            return false;
        *group = *group << 4 | digit;
    }
    return text.length >= 1 && text.length <= 4;
}

/* Groups before the double colon are written from the front, those behind it are moved to the end. */
static bool parse_v6(unsigned char *bytes, struct text text)
{
    int count = 0, gap = -1;
    memset(bytes, 0, 2 * GROUPS);
    if (text.length >= 2 && text.bytes[0] == ':' && text.bytes[1] == ':') {
        gap = 0;
        text = (struct text){text.bytes + 2, text.length - 2};
    }
    while (text.length) {
        bool more = contains(text, ':');
        struct text part = split(&text, ':');
        unsigned group;
        if (!part.length && gap < 0 && count) {
            gap = count;
            continue;
        }
        if (count == GROUPS || !parse_group(part, &group) || (more && !text.length))
            return false;
        bytes[2 * count] = (unsigned char)(group >> 8);
        bytes[2 * count++ + 1] = (unsigned char)group;
    }
    if (gap < 0)
        return count == GROUPS;
    for (int i = 2 * count - 1, to = 2 * GROUPS - 1; i >= 2 * gap; i--, to--) {
        bytes[to] = bytes[i];
        if (to != i)
            bytes[i] = 0;
    }
    return count < GROUPS;
}

bool address_parse(struct address *address, struct text text, uint16_t port)
{
    memset(address, 0, sizeof *address);
    if (contains(text, ':')) {
        address->as.v6.sin6_family = AF_INET6;
        address->as.v6.sin6_port = network_order(port);
        address->size = sizeof address->as.v6;
        return parse_v6(address->as.v6.sin6_addr.s6_addr, text);
    }
    address->as.v4.sin_family = AF_INET;
    address->as.v4.sin_port = network_order(port);
    address->size = sizeof address->as.v4;
    return parse_v4((unsigned char *)&address->as.v4.sin_addr, text);
}

bool address_parse_with_port(struct address *address, struct text text, uint16_t default_port)
{
    uint64_t port = default_port;
    struct text host;
    if (text.length && text.bytes[0] == '[') {
        text = (struct text){text.bytes + 1, text.length - 1};
        if (!contains(text, ']'))
            return false;
        host = split(&text, ']');
        if (text.length && *text.bytes != ':')
            return false;
        if (text.length)
            text = (struct text){text.bytes + 1, text.length - 1};
    } else {
        struct text rest = text;
        host = split(&rest, ':');
        bool is_v6 = contains(rest, ':');
        host = is_v6 ? text : host;
        text = is_v6 ? (struct text){NULL, 0} : rest;
    }
    if (text.length && !text_number(text, MAX_PORT, &port))
        return false;
    return address_parse(address, host, (uint16_t)port);
}
