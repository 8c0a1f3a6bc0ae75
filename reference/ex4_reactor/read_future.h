/*
 * A future that is READY when its connection has data, or will have no more.
 * It owns the connection: a finished one is deregistered and closed.
 */
#ifndef READ_FUTURE_H
#define READ_FUTURE_H

#include <stddef.h>

#include "reactor.h"
#include "task.h"

typedef struct ReadFuture {
    Future future; /* first: a pointer to it is a pointer to the ReadFuture */
    Reactor *reactor;
    unsigned token;
    int fd;        /* does not block */
    size_t length; /* when READY: how many bytes came; 0: the end, or an error */
    char data[4096];
} ReadFuture;

/* `token`: under which it may register with the reactor. */
void read_future_init(ReadFuture *read_future, Reactor *reactor, unsigned token, int fd);

#endif
