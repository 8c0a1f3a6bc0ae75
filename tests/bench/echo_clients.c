#include "echo_clients.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

typedef struct Client {
    int fd;
    size_t sent, received; /* of the message under way */
} Client;

struct EchoClients {
    int queue, count;
    size_t message;
    Client *clients;
};

static char bytes[MESSAGE_MOST], back[MESSAGE_MOST];

static void send_some(const EchoClients *all, Client *client)
{
    while (client->sent < all->message) {
        ssize_t n = send(client->fd, bytes, all->message - client->sent, MSG_NOSIGNAL);
        if (n < 0)
            return; /* no room: the server has to read first, and what it echoes wakes us */
        client->sent += (size_t)n;
    }
}

/* Is the echo whole? */
static bool receive_some(const EchoClients *all, Client *client)
{
    ssize_t n = recv(client->fd, back, all->message - client->received, 0);
    if (n == 0)
        give_up("a server hung up");
    client->received += n > 0 ? (size_t)n : 0;
    if (client->received < all->message)
        return false;
    client->sent = client->received = 0;
    return true;
}

/* How many messages are yet to be begun, and how many are under way. */
typedef struct Left {
    long to_begin, under_way;
} Left;

static void turn(EchoClients *all, Left *left)
{
    struct epoll_event events[256];
    int n = epoll_wait(all->queue, events, 256, 10000);
    if (n == 0)
        give_up("a server does not answer");
    for (int i = 0; i < n; i++) {
        Client *client = &all->clients[events[i].data.u32];
        bool whole = receive_some(all, client);
        if (!whole || left->to_begin > 0)
            send_some(all, client);
        if (whole && left->to_begin > 0)
            left->to_begin--;
        else if (whole)
            left->under_way--;
    }
}

void echo_clients_talk(EchoClients *all, long messages)
{
    Left left = {messages - all->count, all->count};
    for (int i = 0; i < all->count; i++)
        send_some(all, &all->clients[i]);
    while (left.under_way > 0)
        turn(all, &left);
}

static void connect_one(EchoClients *all, int index, const struct sockaddr_in *address)
{
    Client *client = &all->clients[index];
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
    client->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (client->fd < 0 || connect(client->fd, (const struct sockaddr *)address, sizeof *address))
        give_up("a client can't connect");
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    fcntl(client->fd, F_SETFL, O_NONBLOCK);
    if (epoll_ctl(all->queue, EPOLL_CTL_ADD, client->fd, &event) != 0)
        give_up("epoll_ctl");
}

EchoClients *echo_clients_connect(int port, int count, size_t message)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EchoClients *all = calloc(1, sizeof *all);
    Client *clients = calloc((size_t)count, sizeof *clients);
    if (!all || !clients)
        give_up("memory");
    *all = (EchoClients){epoll_create1(0), count, message, clients};
    for (int i = 0; i < count; i++)
        connect_one(all, i, &address);
    echo_clients_talk(all, count);
    return all;
}

void echo_clients_close(EchoClients *all)
{
    for (int i = 0; i < all->count; i++)
        close(all->clients[i].fd);
    close(all->queue);
    free(all->clients);
    free(all);
}
