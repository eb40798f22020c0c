/* Division of 64-bit numbers for processors that have none. */
#ifndef OGRT_DIVISION_H
#define OGRT_DIVISION_H

#include <stdint.h>

/* Long division, one bit at a time, of differences and of shifts by constants only: the compiler must make no call of
 * it. A divisor of 0 gives all ones. */
static inline uint64_t divide(uint64_t dividend, uint64_t divisor, uint64_t *remainder)
{
    uint64_t quotient = 0, rest = 0;
    for (int bit = 0; bit < 64; bit++) {
        uint64_t carried = rest >> 63;
        rest = rest << 1 | dividend >> 63;
        dividend <<= 1;
        quotient <<= 1;
        if (carried || rest >= divisor) {
            rest -= divisor;
            quotient |= 1;
        }
    }
    *remainder = rest;
    return quotient;
}

static inline uint64_t magnitude(int64_t number)
{
    return number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
}

/* Rounds towards zero; the remainder has the sign of the dividend: C11, 6.5.5. */
static inline int64_t divide_signed(int64_t dividend, int64_t divisor, int64_t *remainder)
{
    uint64_t rest, quotient = divide(magnitude(dividend), magnitude(divisor), &rest);
    *remainder = (int64_t)(dividend < 0 ? 0 - rest : rest);
    return (int64_t)((dividend < 0) != (divisor < 0) ? 0 - quotient : quotient);
}

#endif
