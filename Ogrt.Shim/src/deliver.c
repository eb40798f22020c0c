#include "deliver.h"

#include "clock.h"
#include "format.h"
#include "record.h"
#include "servers.h"
#include "transport.h"

#include <errno.h>

/* More would leave too little of the deadline for each. */
enum { MAX_ATTEMPTS = 4 };

static void keep_name(struct delivery *delivery, const char *server)
{
    struct format name = format_into(delivery->server, sizeof delivery->server);
    format_string(&name, server);
    format_finish(&name);
}

static long attempt_at(struct delivery *delivery, const struct frame *frame, const struct process *process,
                       int64_t *deadline, unsigned attempts_left)
{
    delivery->datagram =
        process->settings->transport == TRANSPORT_UDP && delivery->size <= process->settings->max_datagram;
    if (delivery->datagram)
        return transport_udp(&delivery->address, frame->start, delivery->size);
    int64_t now = clock_monotonic();
    if (!*deadline) /* begins with the first attempt that may wait */
        *deadline = now + (int64_t)process->settings->deadline_ns;
    int64_t left = *deadline - now;
    /* A server that does not answer takes its share of the time, not all of it. */
    return transport_tcp(&delivery->address, frame->start, delivery->size, now + (left > 0 ? left / attempts_left : 0));
}

/* Processes start at different servers, and each goes on from there. What is no address is passed over: it is no server
 * that failed. */
static void try_servers(struct delivery *delivery, struct frame *frame, const struct process *process,
                        const struct servers *servers)
{
    const struct settings *settings = process->settings;
    unsigned attempts = servers->count < MAX_ATTEMPTS ? servers->count : MAX_ATTEMPTS;
    int64_t deadline = 0;
    unsigned first = servers->count ? (unsigned)process->pid % servers->count : 0;
    for (unsigned i = 0; i < servers->count && delivery->error && delivery->attempts < attempts; i++) {
        const char *server = servers_at(servers, (first + i) % servers->count);
        keep_name(delivery, server);
        if (!address_parse_with_port(&delivery->address, text_of(server), (uint16_t)settings->port))
            continue;
        if (delivery->attempts)
            record_failed_sends(frame, delivery->attempts);
        delivery->size = frame_seal(frame, FRAME_PROCESS_INFO);
        delivery->error = attempt_at(delivery, frame, process, &deadline, attempts - delivery->attempts);
        delivery->attempts++;
    }
}

static void deliver_in(struct delivery *delivery, struct frame *frame, const struct process *process, char *room,
                       size_t size)
{
    struct servers servers;
    servers_open(&servers, process->settings, process->user, room, size);
    try_servers(delivery, frame, process, &servers);
    servers_close(&servers);
}

/* A function of its own, so that without such a file its room does not lie between pages of the stack that are used. */
static __attribute__((noinline)) void deliver_by_file(struct delivery *delivery, struct frame *frame,
                                                      const struct process *process)
{
    char room[TEXTFILE_ROOM];
    deliver_in(delivery, frame, process, room, sizeof room);
}

struct delivery deliver(struct frame *frame, const struct process *process)
{
    struct delivery delivery = {.error = -EDESTADDRREQ};
    if (process->settings->servers_file)
        deliver_by_file(&delivery, frame, process);
    else
        deliver_in(&delivery, frame, process, NULL, 0);
    return delivery;
}

struct delivery deliver_with_room(struct frame *frame, const struct process *process, char *room, size_t size)
{
    struct delivery delivery = {.error = -EDESTADDRREQ};
    deliver_in(&delivery, frame, process, room, size);
    return delivery;
}
