/* On i386 compilers call functions for the division of 64-bit numbers. They are in the compiler's own library, but that
 * is often not installed for a processor that one only builds for, and we need less than it brings. */
#include "division.h"

#if defined(__i386__)

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t __umoddi3(uint64_t dividend, uint64_t divisor);
uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *remainder);
int64_t __divdi3(int64_t dividend, int64_t divisor);
int64_t __moddi3(int64_t dividend, int64_t divisor);
int64_t __divmoddi4(int64_t dividend, int64_t divisor, int64_t *remainder);

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor)
{
    uint64_t remainder;
    return divide(dividend, divisor, &remainder);
}

uint64_t __umoddi3(uint64_t dividend, uint64_t divisor)
{
    uint64_t remainder;
    divide(dividend, divisor, &remainder);
    return remainder;
}

uint64_t __udivmoddi4(uint64_t dividend, uint64_t divisor, uint64_t *remainder)
{
    uint64_t rest, quotient = divide(dividend, divisor, &rest);
    if (remainder)
        *remainder = rest;
    return quotient;
}

int64_t __divdi3(int64_t dividend, int64_t divisor)
{
    int64_t remainder;
    return divide_signed(dividend, divisor, &remainder);
}

int64_t __moddi3(int64_t dividend, int64_t divisor)
{
    int64_t remainder;
    divide_signed(dividend, divisor, &remainder);
    return remainder;
}

int64_t __divmoddi4(int64_t dividend, int64_t divisor, int64_t *remainder)
{
    return divide_signed(dividend, divisor, remainder);
}

#endif
