/* One shot: every event disarms its connection, which is armed anew for what it needs next. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIGNALS 0xfffffffeu

struct client {
    int fd; /* -1: has left */
    unsigned owed, sent;
    char *data;
};

/* clients[i] has the token first + i. Those that have left are cut off in front. */
static struct client *clients;
static uint32_t first = 1;
static size_t count, room;
static int ep, lsock, reserve;

static void arm(int op, int fd, uint32_t token, uint32_t what)
{
    struct epoll_event e;
    memset(&e, 0, sizeof e);
    e.events = what | EPOLLONESHOT;
    e.data.u32 = token;
    if (epoll_ctl(ep, op, fd, &e) != 0) {
        perror("epoll_ctl");
        exit(1);
    }
}

static void hang_up(struct client *c)
{
    epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, NULL);
    close(c->fd);
    free(c->data);
    c->data = NULL;
    c->fd = -1;
    size_t gone = 0;
    while (gone < count && clients[gone].fd == -1)
        gone++;
    if (gone * 2 < count && gone < 64)
        return;
    memmove(clients, clients + gone, (count - gone) * sizeof *clients);
    count -= gone;
    first += gone;
}

static void take(int fd)
{
    if (count == room) {
        room = room * 2 + 64;
        clients = realloc(clients, room * sizeof *clients);
        if (clients == NULL)
            abort();
    }
    clients[count] = (struct client){.fd = fd};
    arm(EPOLL_CTL_ADD, fd, first + count, EPOLLIN);
    count++;
}

/* No descriptor is left: give up the one kept for this, and hang up on who waits. */
static void refuse(void)
{
    close(reserve);
    int fd = accept(lsock, NULL, NULL);
    if (fd >= 0)
        close(fd);
    reserve = eventfd(0, 0);
}

static void serve(uint32_t token)
{
    static char buf[32768];
    if (token - first >= count || clients[token - first].fd == -1)
        return;
    struct client *c = &clients[token - first];
    ssize_t n;
    if (c->data == NULL) {
        n = recv(c->fd, buf, sizeof buf, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            hang_up(c);
            return;
        }
        if (n > 0) {
            c->data = memcpy(malloc(n), buf, n);
            c->owed = n;
            c->sent = 0;
        }
    }
    if (c->data != NULL) {
        n = send(c->fd, c->data + c->sent, c->owed - c->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            hang_up(c);
            return;
        }
        c->sent += n > 0 ? n : 0;
        if (c->sent == c->owed) {
            free(c->data);
            c->data = NULL;
        }
    }
    arm(EPOLL_CTL_MOD, c->fd, token, c->data ? EPOLLOUT : EPOLLIN);
}

static void listen_on(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t n = sizeof a;
    int yes = 1;
    a.sin_addr.s_addr = htonl(0x7f000001);
    lsock = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(lsock, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(lsock, (struct sockaddr *)&a, n) != 0 || listen(lsock, 1000) != 0) {
        perror("listen");
        exit(1);
    }
    getsockname(lsock, (struct sockaddr *)&a, &n);
    printf("listening on 127.0.0.1:%u\n", ntohs(a.sin_port));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    ep = epoll_create1(EPOLL_CLOEXEC);
    reserve = eventfd(0, 0);
    arm(EPOLL_CTL_ADD, signalfd(-1, &set, 0), SIGNALS, EPOLLIN);
    listen_on(argc > 1 ? atoi(argv[1]) : 9000);
    arm(EPOLL_CTL_ADD, lsock, 0, EPOLLIN);

    for (;;) {
        struct epoll_event e[16];
        int n = epoll_wait(ep, e, 16, -1);
        for (int i = 0; i < n; i++) {
            uint32_t token = e[i].data.u32;
            if (token == SIGNALS)
                return 0;
            if (token != 0) {
                serve(token);
                continue;
            }
            int fd = accept4(lsock, NULL, NULL, SOCK_NONBLOCK);
            if (fd >= 0)
                take(fd);
            else if (errno == EMFILE)
                refuse();
            arm(EPOLL_CTL_MOD, lsock, 0, EPOLLIN);
        }
    }
}
