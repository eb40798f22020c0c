#include "sha1.h"

#include <string.h>

static uint32_t turn(uint32_t word, unsigned bits)
{
    return word << bits | word >> (32 - bits);
}

static void take_block(struct sha1 *sha1, const unsigned char *block)
{
    uint32_t w[80];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
               block[4 * i + 3];
    for (int i = 16; i < 80; i++)
        w[i] = turn(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = sha1->state[0], b = sha1->state[1], c = sha1->state[2], d = sha1->state[3], e = sha1->state[4];
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20   ? (b & c) | (~b & d)
                     : i < 40 ? b ^ c ^ d
                     : i < 60 ? (b & c) | (b & d) | (c & d)
                              : b ^ c ^ d;
        uint32_t k = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 : i < 60 ? 0x8f1bbcdc : 0xca62c1d6;
        uint32_t next = turn(a, 5) + f + e + k + w[i];
        e = d;
        d = c;
        c = turn(b, 30);
        b = a;
        a = next;
    }
    sha1->state[0] += a;
    sha1->state[1] += b;
    sha1->state[2] += c;
    sha1->state[3] += d;
    sha1->state[4] += e;
}

void sha1_start(struct sha1 *sha1)
{
    static const uint32_t first[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    memcpy(sha1->state, first, sizeof first);
    sha1->length = 0;
}

void sha1_add(struct sha1 *sha1, const void *bytes, size_t size)
{
    const unsigned char *from = bytes;
    size_t used = sha1->length % SHA1_BLOCK;
    sha1->length += size;
    while (size) {
        if (used == 0 && size >= SHA1_BLOCK) {
            take_block(sha1, from);
            from += SHA1_BLOCK;
            size -= SHA1_BLOCK;
            continue;
        }
        size_t room = SHA1_BLOCK - used, part = size < room ? size : room;
        memcpy(sha1->block + used, from, part);
        from += part;
        size -= part;
        used += part;
        if (used == SHA1_BLOCK) {
            take_block(sha1, sha1->block);
            used = 0;
        }
    }
}

void sha1_finish(struct sha1 *sha1, unsigned char hash[SHA1_SIZE])
{
    static const unsigned char padding[SHA1_BLOCK] = {0x80};
    uint64_t bits = sha1->length * 8;
    size_t used = sha1->length % SHA1_BLOCK;
    unsigned char length[8];
    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)(bits >> (56 - 8 * i));
    sha1_add(sha1, padding, (used < 56 ? 56 : 120) - used);
    sha1_add(sha1, length, sizeof length);
    for (int i = 0; i < SHA1_SIZE; i++)
        hash[i] = (unsigned char)(sha1->state[i / 4] >> (24 - 8 * (i % 4)));
}
