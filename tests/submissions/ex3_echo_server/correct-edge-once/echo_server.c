/* Edge-triggered: registered once for both directions, and then worked on until EAGAIN. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct Conn {
    uint64_t token;
    int fd;
    uint32_t from, to; /* bytes[from..to) are owed */
    char *bytes;       /* NULL while nothing is owed */
    struct Conn *next;
} Conn;

enum { SIZE = 32768, SLOTS = 512 };
#define STOP UINT64_MAX

static Conn *conns[SLOTS];
static int queue, listener, wakeup[2];
static bool starving; /* the listener has clients that no descriptor was left for */

static void add(int fd, uint64_t token, uint32_t events)
{
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    if (epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event) == -1)
        err(1, "epoll_ctl");
}

static void nonblocking(int fd)
{
    int on = 1;
    if (ioctl(fd, FIONBIO, &on) == -1)
        err(1, "FIONBIO");
}

/* True when it is to be called again: there may be more. */
static bool step(Conn *c, bool *broken)
{
    if (c->bytes == NULL) {
        static char in[SIZE];
        ssize_t n = read(c->fd, in, SIZE);
        if (n <= 0) {
            *broken = n == 0 || errno != EAGAIN;
            return false;
        }
        c->bytes = malloc(n);
        memcpy(c->bytes, in, n);
        c->from = 0;
        c->to = n;
    }
    ssize_t n = write(c->fd, c->bytes + c->from, c->to - c->from);
    if (n == -1) {
        *broken = errno != EAGAIN;
        return false;
    }
    c->from += n;
    if (c->from == c->to) {
        free(c->bytes);
        c->bytes = NULL;
    }
    return true;
}

static void accept_all(void)
{
    static uint64_t tokens;
    int fd;
    while ((fd = accept(listener, NULL, NULL)) != -1) {
        nonblocking(fd);
        Conn *c = calloc(1, sizeof *c);
        c->fd = fd;
        c->token = ++tokens;
        c->next = conns[c->token % SLOTS];
        conns[c->token % SLOTS] = c;
        add(fd, c->token, EPOLLIN | EPOLLOUT | EPOLLET);
    }
    starving = errno == EMFILE;
}

static void work(uint64_t token)
{
    Conn **at = &conns[token % SLOTS], *c;
    while (*at != NULL && (*at)->token != token)
        at = &(*at)->next;
    if ((c = *at) == NULL)
        return;
    bool broken = false;
    while (step(c, &broken))
        ;
    if (!broken)
        return;
    *at = c->next;
    close(c->fd); /* the kernel deregisters what has no descriptor left */
    free(c->bytes);
    free(c);
    if (starving)
        accept_all(); /* its edge is past */
}

static void on_signal(int number)
{
    char byte = number;
    if (write(wakeup[1], &byte, 1) != 1)
        _exit(0);
}

int main(int argc, char **argv)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    at.sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000);
    socklen_t len = sizeof at;
    int on = 1;

    signal(SIGPIPE, SIG_IGN);
    if ((queue = epoll_create1(0)) == -1 || pipe(wakeup) == -1)
        err(1, "epoll, pipe");
    add(wakeup[0], STOP, EPOLLIN);
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);

    listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    nonblocking(listener);
    if (bind(listener, (void *)&at, len) == -1 || listen(listener, 4096) == -1)
        err(1, "listen");
    getsockname(listener, (void *)&at, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(at.sin_port));
    fflush(stdout);
    add(listener, 0, EPOLLIN | EPOLLET);

    for (;;) {
        struct epoll_event events[32];
        int n = epoll_wait(queue, events, 32, -1);
        for (int i = 0; i < n; i++)
            if (events[i].data.u64 == STOP)
                return 0;
            else if (events[i].data.u64 == 0)
                accept_all();
            else
                work(events[i].data.u64);
    }
}
