/*
 * The echo server: every byte that a client sends goes back to it, in order.
 * One thread serves all clients and never waits for one of them.
 */
#ifndef ECHO_SERVER_H
#define ECHO_SERVER_H

#include "map.h"
#include "poll.h"

typedef struct Server {
    Poll poll;
    int listener;
    bool accepting; /* the listener is registered at present */
    Token next;     /* the next client's. Counts upward, so an event of a client that has left
                       never finds another one under its token */
    Map connections;
} Server;

/* Both return 0, or -1 and errno. Nothing is closed or freed at the end: the kernel does that
 * when the program exits. */

/* Takes charge of SIGTERM and SIGINT, too. So call it before the listening line is printed:
 * whoever reads that line may send one at once. */
int server_init(Server *server);

/* Serves until SIGTERM or SIGINT. `listener` listens and does not block. */
int server_run(Server *server, int listener);

#endif
