#include "wire.h"

enum { VARINT = 0, LENGTH_DELIMITED = 2, MAX_VARINT = 10 };

static size_t varint_size(uint64_t value)
{
    size_t size = 1;
    while (value >>= 7)
        size++;
    return size;
}

static void put_varint(struct wire *wire, uint64_t value)
{
    for (; value > 0x7f; value >>= 7)
        *wire->at++ = (unsigned char)(value | 0x80);
    *wire->at++ = (unsigned char)value;
}

static size_t room(const struct wire *wire)
{
    return (size_t)(wire->end - wire->at);
}

bool wire_number(struct wire *wire, unsigned field, uint64_t value)
{
    uint64_t tag = (uint64_t)field << 3 | VARINT;
    if (varint_size(tag) + varint_size(value) > room(wire)) {
        wire->refused = true;
        return false;
    }
    put_varint(wire, tag);
    put_varint(wire, value);
    return true;
}

bool wire_open(struct wire *wire, unsigned field, size_t length)
{
    uint64_t tag = (uint64_t)field << 3 | LENGTH_DELIMITED;
    size_t head = varint_size(tag) + varint_size(length);
    if (head > room(wire) || length > room(wire) - head) {
        wire->refused = true;
        return false;
    }
    put_varint(wire, tag);
    put_varint(wire, length);
    return true;
}

bool wire_bytes(struct wire *wire, unsigned field, const void *bytes, size_t length)
{
    if (!wire_open(wire, field, length))
        return false;
    memcpy(wire->at, bytes, length);
    wire->at += length;
    return true;
}

bool wire_text(struct wire *wire, unsigned field, struct text text)
{
    return !text.bytes || wire_bytes(wire, field, text.bytes, text.length);
}

bool wire_text_cut(struct wire *wire, unsigned field, struct text text)
{
    if (wire_text(wire, field, text))
        return true;
    size_t head = varint_size((uint64_t)field << 3) + varint_size(text.length);
    if (room(wire) > head)
        wire_bytes(wire, field, text.bytes, room(wire) - head);
    return false;
}

/* Room for the longest tag and length is kept in front. */
char *wire_room(struct wire *wire, size_t *size)
{
    *size = room(wire) > 2 * MAX_VARINT ? room(wire) - 2 * MAX_VARINT : 0;
    return (char *)wire->at + 2 * MAX_VARINT;
}

struct text wire_take(struct wire *wire, unsigned field, size_t length)
{
    const unsigned char *from = wire->at + 2 * MAX_VARINT;
    wire_open(wire, field, length);
    struct text text = {(const char *)wire->at, length};
    while (length--) /* towards the front, so the two may overlap */
        *wire->at++ = *from++;
    return text;
}

size_t wire_size(unsigned field, struct text text)
{
    if (!text.bytes)
        return 0;
    return varint_size((uint64_t)field << 3) + varint_size(text.length) + text.length;
}
