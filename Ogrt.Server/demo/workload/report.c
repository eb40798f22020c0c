#include <stdio.h>

int main(void)
{
    long limit, count;
    int lines = 0;
    while (scanf("%ld %ld", &limit, &count) == 2)
        lines++;
    if (lines == 0)
        return 65;
    printf("%d parts; %ld primes below %ld\n", lines, count, limit);
    return 0;
}
