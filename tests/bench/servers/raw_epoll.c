/* epoll and nothing else: the pointer that the kernel hands back is the connection. */
#include <sys/epoll.h>

#include "server.h"

typedef struct Client {
    int fd;
    Debt debt;
} Client;

static int queue;

static void control(int operation, Client *client, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = client};
    if (epoll_ctl(queue, operation, client->fd, &event) == -1)
        err(1, "epoll_ctl");
}

static void accept_clients(int listener)
{
    int fd;
    while ((fd = accept_client(listener)) >= 0) {
        Client *client = calloc(1, sizeof *client);
        client->fd = fd;
        control(EPOLL_CTL_ADD, client, EPOLLIN);
    }
}

static void serve(Client *client)
{
    bool owed = client->debt.bytes;
    bool alive = owed ? pay(client->fd, &client->debt) : echo(client->fd, &client->debt);
    if (!alive) {
        close(client->fd);
        free(client->debt.bytes);
        free(client);
    } else if (owed != (client->debt.bytes != NULL)) {
        control(EPOLL_CTL_MOD, client, owed ? EPOLLIN : EPOLLOUT);
    }
}

int main(void)
{
    Client listener = {.fd = listen_anywhere()};
    struct epoll_event events[256];
    queue = epoll_create1(0);
    control(EPOLL_CTL_ADD, &listener, EPOLLIN);
    for (;;) {
        int n = epoll_wait(queue, events, 256, -1);
        for (int i = 0; i < n; i++)
            if (events[i].data.ptr == &listener)
                accept_clients(listener.fd);
            else
                serve(events[i].data.ptr);
    }
}
