#ifndef SIEVE_H
#define SIEVE_H

/* The number of primes below limit, or -1 when memory is short. */
long count_primes(long limit);

#endif
