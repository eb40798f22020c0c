/* A servers file of any bytes: the list that is made of it stays within them, and each word of it is read as an
 * address. */
#include "servers.h"
#include "address.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct address address;
    char *memory = malloc(size + 2); /* the reader may use one byte at either end */
    memcpy(memory + 1, data, size);
    const char *list = servers_list(memory + 1, size);
    for (const char *word = list; word; word = list_next(word)) {
        if (!*word || strpbrk(word, " \t\r\n,#"))
            abort();
        if (address_parse_with_port(&address, text_of(word), 7971) && address.as.any.sa_family != AF_INET &&
            address.as.any.sa_family != AF_INET6)
            abort();
    }
    free(memory);
    return 0;
}
