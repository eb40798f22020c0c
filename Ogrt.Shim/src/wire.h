/* Writes protobuf fields into a region that the caller owns. A field is written whole or not at all, and the answer
 * says which, so that a message is well formed however small the region is. */
#ifndef OGRT_WIRE_H
#define OGRT_WIRE_H

#include "text.h"

struct wire {
    unsigned char *at;
    unsigned char *end;
    bool refused; /* some field did not fit */
};

bool wire_number(struct wire *wire, unsigned field, uint64_t value);

bool wire_bytes(struct wire *wire, unsigned field, const void *bytes, size_t length);

/* Nothing is written, and true is answered, for a text without bytes. */
bool wire_text(struct wire *wire, unsigned field, struct text text);

/* Writes as much of the text as there is room for; true when that is all of it. */
bool wire_text_cut(struct wire *wire, unsigned field, struct text text);

/* Tag and length of a field whose length bytes the caller writes next; the room for them is checked here. */
bool wire_open(struct wire *wire, unsigned field, size_t length);

/* For a text that the kernel writes straight into the message: where to, and how much room there is. */
char *wire_room(struct wire *wire, size_t *size);

/* Makes the field of the first length bytes of that room, which must have been answered since the last other field. */
struct text wire_take(struct wire *wire, unsigned field, size_t length);

/* Bytes that a field of this many bytes of content takes; 0 for a text without bytes. */
size_t wire_size(unsigned field, struct text text);

#endif
