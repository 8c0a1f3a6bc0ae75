/* libevent, raw events: no bufferevents, which copy. */
#include <event2/event.h>

#include "server.h"

typedef struct Client {
    struct event *event;
    Debt debt;
} Client;

static void on_client(evutil_socket_t fd, short events, void *data);

static void watch(Client *client, evutil_socket_t fd, short events)
{
    struct event_base *base = event_get_base(client->event);
    event_del(client->event);
    event_assign(client->event, base, fd, (short)(events | EV_PERSIST), on_client, client);
    event_add(client->event, NULL);
}

static void on_client(evutil_socket_t fd, short events, void *data)
{
    (void)events;
    Client *client = data;
    bool owed = client->debt.bytes;
    if (!(owed ? pay(fd, &client->debt) : echo(fd, &client->debt))) {
        event_free(client->event);
        close(fd);
        free(client->debt.bytes);
        free(client);
    } else if (owed != (client->debt.bytes != NULL)) {
        watch(client, fd, owed ? EV_READ : EV_WRITE);
    }
}

static void on_listener(evutil_socket_t listener, short events, void *data)
{
    (void)events;
    int fd;
    while ((fd = accept_client(listener)) >= 0) {
        Client *client = calloc(1, sizeof *client);
        client->event = event_new(data, fd, EV_READ | EV_PERSIST, on_client, client);
        event_add(client->event, NULL);
    }
}

int main(void)
{
    struct event_base *base = event_base_new();
    int listener = listen_anywhere();
    event_add(event_new(base, listener, EV_READ | EV_PERSIST, on_listener, base), NULL);
    event_base_dispatch(base);
    return 0;
}
