/* Addresses of servers, as the preload library reads them. */
#ifndef OGRT_ADDRESSES_H
#define OGRT_ADDRESSES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum family { FAMILY_4, FAMILY_6, FAMILY_BOTH, FAMILY_PREFER4 };

struct server_address {
    int family; /* AF_INET or AF_INET6 */
    uint16_t port;
    unsigned char bytes[16]; /* the first 4, or all */
};

struct addresses {
    enum family family; /* which of the addresses of a name are taken */
    uint16_t port;      /* of names without one */
    struct server_address *list;
    size_t count, room;
};

/* Resolves NAME[:PORT] or takes a numeric address, and adds what it finds. Returns an exit code of say.h, and prints a
 * message where that is not EXIT_DONE. */
int addresses_add(struct addresses *addresses, const char *server);

/* Prints them sorted, each once, one a line. */
void addresses_print(struct addresses *addresses, FILE *to);

bool port_parse(const char *text, uint16_t *port);

#endif
