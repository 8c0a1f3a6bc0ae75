/*
 * The reactor: hears from the kernel which connections are ready, and wakes
 * whoever waits for them. It never reads.
 *
 * Functions return 0, or -1 and leave the reason in errno.
 */
#ifndef REACTOR_H
#define REACTOR_H

#include <stdbool.h>

#include "task.h"

/* Under one token: a connection, and whom to wake when it is ready. */
typedef struct Registration {
    bool registered; /* with the kernel */
    int fd;
    Waker waker;
} Registration;

typedef struct Reactor {
    int poller;
    Registration *registrations; /* by token; owned */
} Reactor;

/* Room for the tokens 0 to `size` - 1: not checked, the caller keeps to them. */
int reactor_open(Reactor *reactor, unsigned size);
void reactor_close(Reactor *reactor);

/* From now on `waker` is called whenever `fd` is ready. Done again under the same token (and for
 * the same fd), it puts the new waker in the old one's place. */
int reactor_register(Reactor *reactor, unsigned token, int fd, const Waker *waker);

/* Does nothing if nothing is registered under the token. */
int reactor_deregister(Reactor *reactor, unsigned token);

/* Sleeps until something is ready, calls the waker of every event, and returns. A signal
 * may end the sleep: then 0, too, and nobody was woken. */
int reactor_wait(Reactor *reactor);

#endif
