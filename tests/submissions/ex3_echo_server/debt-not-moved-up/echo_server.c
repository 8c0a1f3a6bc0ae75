#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define HIGH_WATER (64 * 1024) /* stop reading a client that is owed this much */
#define CHUNK      4096

/* All connections in one array, sorted by token since tokens only grow. */
struct conn {
    uint32_t token;
    int fd;
    uint32_t events; /* registered */
    int ended;       /* the client sends no more */
    char *out;
    size_t len, cap;
};

static struct conn *conns;
static size_t n_conns, room;
static uint32_t last_token;
static int ep, lfd, paused;

static struct conn *lookup(uint32_t token)
{
    size_t lo = 0, hi = n_conns;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (conns[mid].token < token)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n_conns && conns[lo].token == token ? &conns[lo] : NULL;
}

static void watch_listener(void)
{
    struct epoll_event ev = {.events = EPOLLIN, .data = {.u32 = 0}};
    if (epoll_ctl(ep, EPOLL_CTL_ADD, lfd, &ev) == -1)
        err(1, "epoll_ctl");
    paused = 0;
}

static void remove_conn(struct conn *c)
{
    epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, NULL);
    close(c->fd);
    free(c->out);
    memmove(c, c + 1, (&conns[n_conns] - (c + 1)) * sizeof *c);
    n_conns--;
    if (paused)
        watch_listener();
}

static void update(struct conn *c)
{
    uint32_t events = 0;
    if (!c->ended && c->len < HIGH_WATER)
        events |= EPOLLIN;
    if (c->len > 0)
        events |= EPOLLOUT;
    if (events == c->events)
        return;
    struct epoll_event ev = {.events = events, .data = {.u32 = c->token}};
    epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &ev);
    c->events = events;
}

static void add_conn(int fd)
{
    if (n_conns == room) {
        room = room ? room * 2 : 16;
        conns = realloc(conns, room * sizeof *conns);
        if (conns == NULL)
            err(1, "realloc");
    }
    struct conn *c = &conns[n_conns++];
    *c = (struct conn){.token = ++last_token, .fd = fd, .events = EPOLLIN};
    struct epoll_event ev = {.events = EPOLLIN, .data = {.u32 = c->token}};
    if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) == -1)
        err(1, "epoll_ctl");
}

static void on_listener(void)
{
    int fd = accept(lfd, NULL, NULL);
    if (fd != -1) {
        fcntl(fd, F_SETFL, O_NONBLOCK);
        add_conn(fd);
    } else if (errno == EMFILE || errno == ENFILE) {
        epoll_ctl(ep, EPOLL_CTL_DEL, lfd, NULL);
        paused = 1;
    }
}

/* -1: the connection is broken */
static int flush(struct conn *c)
{
    ssize_t n = send(c->fd, c->out, c->len, MSG_NOSIGNAL);
    if (n == -1)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    c->len -= n;
    if (c->len == 0) {
        free(c->out);
        c->out = NULL;
        c->cap = 0;
    }
    return 0;
}

static int fill(struct conn *c)
{
    if (c->cap - c->len < CHUNK) {
        c->cap = c->len + CHUNK;
        c->out = realloc(c->out, c->cap);
        if (c->out == NULL)
            err(1, "realloc");
    }
    ssize_t n = recv(c->fd, c->out + c->len, CHUNK, 0);
    if (n == -1)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    if (n == 0)
        c->ended = 1;
    c->len += n;
    return 0;
}

static void on_conn(struct conn *c, uint32_t events)
{
    int bad = 0;
    if (events & EPOLLERR)
        bad = 1;
    if (!bad && (events & EPOLLIN))
        bad = fill(c);
    if (!bad && c->len > 0)
        bad = flush(c);
    if (bad || (c->ended && c->len == 0))
        remove_conn(c);
    else
        update(c);
}

static void quit(int sig)
{
    (void)sig;
    _exit(0);
}

int main(int argc, char *argv[])
{
    struct sockaddr_in sin = {.sin_family = AF_INET,
                              .sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000),
                              .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof sin;
    int one = 1;

    signal(SIGTERM, quit);
    signal(SIGINT, quit);
    ep = epoll_create1(0);
    lfd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(lfd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(lfd, (struct sockaddr *)&sin, len) == -1 || listen(lfd, 1024) == -1)
        err(1, "listen");
    fcntl(lfd, F_SETFL, O_NONBLOCK);
    getsockname(lfd, (struct sockaddr *)&sin, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(sin.sin_port));
    fflush(stdout);
    watch_listener();

    while (1) {
        struct epoll_event evs[128];
        int n = epoll_wait(ep, evs, 128, -1);
        for (int i = 0; i < n; i++) {
            if (evs[i].data.u32 == 0) {
                on_listener();
                continue;
            }
            struct conn *c = lookup(evs[i].data.u32);
            if (c != NULL)
                on_conn(c, evs[i].events);
        }
    }
}
