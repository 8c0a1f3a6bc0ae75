/* A ring for each client that is owed something; readv and writev fill and empty both its ends. */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { RING = 65536, HASH = 1024 };

struct session {
    uint32_t id;
    int fd;
    int ended;
    uint32_t interest;
    uint32_t head, tail; /* run on; modulo RING they are places */
    char *ring;
    struct session *next, *prev;
};

static struct session table[HASH]; /* rings of sessions with a head each */
static int ep, sock, waiting;
static volatile sig_atomic_t stopping;

static void on_stop(int n)
{
    stopping = n;
}

static int parts(struct iovec v[2], char *ring, uint32_t from, uint32_t length)
{
    uint32_t at = from % RING, straight = RING - at < length ? RING - at : length;
    v[0] = (struct iovec){ring + at, straight};
    v[1] = (struct iovec){ring, length - straight};
    return length > straight ? 2 : 1;
}

static int move(struct session *s)
{
    struct iovec v[2];
    ssize_t n;
    if (!s->ring && !(s->ring = malloc(RING)))
        return -1;
    if (!s->ended && s->tail - s->head < RING) {
        n = readv(s->fd, v, parts(v, s->ring, s->tail, RING - (s->tail - s->head)));
        if (n < 0 && errno != EAGAIN)
            return -1;
        s->ended = n == 0;
        s->tail += n > 0 ? n : 0;
    }
    if (s->tail != s->head) {
        n = writev(s->fd, v, parts(v, s->ring, s->head, s->tail - s->head));
        if (n < 0 && errno != EAGAIN)
            return -1;
        s->head += n > 0 ? n : 0;
    }
    if (s->tail == s->head) {
        free(s->ring);
        s->ring = NULL;
        return s->ended ? -1 : 0;
    }
    return 0;
}

static void interest(struct session *s)
{
    uint32_t want = s->tail != s->head ? EPOLLOUT : 0;
    if (!s->ended && s->tail - s->head < RING)
        want |= EPOLLIN;
    struct epoll_event e = {want, {.u64 = s->id}};
    if (want != s->interest)
        epoll_ctl(ep, EPOLL_CTL_MOD, s->fd, &e);
    s->interest = want;
}

static void listener(int op)
{
    struct epoll_event e = {EPOLLIN, {.u64 = 0}};
    waiting = op == EPOLL_CTL_DEL;
    epoll_ctl(ep, op, sock, &e);
}

static void finish(struct session *s)
{
    s->prev->next = s->next;
    s->next->prev = s->prev;
    epoll_ctl(ep, EPOLL_CTL_DEL, s->fd, NULL);
    close(s->fd);
    free(s->ring);
    free(s);
    if (waiting)
        listener(EPOLL_CTL_ADD);
}

static void begin(int fd)
{
    static uint32_t ids;
    struct session *s = calloc(1, sizeof *s), *head = &table[++ids % HASH];
    struct epoll_event e = {s->interest = EPOLLIN, {.u64 = s->id = ids}};
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    s->fd = fd;
    s->next = head->next;
    s->prev = head;
    s->next->prev = head->next = s;
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
}

int main(int argc, char **argv)
{
    sigset_t block, open;
    sigemptyset(&block);
    sigaddset(&block, SIGTERM);
    sigaddset(&block, SIGINT);
    sigprocmask(SIG_BLOCK, &block, &open); /* they come in epoll_pwait and nowhere else */
    signal(SIGTERM, on_stop);
    signal(SIGINT, on_stop);
    signal(SIGPIPE, SIG_IGN);

    for (int i = 0; i < HASH; i++)
        table[i].next = table[i].prev = &table[i];
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int yes = 1;
    a.sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000);
    sock = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(sock, (struct sockaddr *)&a, len) || listen(sock, SOMAXCONN))
        err(1, "listen");
    getsockname(sock, (struct sockaddr *)&a, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
    fflush(stdout);
    ep = epoll_create1(0);
    listener(EPOLL_CTL_ADD);

    while (!stopping) {
        struct epoll_event evs[100];
        int n = epoll_pwait(ep, evs, 100, -1, &open);
        for (int i = 0; i < n; i++) {
            uint32_t id = evs[i].data.u64;
            if (id == 0) {
                int fd = accept4(sock, NULL, NULL, SOCK_NONBLOCK);
                if (fd >= 0)
                    begin(fd);
                else if (errno == EMFILE || errno == ENFILE)
                    listener(EPOLL_CTL_DEL);
                continue;
            }
            struct session *s = table[id % HASH].next;
            while (s != &table[id % HASH] && s->id != id)
                s = s->next;
            if (s == &table[id % HASH])
                continue;
            if (move(s) < 0)
                finish(s);
            else
                interest(s);
        }
    }
    return 0;
}
