/* A browser's side of HTTP/1.1, as cheap as it can be: bodies are passed over unread. */
#include "web.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MOST = 64, HEAD_MOST = 8192, PATIENCE_MS = 30000 };

typedef struct Client {
    int fd;
    char head[HEAD_MOST + 1];
    size_t head_len;
    int64_t left; /* of the body; -1: its head is not whole yet */
    size_t body;
    double sent_at;
} Client;

int connect_to(int port)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0)
        give_up("port %d: %s", port, strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static char *request_text(const char *path, const char *cookie)
{
    return x_printf("GET %s HTTP/1.1\r\nHost: localhost\r\n%s%s%s\r\n", path,
                    cookie ? "Cookie: session=" : "", cookie ? cookie : "", cookie ? "\r\n" : "");
}

static void send_request(Client *client, const char *text)
{
    client->left = -1;
    client->head_len = 0;
    client->sent_at = now();
    if (send(client->fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
        give_up("a request was not taken");
}

/* The head is whole: how long is the body, and how much of it came along? */
static void read_head(Client *client, const char *end)
{
    const char *length = strcasestr(client->head, "\r\nContent-Length: ");
    if (strncmp(client->head, "HTTP/1.1 200", 12) != 0 || !length || length > end)
        give_up("an answer is not as expected: %.60s", client->head);
    client->body = strtoul(length + 18, NULL, 10);
    client->left = (int64_t)client->body - (client->head + client->head_len - (end + 4));
}

static void take_head(Client *client)
{
    ssize_t n = recv(client->fd, client->head + client->head_len, HEAD_MOST - client->head_len, 0);
    if (n <= 0)
        give_up("a connection ended");
    client->head_len += (size_t)n;
    client->head[client->head_len] = '\0';
    const char *end = strstr(client->head, "\r\n\r\n");
    if (end)
        read_head(client, end);
    else if (client->head_len == HEAD_MOST)
        give_up("an answer's head is too long");
}

/* MSG_TRUNC: the kernel drops them, no byte is copied. */
static void take_body(Client *client)
{
    ssize_t n = recv(client->fd, NULL, (size_t)client->left, MSG_TRUNC | MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN))
        give_up("a connection ended");
    client->left -= n > 0 ? n : 0;
}

/* Is the answer whole now? */
static bool take(Client *client)
{
    if (client->left < 0)
        take_head(client);
    else
        take_body(client);
    return client->left == 0;
}

typedef struct Driver {
    const Load *load;
    Client clients[CONNECTIONS_MOST];
    char *text;
    int epoll, sent;
} Driver;

static void next_request(Driver *driver, Client *client)
{
    if (driver->sent == driver->load->requests)
        return;
    if (driver->load->before)
        driver->load->before(driver->load->context, driver->sent);
    driver->sent++;
    send_request(client, driver->text);
}

static void open_clients(Driver *driver)
{
    for (int i = 0; i < driver->load->connections; i++) {
        Client *client = &driver->clients[i];
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
        client->fd = connect_to(driver->load->port);
        epoll_ctl(driver->epoll, EPOLL_CTL_ADD, client->fd, &event);
        next_request(driver, client);
    }
}

static void drive(Driver *driver, Loaded *loaded)
{
    struct epoll_event events[CONNECTIONS_MOST];
    while (loaded->n < driver->load->requests) {
        int n = epoll_wait(driver->epoll, events, CONNECTIONS_MOST, PATIENCE_MS);
        if (n == 0)
            give_up("no answer within %d s", PATIENCE_MS / 1000);
        for (int i = 0; i < n; i++) {
            Client *client = events[i].data.ptr;
            if (!take(client))
                continue;
            loaded->each[loaded->n++] = now() - client->sent_at;
            loaded->bytes = client->body;
            next_request(driver, client);
        }
    }
}

Loaded load(const Load *load)
{
    static Driver driver;
    driver = (Driver){.load = load, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    Loaded loaded = {.each = x_calloc((size_t)load->requests, sizeof(double))};
    driver.text = request_text(load->path, load->cookie);
    double began = now();
    open_clients(&driver);
    drive(&driver, &loaded);
    loaded.wall = now() - began;
    for (int i = 0; i < load->connections; i++)
        close(driver.clients[i].fd);
    close(driver.epoll);
    free(driver.text);
    return loaded;
}

char *get(int port, const char *path, const char *cookie, size_t *len)
{
    static Client client;
    char *text = request_text(path, cookie);
    client.fd = connect_to(port);
    send_request(&client, text);
    while (client.left < 0)
        take_head(&client);
    char *body = x_calloc(1, client.body + 1);
    size_t have = client.body - (size_t)client.left;
    memcpy(body, client.head + client.head_len - have, have);
    for (ssize_t n; have < client.body; have += (size_t)n)
        if ((n = recv(client.fd, body + have, client.body - have, 0)) <= 0)
            give_up("a connection ended");
    close(client.fd);
    free(text);
    *len = have;
    return body;
}
