/* A search tree as the map; a thread that waits for the signals and does nothing else. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <search.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    unsigned token;
    int fd;
    char *debt;
    size_t len, paid;
} Peer;

static void *peers; /* by token */
static int ep, server;
static int retry; /* accepting failed: try again a little later */

static int by_token(const void *a, const void *b)
{
    unsigned x = ((const Peer *)a)->token, y = ((const Peer *)b)->token;
    return (x > y) - (x < y);
}

static void watch(int how, int fd, unsigned token, unsigned what)
{
    struct epoll_event ev = {what, {.u64 = token}};
    epoll_ctl(ep, how, fd, &ev);
}

static void accept_peers(void)
{
    static unsigned next;
    for (;;) {
        int fd = accept(server, NULL, NULL);
        if (fd < 0) {
            if (errno == EMFILE && !retry)
                watch(EPOLL_CTL_DEL, server, 0, 0);
            if (errno != EMFILE && retry)
                watch(EPOLL_CTL_ADD, server, 0, EPOLLIN);
            retry = errno == EMFILE;
            return;
        }
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        Peer *p = calloc(1, sizeof *p);
        p->token = ++next;
        p->fd = fd;
        tsearch(p, &peers, by_token);
        watch(EPOLL_CTL_ADD, fd, p->token, EPOLLIN);
    }
}

static int pay(Peer *p)
{
    ssize_t n = send(p->fd, p->debt + p->paid, p->len - p->paid, MSG_NOSIGNAL);
    if (n < 0)
        return errno == EAGAIN ? 0 : -1;
    p->paid += n;
    if (p->paid < p->len)
        return 0;
    free(p->debt);
    p->debt = NULL;
    watch(EPOLL_CTL_MOD, p->fd, p->token, EPOLLIN);
    return 0;
}

static int echo(Peer *p)
{
    static char in[20000];
    ssize_t n = recv(p->fd, in, sizeof in, 0);
    if (n <= 0)
        return n < 0 && errno == EAGAIN ? 0 : -1;
    ssize_t w = send(p->fd, in, n, MSG_NOSIGNAL);
    if (w < 0 && errno != EAGAIN)
        return -1;
    w = w < 0 ? 0 : w;
    if (w == n)
        return 0;
    p->debt = malloc(n - w);
    memcpy(p->debt, in + w, n - w);
    p->len = n - w;
    p->paid = 0;
    watch(EPOLL_CTL_MOD, p->fd, p->token, EPOLLOUT);
    return 0;
}

static void on_event(unsigned token)
{
    Peer key = {.token = token}, **found = tfind(&key, &peers, by_token);
    if (!found)
        return;
    Peer *p = *found;
    if ((p->debt ? pay(p) : echo(p)) == 0)
        return;
    tdelete(p, &peers, by_token);
    watch(EPOLL_CTL_DEL, p->fd, 0, 0);
    close(p->fd);
    free(p->debt);
    free(p);
}

static void *wait_for_signal(void *set)
{
    int number;
    sigwait(set, &number);
    exit(0);
}

int main(int argc, char **argv)
{
    static sigset_t set;
    pthread_t thread;
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000)};
    socklen_t len = sizeof in;
    int yes = 1;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_create(&thread, NULL, wait_for_signal, &set);

    inet_pton(AF_INET, "127.0.0.1", &in.sin_addr);
    server = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(server, (struct sockaddr *)&in, len) || listen(server, 256)) {
        perror("listen");
        return 1;
    }
    getsockname(server, (struct sockaddr *)&in, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(in.sin_port));
    fflush(stdout);
    ep = epoll_create(1);
    watch(EPOLL_CTL_ADD, server, 0, EPOLLIN);

    for (;;) {
        struct epoll_event evs[50];
        int n = epoll_wait(ep, evs, 50, retry ? 300 : -1);
        for (int i = 0; i < n; i++)
            if (evs[i].data.u64 != 0)
                on_event(evs[i].data.u64);
            else
                accept_peers();
        if (retry)
            accept_peers();
    }
}
