/*
 * One connection of a scripted client. Nothing here blocks, waits or judges:
 * it writes what it was given as the program takes it, reads what comes
 * (unless paused), and calls `moved` from the loop when anything changed.
 */
#ifndef GRADER_PEER_LINK_H
#define GRADER_PEER_LINK_H

#include <sys/socket.h>
#include <uv.h>

#include "observation.h"
#include "peer/expected.h"

enum { LINK_KEPT = 8192 }; /* bytes kept of what was sent and received; see PeerClient */

typedef struct Link {
    uv_poll_t poll;
    bool polled; /* the loop has it */
    int events;  /* that it asks for: to ask anew costs two system calls each time */
    int fd;
    PeerClient *peer;
    void (*moved)(void *context);
    void *context;

    bool connected, paused, ended, reset;
    int connect_error, send_error; /* errno; 0: none */

    bool sending, half_wanted, more;
    Payload out;
    uint64_t sent;
    int64_t progress_ns; /* CLOCK_MONOTONIC, when the last byte was taken ... */
    int64_t heard_ns;    /* ... and when the last one came; 0: none */

    Expected in;
} Link;

/* Begins to connect `fd` (taken over, also on failure). Freed by link_close()
 * alone. A failure is told by `connect_error`, never by NULL. */
Link *link_open(uv_loop_t *loop, int fd, const struct sockaddr *address, socklen_t len,
                PeerClient *peer, void (*moved)(void *), void *context);

/* Writes at once what the kernel takes, the rest as it goes. -1: the last one is not done yet.
 * `more`: the last segment waits for what comes next, a close at once. */
int link_send_take(Link *link, Payload *payload, bool more);
int link_port(const Link *link);   /* of its own side; 0: not known */
bool link_takes(const Link *link); /* the kernel has room for a byte just now */
void link_half_close(Link *link);  /* behind what is still to be sent */
void link_pause(Link *link, bool paused);
void link_leave(Link *link); /* stays open, but nothing is read or written any more */
/* Closes (reset: with RST). What is to be read already is read before. */
void link_close(Link *link, bool reset);

#endif
