/* SHA-1 (FIPS 180-4), which version 5 UUIDs are made of. Not for anything that must withstand an attacker. */
#ifndef OGRT_SHA1_H
#define OGRT_SHA1_H

#include <stddef.h>
#include <stdint.h>

enum { SHA1_SIZE = 20, SHA1_BLOCK = 64 };

struct sha1 {
    uint32_t state[5];
    uint64_t length; /* bytes so far */
    unsigned char block[SHA1_BLOCK];
};

void sha1_start(struct sha1 *sha1);
void sha1_add(struct sha1 *sha1, const void *bytes, size_t size);
void sha1_finish(struct sha1 *sha1, unsigned char hash[SHA1_SIZE]);

#endif
