#include "addresses.h"

#include "say.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_NAME = 253 }; /* RFC 1035, section 2.3.4, without the outermost length bytes */

bool port_parse(const char *text, uint16_t *port)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno || *end || value < 1 || value > 65535)
        return false;
    *port = (uint16_t)value;
    return true;
}

/* NAME, NAME:PORT, 192.0.2.1:PORT, 2001:db8::1, [2001:db8::1] or [2001:db8::1]:PORT. */
static bool split(const char *server, char name[MAX_NAME + 1], uint16_t *port)
{
    const char *end = server + strlen(server), *begin = server, *colon;
    if (*server == '[') {
        begin = server + 1;
        end = strchr(server, ']');
        if (!end || (end[1] && (end[1] != ':' || !port_parse(end + 2, port))))
            return false;
    } else if ((colon = strchr(server, ':')) && !strchr(colon + 1, ':')) {
        end = colon;
        if (!port_parse(colon + 1, port))
            return false;
    }
    if (end == begin || end - begin > MAX_NAME)
        return false;
    memcpy(name, begin, (size_t)(end - begin));
    name[end - begin] = 0;
    return true;
}

static bool add(struct addresses *addresses, int family, uint16_t port, const void *bytes)
{
    if (addresses->count == addresses->room) {
        size_t room = addresses->room ? 2 * addresses->room : 16;
        struct server_address *list = realloc(addresses->list, room * sizeof *list);
        if (!list)
            return false;
        addresses->list = list;
        addresses->room = room;
    }
    struct server_address *address = &addresses->list[addresses->count++];
    memset(address, 0, sizeof *address);
    address->family = family;
    address->port = port;
    memcpy(address->bytes, bytes, family == AF_INET ? 4 : 16);
    return true;
}

/* localhost and what is below it is this machine (RFC 6761, section 6.3); no other name should be. */
static bool is_localhost(const char *name)
{
    static const char localhost[] = "localhost";
    size_t length = strlen(name), suffix = sizeof localhost - 1;
    while (length && name[length - 1] == '.')
        length--;
    if (length < suffix || strncasecmp(name + length - suffix, localhost, suffix) != 0)
        return false;
    return length == suffix || name[length - suffix - 1] == '.';
}

/* Whether a server can be at an address that a name has. Name servers that block a name, or have nothing better, answer
 * with 0.0.0.0 or a loopback address, and every process would send there. Of a link-local address the preload library
 * cannot say which network card it belongs to. */
static bool can_be_server_v4(const struct in_addr *address, bool local)
{
    uint32_t bits = ntohl(address->s_addr);
    if (bits >> 24 == 127)
        return local;
    return bits >> 24 != 0         /* this network: RFC 1122, section 3.2.1.3 */
           && bits >> 16 != 0xa9fe /* link-local: RFC 3927 */
           && bits >> 28 < 0xe;    /* multicast, reserved, broadcast */
}

static bool can_be_server_v6(const struct in6_addr *address, bool local)
{
    if (IN6_IS_ADDR_LOOPBACK(address))
        return local;
    return !IN6_IS_ADDR_UNSPECIFIED(address) && !IN6_IS_ADDR_LINKLOCAL(address) && !IN6_IS_ADDR_MULTICAST(address) &&
           !IN6_IS_ADDR_V4MAPPED(address) && !IN6_IS_ADDR_V4COMPAT(address);
}

/* Adds what there is of one family. */
static size_t add_family(struct addresses *addresses, const struct addrinfo *found, int family, uint16_t port,
                         bool local, bool *full)
{
    size_t before = addresses->count;
    for (; found; found = found->ai_next) {
        const void *bytes;
        if (found->ai_family != family)
            continue;
        if (family == AF_INET) {
            const struct in_addr *v4 = &((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_addr;
            if (!can_be_server_v4(v4, local))
                continue;
            bytes = v4;
        } else {
            const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)found->ai_addr)->sin6_addr;
            if (!can_be_server_v6(v6, local))
                continue;
            bytes = v6;
        }
        if (!add(addresses, family, port, bytes))
            *full = true;
    }
    return addresses->count - before;
}

static int resolve(struct addresses *addresses, const char *name, uint16_t port)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
    hints.ai_family = addresses->family == FAMILY_4 ? AF_INET : addresses->family == FAMILY_6 ? AF_INET6 : AF_UNSPEC;
    int error = getaddrinfo(name, NULL, &hints, &found);
    if (error) {
        say_error("servers: cannot resolve '%s': %s", name,
                  error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
        return EXIT_NOT_FOUND;
    }
    bool full = false, local = is_localhost(name);
    size_t taken = add_family(addresses, found, AF_INET, port, local, &full);
    if (taken == 0 || addresses->family != FAMILY_PREFER4)
        taken += add_family(addresses, found, AF_INET6, port, local, &full);
    freeaddrinfo(found);
    if (full)
        return say_error("out of memory");
    if (taken)
        return EXIT_DONE;
    say_error("servers: '%s' has no address that can be used", name);
    return EXIT_NOT_FOUND;
}

int addresses_add(struct addresses *addresses, const char *server)
{
    char name[MAX_NAME + 1];
    unsigned char bytes[16];
    uint16_t port = addresses->port;
    if (!split(server, name, &port))
        return say_error(
            "servers: '%s' is neither NAME, NAME:PORT nor an address; IPv6 with a port is [2001:db8::1]:7971", server);
    int family = inet_pton(AF_INET, name, bytes) == 1    ? AF_INET
                 : inet_pton(AF_INET6, name, bytes) == 1 ? AF_INET6
                                                         : AF_UNSPEC;
    if (family != AF_UNSPEC)
        return add(addresses, family, port, bytes) ? EXIT_DONE : say_error("out of memory");
    return resolve(addresses, name, port);
}

static int compare(const void *a, const void *b)
{
    const struct server_address *x = a, *y = b;
    if (x->family != y->family)
        return x->family == AF_INET ? -1 : 1;
    int order = memcmp(x->bytes, y->bytes, sizeof x->bytes);
    return order ? order : (x->port > y->port) - (x->port < y->port);
}

void addresses_print(struct addresses *addresses, FILE *to)
{
    char text[INET6_ADDRSTRLEN];
    if (addresses->count)
        qsort(addresses->list, addresses->count, sizeof *addresses->list, compare);
    fputs("# Addresses of OGRT servers, written by 'ogrt servers'.\n", to);
    for (size_t i = 0; i < addresses->count; i++) {
        const struct server_address *address = &addresses->list[i];
        if (i && compare(address - 1, address) == 0)
            continue;
        if (!inet_ntop(address->family, address->bytes, text, sizeof text))
            continue;
        fprintf(to, address->family == AF_INET ? "%s:%u\n" : "[%s]:%u\n", text, address->port);
    }
}
