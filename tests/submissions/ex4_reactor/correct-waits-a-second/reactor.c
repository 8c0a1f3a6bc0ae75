#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "task.h"

static void die(const char *w) {
    perror(w);
    exit(1);
}

static int listen_on(int argc, char **argv) {
    int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000)};
    socklen_t len = sizeof a;
    a.sin_addr.s_addr = inet_addr("127.0.0.1");
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, (struct sockaddr *)&a, sizeof a) || listen(s, 16))
        die("bind");
    getsockname(s, (struct sockaddr *)&a, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
    fflush(stdout);
    return s;
}

static void show(unsigned k, const char *b, ssize_t n) {
    printf("task %u: ", k);
    if (n <= 0) {
        puts("closed");
    } else {
        fwrite(b, 1, n, stdout);
        if (b[n - 1] != 10)
            putchar(10);
    }
    fflush(stdout);
}

/* The reactor has a thread of its own, the executor (main) sleeps on a condition variable while its
 * queue is empty. */
enum { MOST = 64 };
typedef struct Task {
    Future f;
    int fd;
    unsigned k;
    bool queued, done;
} Task;
static Task tasks[MOST + 1];
static Waker wakers[MOST + 1];
static int ep, queue[MOST * 2], head, tail;
static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cv = PTHREAD_COND_INITIALIZER;
static void wake(void *d) {
    Task *t = d;
    pthread_mutex_lock(&mu);
    if (!t->queued && !t->done) {
        t->queued = true;
        queue[tail++ % (MOST * 2)] = t->k;
        pthread_cond_signal(&cv);
    }
    pthread_mutex_unlock(&mu);
}

static void *reactor(void *x) {
    struct epoll_event ev[16];
    for (;;) {
        int n = epoll_wait(ep, ev, 16, -1);
        for (int i = 0; i < n; i++) {
            pthread_mutex_lock(&mu);
            Waker w = wakers[ev[i].data.u32];
            pthread_mutex_unlock(&mu);
            waker_wake(&w);
        }
    }
    return x;
}

static Poll poll_read(Future *f, Context *cx) {
    Task *t = (Task *)f;
    char b[4096];
    ssize_t n = read(t->fd, b, sizeof b);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        pthread_mutex_lock(&mu);
        wakers[t->k] = cx->waker;
        pthread_mutex_unlock(&mu);
        struct epoll_event e = {.events = EPOLLIN | EPOLLONESHOT, .data.u32 = t->k};
        if (epoll_ctl(ep, EPOLL_CTL_MOD, t->fd, &e) < 0)
            epoll_ctl(ep, EPOLL_CTL_ADD, t->fd, &e);
        return PENDING;
    }
    show(t->k, b, n);
    close(t->fd);
    return READY;
}

int main(int argc, char **argv) {
    int s = listen_on(argc, argv), n = argc > 2 ? atoi(argv[2]) : 1, left = n;
    ep = epoll_create1(0);
    for (int k = 1; k <= n; k++) {
        int fd = accept4(s, NULL, NULL, SOCK_NONBLOCK);
        tasks[k] = (Task){{poll_read}, fd, k, true, false};
        queue[tail++] = k;
    }
    pthread_t t;
    pthread_create(&t, NULL, reactor, NULL);
    while (left) {
        pthread_mutex_lock(&mu);
        while (head == tail) {
            struct timespec until;
            clock_gettime(CLOCK_REALTIME, &until);
            until.tv_sec += 1;
            pthread_cond_timedwait(&cv, &mu, &until);
        }
        Task *t = &tasks[queue[head++ % (MOST * 2)]];
        t->queued = false;
        pthread_mutex_unlock(&mu);
        Context cx = {{wake, t, t->k}};
        if (future_poll(&t->f, &cx) == READY) {
            t->done = true;
            left--;
        }
    }
    return 0;
}
