#include "watermark.h"

#include <string.h>

enum {
    HEAD = 1 + UUID_TEXT + 1,
    TAG_AND_LENGTH = 3,
    CUT = 0x80,
    MAX_TEXT = 1024,
    MAX_MODULES = 4096,
};

bool watermark_parse(struct watermark *watermark, const unsigned char *content, size_t size)
{
    memset(watermark, 0, sizeof *watermark);
    if (size < HEAD || (content[0] != 1 && content[0] != 2) || content[HEAD - 1] != 0 ||
        !uuid_valid((const char *)content + 1))
        return false;
    watermark->version = content[0];
    memcpy(watermark->uuid.text, content + 1, UUID_TEXT);
    if (watermark->version == 1)
        return true;
    for (size_t at = HEAD; size - at >= TAG_AND_LENGTH;) {
        unsigned tag = content[at] & ~(unsigned)CUT;
        size_t length = content[at + 1] | (size_t)content[at + 2] << 8;
        if (length > size - at - TAG_AND_LENGTH)
            break;
        if (tag > 0 && tag < WATERMARK_TAGS)
            watermark->fields[tag] =
                (struct watermark_field){content + at + TAG_AND_LENGTH, length, (content[at] & CUT) != 0};
        at += TAG_AND_LENGTH + length;
    }
    return true;
}

int64_t watermark_number(const struct watermark_field *field)
{
    uint64_t value = 0;
    if (!field->bytes || (field->length != 4 && field->length != 8))
        return 0;
    for (size_t i = field->length; i > 0; i--)
        value = value << 8 | field->bytes[i - 1];
    return (int64_t)value;
}

static size_t write_head(unsigned char *room, unsigned char version, const struct uuid *uuid)
{
    room[0] = version;
    memcpy(room + 1, uuid->text, UUID_TEXT);
    room[HEAD - 1] = 0;
    return HEAD;
}

size_t watermark_write_v1(unsigned char *room, const struct uuid *uuid)
{
    return write_head(room, 1, uuid);
}

/* All texts at their longest fit into a note: 6 of MAX_TEXT, one of MAX_MODULES, and two numbers. */
_Static_assert(HEAD + (WATERMARK_TAGS - 1) * TAG_AND_LENGTH + 12 + 6 * MAX_TEXT + MAX_MODULES <= WATERMARK_V2_SIZE,
               "a note of version 2 does not hold its fields");

size_t watermark_write_v2(unsigned char *room, const struct watermark *watermark)
{
    size_t at = write_head(room, 2, &watermark->uuid);
    for (unsigned tag = 1; tag < WATERMARK_TAGS; tag++) {
        const struct watermark_field *field = &watermark->fields[tag];
        size_t limit = tag == WATERMARK_MODULES ? MAX_MODULES : MAX_TEXT;
        size_t length = field->length < limit ? field->length : limit;
        bool cut = field->cut || length < field->length;
        if (!field->bytes)
            continue;
        room[at] = (unsigned char)(cut ? tag | CUT : tag);
        room[at + 1] = (unsigned char)length;
        room[at + 2] = (unsigned char)(length >> 8);
        memcpy(room + at + TAG_AND_LENGTH, field->bytes, length);
        at += TAG_AND_LENGTH + length;
    }
    return at;
}
