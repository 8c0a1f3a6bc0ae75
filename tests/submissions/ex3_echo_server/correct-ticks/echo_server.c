#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LISTENER = 0, BUCKETS = 256, MAX_EVENTS = 64 };

typedef struct Client {
    uint32_t token;
    int fd;
    char *owed;
    size_t owed_len, paid;
    struct Client *next;
} Client;

static Client *map[BUCKETS];
static uint32_t next_token = 1;
static int epfd, listener;
static bool listening;

static int ctl(int op, int fd, uint32_t token, uint32_t events)
{
    struct epoll_event ev = {.events = events, .data.u64 = token};
    return epoll_ctl(epfd, op, fd, &ev);
}

static Client *find(uint32_t token)
{
    Client *c = map[token % BUCKETS];
    while (c && c->token != token)
        c = c->next;
    return c;
}

static void drop(Client *c)
{
    Client **at = &map[c->token % BUCKETS];
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    ctl(EPOLL_CTL_DEL, c->fd, 0, 0);
    close(c->fd);
    free(c->owed);
    free(c);
    if (!listening)
        listening = ctl(EPOLL_CTL_ADD, listener, LISTENER, EPOLLIN) == 0;
}

static void accept_clients(void)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE) {
                ctl(EPOLL_CTL_DEL, listener, 0, 0);
                listening = false;
            }
            return;
        }
        int on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        Client *c = calloc(1, sizeof(*c));
        c->fd = fd;
        c->token = next_token++;
        c->next = map[c->token % BUCKETS];
        map[c->token % BUCKETS] = c;
        ctl(EPOLL_CTL_ADD, fd, c->token, EPOLLIN);
    }
}

static void pay(Client *c)
{
    ssize_t n = write(c->fd, c->owed + c->paid, c->owed_len - c->paid);
    if (n < 0) {
        if (errno != EAGAIN)
            drop(c);
        return;
    }
    c->paid += n;
    if (c->paid == c->owed_len) {
        free(c->owed);
        c->owed = NULL;
        ctl(EPOLL_CTL_MOD, c->fd, c->token, EPOLLIN);
    }
}

static void echo(Client *c)
{
    static char buf[65536];
    ssize_t n = read(c->fd, buf, sizeof(buf));
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        drop(c);
        return;
    }
    ssize_t w = write(c->fd, buf, n);
    if (w < 0 && errno != EAGAIN) {
        drop(c);
        return;
    }
    if (w < 0)
        w = 0;
    if (w < n) {
        c->owed_len = n - w;
        c->owed = malloc(c->owed_len);
        memcpy(c->owed, buf + w, c->owed_len);
        c->paid = 0;
        ctl(EPOLL_CTL_MOD, c->fd, c->token, EPOLLOUT);
    }
}

/* Counts what the server tells it, and touches no socket. */
static sem_t told, counted;

static void *count(void *unused)
{
    static unsigned long times;
    for (;;) {
        sem_wait(&told);
        times++;
        sem_post(&counted);
    }
    return unused;
}

static void tell(void)
{
    struct timespec late;
    clock_gettime(CLOCK_REALTIME, &late);
    late.tv_sec += 5;
    sem_post(&told);
    sem_timedwait(&counted, &late);
}

static void stop(int sig)
{
    (void)sig;
    _exit(0);
}

static int listen_on(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(port)};
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof(addr);
    if (bind(fd, (struct sockaddr *)&addr, len) < 0 || listen(fd, SOMAXCONN) < 0) {
        perror("listen");
        exit(1);
    }
    getsockname(fd, (struct sockaddr *)&addr, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(addr.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    listener = listen_on(argc > 1 ? atoi(argv[1]) : 9000);
    epfd = epoll_create1(0);
    listening = ctl(EPOLL_CTL_ADD, listener, LISTENER, EPOLLIN) == 0;

    pthread_t counter;
    sem_init(&told, 0, 0);
    sem_init(&counted, 0, 0);
    pthread_create(&counter, NULL, count, NULL);

    struct epoll_event events[MAX_EVENTS];
    for (;;) {
        int n = epoll_wait(epfd, events, MAX_EVENTS, 1000);
        for (int i = 0; i < n; i++) {
            uint32_t token = events[i].data.u64;
            if (token == LISTENER) {
                accept_clients();
                tell();
                continue;
            }
            Client *c = find(token);
            if (c && c->owed)
                pay(c);
            else if (c)
                echo(c);
        }
    }
}
