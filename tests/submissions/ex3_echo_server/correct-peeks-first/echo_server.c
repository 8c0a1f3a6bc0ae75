#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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
    if (bind(s, (struct sockaddr *)&a, sizeof a) || listen(s, 128))
        die("bind");
    getsockname(s, (struct sockaddr *)&a, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
    fflush(stdout);
    return s;
}

/* Nothing is ever owed: bytes stay in the kernel until they are written. Peek, write, then discard
 * what was written. */
enum { MOST = 4096, CHUNK = 65536 };
typedef struct Conn {
    int fd;
    uint32_t events;
} Conn;
static Conn *map[1 << 16];
static uint32_t next_token = 1;
static int ep, lfd, paused, n_conn;
static void interest(int op, int fd, uint32_t token, uint32_t ev) {
    struct epoll_event e = {.events = ev, .data.u32 = token};
    if (epoll_ctl(ep, op, fd, &e) < 0)
        perror("epoll_ctl");
}

static void bye(uint32_t t) {
    Conn *c = map[t];
    epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, NULL);
    close(c->fd);
    free(c);
    map[t] = NULL;
    n_conn--;
    if (paused) {
        interest(EPOLL_CTL_ADD, lfd, 0, EPOLLIN);
        paused = 0;
    }
}

static void take(void) {
    int fd = accept4(lfd, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE) {
            epoll_ctl(ep, EPOLL_CTL_DEL, lfd, NULL);
            paused = 1;
        }
        return;
    }
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Conn *c = malloc(sizeof *c);
    *c = (Conn){fd, EPOLLIN};
    map[next_token] = c;
    n_conn++;
    interest(EPOLL_CTL_ADD, fd, next_token++, EPOLLIN);
}

static void serve(uint32_t t) {
    static char buf[CHUNK];
    Conn *c = map[t];
    ssize_t n = recv(c->fd, buf, sizeof buf, MSG_PEEK), put;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        bye(t);
        return;
    }
    put = send(c->fd, buf, n, MSG_NOSIGNAL);
    if (put < 0 && errno != EAGAIN) {
        bye(t);
        return;
    }
    for (ssize_t left = put > 0 ? put : 0; left > 0;) {
        ssize_t k = recv(c->fd, NULL, left, MSG_TRUNC);
        if (k <= 0) {
            bye(t);
            return;
        }
        left -= k;
    }
    uint32_t want = put < n ? EPOLLOUT : EPOLLIN;
    if (want != c->events)
        interest(EPOLL_CTL_MOD, c->fd, t, c->events = want);
}

int main(int argc, char **argv) {
    lfd = listen_on(argc, argv);
    ep = epoll_create1(0);
    interest(EPOLL_CTL_ADD, lfd, 0, EPOLLIN);
    struct epoll_event ev[64];
    while (!stop) {
        int n = epoll_wait(ep, ev, 64, paused ? 2000 : -1);
        if (n == 0 && paused) {
            interest(EPOLL_CTL_ADD, lfd, 0, EPOLLIN);
            paused = 0;
        }
        for (int i = 0; i < n; i++)
            if (ev[i].data.u32 == 0)
                take();
            else if (map[ev[i].data.u32])
                serve(ev[i].data.u32);
    }
    return 0;
}
