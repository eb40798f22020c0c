#include <stdio.h>
#include <stdlib.h>

#include "sieve.h"

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: primes LIMIT\n");
        return 64;
    }
    long limit = atol(argv[1]);
    long count = count_primes(limit);
    if (count < 0)
        return 71;
    printf("%ld %ld\n", limit, count);
    return 0;
}
