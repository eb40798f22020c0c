/* Socket addresses from numeric text: names are resolved elsewhere, never in a tracked process. */
#ifndef OGRT_ADDRESS_H
#define OGRT_ADDRESS_H

#include "text.h"

#include <netinet/in.h>

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } as;
    size_t size;
};

/* 192.0.2.1 or 2001:db8::1 */
bool address_parse(struct address *address, struct text text, uint16_t port);

/* The same with an optional port: 192.0.2.1:7971, [2001:db8::1]:7971, 2001:db8::1 */
bool address_parse_with_port(struct address *address, struct text text, uint16_t default_port);

#endif
