/* libev: a watcher for each connection. */
#include <ev.h>

#include "server.h"

typedef struct Client {
    ev_io io; /* first: libev's pointer is ours */
    Debt debt;
} Client;

static void watch(struct ev_loop *loop, Client *client, int events)
{
    int fd = client->io.fd;
    ev_io_stop(loop, &client->io);
    ev_io_set(&client->io, fd, events);
    ev_io_start(loop, &client->io);
}

static void on_client(struct ev_loop *loop, ev_io *io, int events)
{
    (void)events;
    Client *client = (Client *)io;
    bool owed = client->debt.bytes;
    if (!(owed ? pay(io->fd, &client->debt) : echo(io->fd, &client->debt))) {
        ev_io_stop(loop, io);
        close(io->fd);
        free(client->debt.bytes);
        free(client);
    } else if (owed != (client->debt.bytes != NULL)) {
        watch(loop, client, owed ? EV_READ : EV_WRITE);
    }
}

static void on_listener(struct ev_loop *loop, ev_io *io, int events)
{
    (void)events;
    int fd;
    while ((fd = accept_client(io->fd)) >= 0) {
        Client *client = calloc(1, sizeof *client);
        ev_io_init(&client->io, on_client, fd, EV_READ);
        ev_io_start(loop, &client->io);
    }
}

int main(void)
{
    struct ev_loop *loop = ev_default_loop(EVBACKEND_EPOLL);
    ev_io listener;
    ev_io_init(&listener, on_listener, listen_anywhere(), EV_READ);
    ev_io_start(loop, &listener);
    ev_run(loop, 0);
    return 0;
}
