/* Chooses servers and tries them until one has taken the frame or the time is up. */
#ifndef OGRT_DELIVER_H
#define OGRT_DELIVER_H

#include "address.h"
#include "frame.h"
#include "process.h"

enum { SERVER_NAME = 64 };

struct delivery {
    long error;  /* 0, or why the last attempt failed */
    size_t size; /* of the frame */
    unsigned attempts;
    bool datagram;            /* how the last attempt was made */
    char server[SERVER_NAME]; /* where to, as it is written in the settings */
    struct address address;   /* the same */
};

struct delivery deliver(struct frame *frame, const struct process *process);

/* The same with little stack: the room is for the text of the servers file. */
struct delivery deliver_with_room(struct frame *frame, const struct process *process, char *room, size_t size);

#endif
