/* splice(2): the bytes go from the socket through a pipe back into the socket and are never copied
 * to the program. A pipe that can't be emptied is the client's debt. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 65536, MOST = 100000 };

struct client {
    int fd;
    int pipe[2]; /* what is owed is in there */
    size_t owed;
};

static struct client *clients[MOST]; /* by token */
static int ep, lfd, spare[2] = {-1, -1}, closed_shop;

static void ctl(int op, int fd, unsigned token, unsigned events)
{
    struct epoll_event ev = {.events = events, .data.u64 = token};
    epoll_ctl(ep, op, fd, &ev);
}

static int need_pipe(void)
{
    return spare[0] >= 0 || pipe2(spare, O_NONBLOCK) == 0 ? 0 : -1;
}

static void give_pipe_back(struct client *c)
{
    if (spare[0] >= 0) {
        close(c->pipe[0]);
        close(c->pipe[1]);
    } else {
        spare[0] = c->pipe[0];
        spare[1] = c->pipe[1];
    }
}

static int pay(struct client *c, unsigned token)
{
    ssize_t n = splice(c->pipe[0], NULL, c->fd, NULL, c->owed, SPLICE_F_NONBLOCK);
    if (n < 0)
        return errno == EAGAIN ? 0 : -1;
    c->owed -= n;
    if (c->owed == 0) {
        give_pipe_back(c);
        ctl(EPOLL_CTL_MOD, c->fd, token, EPOLLIN);
    }
    return 0;
}

static int echo(struct client *c, unsigned token)
{
    if (need_pipe() < 0)
        return -1;
    ssize_t n = splice(c->fd, NULL, spare[1], NULL, PIECE, SPLICE_F_NONBLOCK);
    if (n <= 0)
        return n < 0 && errno == EAGAIN ? 0 : -1;
    ssize_t w = splice(spare[0], NULL, c->fd, NULL, n, SPLICE_F_NONBLOCK);
    if (w == n)
        return 0;
    int failed = w < 0 && errno != EAGAIN;
    c->pipe[0] = spare[0];
    c->pipe[1] = spare[1];
    c->owed = n - (w < 0 ? 0 : w);
    spare[0] = -1;
    ctl(EPOLL_CTL_MOD, c->fd, token, EPOLLOUT);
    return failed ? -1 : 0;
}

static void leave(unsigned token)
{
    struct client *c = clients[token];
    ctl(EPOLL_CTL_DEL, c->fd, 0, 0);
    close(c->fd);
    if (c->owed) {
        close(c->pipe[0]);
        close(c->pipe[1]);
    }
    free(c);
    clients[token] = NULL;
    if (closed_shop)
        ctl(EPOLL_CTL_ADD, lfd, 0, EPOLLIN);
    closed_shop = 0;
}

static void enter(void)
{
    static unsigned next = 1;
    int fd = accept4(lfd, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
        ctl(EPOLL_CTL_DEL, lfd, 0, 0);
        closed_shop = 1;
    }
    if (fd < 0)
        return;
    if (next == MOST)
        errx(1, "%d clients were enough", MOST);
    clients[next] = calloc(1, sizeof(struct client));
    clients[next]->fd = fd;
    ctl(EPOLL_CTL_ADD, fd, next++, EPOLLIN);
}

static void quit(int number)
{
    (void)number;
    _exit(EXIT_SUCCESS);
}

int main(int argc, char **argv)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t len = sizeof a;
    int on = 1;
    struct sigaction stop = {.sa_handler = quit};

    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    a.sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    lfd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(lfd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (need_pipe() < 0 || bind(lfd, (struct sockaddr *)&a, len) < 0 || listen(lfd, 1024) < 0)
        err(1, "start");
    getsockname(lfd, (struct sockaddr *)&a, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
    fflush(stdout);
    ep = epoll_create1(0);
    ctl(EPOLL_CTL_ADD, lfd, 0, EPOLLIN);
    for (;;) {
        struct epoll_event ev[64];
        int n = epoll_wait(ep, ev, 64, -1);
        for (int i = 0; i < n; i++) {
            unsigned token = ev[i].data.u64;
            struct client *c = clients[token];
            if (token == 0)
                enter();
            else if (c && (c->owed ? pay(c, token) : echo(c, token)) < 0)
                leave(token);
        }
    }
}
