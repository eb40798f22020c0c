#include "deliver.h"

#include "clock.h"
#include "record.h"
#include "transport.h"

#include <errno.h>

/* More would leave too little of the deadline for each. */
enum { MAX_ATTEMPTS = 4 };

static unsigned count(const char *servers)
{
    unsigned number = 0;
    for (const char *server = servers; server; server = list_next(server))
        number++;
    return number;
}

/* The server for an attempt: processes start at different servers, and each goes on from there. */
static bool choose(struct address *address, const struct process *process, unsigned servers, unsigned attempt)
{
    const struct settings *settings = process->settings;
    if (settings->server_override.bytes)
        return address_parse_with_port(address, settings->server_override, settings->server_port);
    const char *server = settings->servers;
    for (uint64_t skip = ((uint64_t)process->pid + attempt) % servers; skip; skip--)
        server = list_next(server);
    return address_parse(address, text_of(server), settings->server_port);
}

static long attempt_at(struct delivery *delivery, const struct address *address, const struct frame *frame,
                       const struct process *process, int64_t deadline, unsigned attempts_left)
{
    delivery->datagram = process->settings->transport == TRANSPORT_UDP && delivery->size <= MAX_DATAGRAM;
    if (delivery->datagram)
        return transport_udp(address, frame->start, delivery->size);
    int64_t now = clock_monotonic(), left = deadline - now;
    /* A server that does not answer takes its share of the time, not all of it. */
    return transport_tcp(address, frame->start, delivery->size, now + (left > 0 ? left / attempts_left : 0));
}

struct delivery deliver(struct frame *frame, const struct process *process)
{
    struct delivery delivery = {.error = -EINVAL};
    unsigned servers = process->settings->server_override.bytes ? 1 : count(process->settings->servers);
    unsigned attempts = servers < MAX_ATTEMPTS ? servers : MAX_ATTEMPTS;
    int64_t deadline = clock_monotonic() + process->settings->deadline_ns;
    struct address address;
    while (delivery.error && delivery.attempts < attempts) {
        if (delivery.attempts)
            record_failed_sends(frame, delivery.attempts);
        delivery.size = frame_seal(frame, FRAME_PROCESS_INFO);
        if (choose(&address, process, servers, delivery.attempts))
            delivery.error = attempt_at(&delivery, &address, frame, process, deadline, attempts - delivery.attempts);
        delivery.attempts++;
    }
    return delivery;
}
