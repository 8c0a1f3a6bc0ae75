#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
static void die(const char *w) {
    perror(w);
    exit(1);
}

static volatile sig_atomic_t stop;
static void on_stop(int s) {
    (void)s;
    stop = 1;
}

static int listen_on(int argc, char **argv) {
    struct rlimit rl;
    getrlimit(RLIMIT_NOFILE, &rl);
    rl.rlim_cur = rl.rlim_max;
    setrlimit(RLIMIT_NOFILE, &rl);
    struct sigaction sa = {.sa_handler = on_stop};
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGINT, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000)};
    socklen_t len = sizeof a;
    a.sin_addr.s_addr = inet_addr("127.0.0.1");
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, (struct sockaddr *)&a, sizeof a) || listen(s, 3))
        die("bind");
    getsockname(s, (struct sockaddr *)&a, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
    fflush(stdout);
    return s;
}

/* Two queues: the outer one knows the listener and the inner queue, the inner one all connections.
 * poll() tells the outer one's state. */
enum { CHUNK = 16384 };
typedef struct Conn {
    int fd;
    char *owed;
    size_t n;
    bool eof;
} Conn;
static Conn *map[1 << 16];
static uint32_t next_token = 1;
static int outer, inner, lfd, off;
static void set(int ep, int op, int fd, uint64_t token, uint32_t ev) {
    struct epoll_event e = {.events = ev, .data.u64 = token};
    if (epoll_ctl(ep, op, fd, &e) < 0)
        perror("epoll_ctl");
}

static void bye(uint32_t t) {
    Conn *c = map[t];
    set(inner, EPOLL_CTL_DEL, c->fd, t, 0);
    close(c->fd);
    free(c->owed);
    free(c);
    map[t] = NULL;
    if (off) {
        set(outer, EPOLL_CTL_MOD, lfd, 0, EPOLLIN);
        off = 0;
    }
}

static void serve(uint32_t t, uint32_t ev) {
    Conn *c = map[t];
    ssize_t k;
    if (ev & EPOLLOUT) {
        k = send(c->fd, c->owed, c->n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (k < 0) {
            if (errno != EAGAIN)
                bye(t);
            return;
        }
        memmove(c->owed, c->owed + k, c->n -= k);
        if (!c->n)
            set(inner, EPOLL_CTL_MOD, c->fd, t, EPOLLIN);
        return;
    }
    char buf[CHUNK];
    k = recv(c->fd, buf, sizeof buf, MSG_DONTWAIT);
    if (k <= 0) {
        if (k == 0 || errno != EAGAIN)
            bye(t);
        return;
    }
    ssize_t put = send(c->fd, buf, k, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0 && errno != EAGAIN) {
        bye(t);
        return;
    }
    if (put < 0)
        put = 0;
    if (put < k) {
        c->owed = realloc(c->owed, CHUNK);
        memcpy(c->owed, buf + put, c->n = k - put);
        set(inner, EPOLL_CTL_MOD, c->fd, t, EPOLLOUT);
    }
}

int main(int argc, char **argv) {
    lfd = listen_on(argc, argv);
    outer = epoll_create1(0);
    inner = epoll_create1(0);
    set(outer, EPOLL_CTL_ADD, lfd, 0, EPOLLIN | EPOLLEXCLUSIVE);
    set(outer, EPOLL_CTL_ADD, inner, UINT64_MAX, EPOLLIN);
    struct epoll_event ev[64], in[64];
    set(outer, EPOLL_CTL_DEL, lfd, 0, 0);
    set(outer, EPOLL_CTL_ADD, lfd, 0, EPOLLIN);
    while (!stop) {
        int n = epoll_wait(outer, ev, 64, -1);
        for (int i = 0; i < n; i++) {
            if (ev[i].data.u64 == 0) {
                int fd = accept(lfd, NULL, NULL);
                if (fd < 0) {
                    if (errno == EMFILE) {
                        set(outer, EPOLL_CTL_MOD, lfd, 0, 0);
                        off = 1;
                    }
                    continue;
                }
                Conn *c = calloc(1, sizeof *c);
                c->fd = fd;
                map[next_token] = c;
                set(inner, EPOLL_CTL_ADD, fd, next_token++, EPOLLIN);
                continue;
            }
            int m = epoll_wait(inner, in, 64, 0);
            for (int j = 0; j < m; j++)
                if (map[in[j].data.u64])
                    serve(in[j].data.u64, in[j].events);
        }
    }
    return 0;
}
