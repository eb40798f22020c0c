#include <stdlib.h>

#include "sieve.h"

long count_primes(long limit)
{
    if (limit < 2)
        return 0;
    char *composite = calloc((size_t)limit, 1);
    if (composite == NULL)
        return -1;
    long count = 0;
    for (long n = 2; n < limit; n++) {
        if (composite[n])
            continue;
        count++;
        for (long multiple = n + n; multiple < limit; multiple += n)
            composite[multiple] = 1;
    }
    free(composite);
    return count;
}
