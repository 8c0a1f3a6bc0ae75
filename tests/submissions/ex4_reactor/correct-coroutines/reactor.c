#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <ucontext.h>
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

/* Each task is a coroutine; its future resumes it, and it yields PENDING by switching back. */
enum { MOST = 64, STACK = 65536 };
typedef struct Task {
    Future f;
    int fd;
    unsigned k;
    bool queued, over, reg;
    Context *cx;
    ucontext_t me, caller;
    struct Task *next;
    char *stack;
} Task;
static Task tasks[MOST + 1], *first, **last = &first;
static Waker wakers[MOST + 1];
static int ep;
static void wake(void *d) {
    Task *t = d;
    if (t->queued || t->over)
        return;
    t->queued = true;
    t->next = NULL;
    *last = t;
    last = &t->next;
}

static ssize_t co_read(Task *t, void *b, size_t n) {
    ssize_t got;
    while ((got = recv(t->fd, b, n, 0)) < 0 && errno == EAGAIN) {
        wakers[t->k] = t->cx->waker;
        struct epoll_event e = {.events = EPOLLIN, .data.u32 = t->k};
        if (!t->reg)
            epoll_ctl(ep, EPOLL_CTL_ADD, t->fd, &e);
        t->reg = true;
        swapcontext(&t->me, &t->caller);
    }
    return got;
}

static void body(unsigned k) {
    Task *t = &tasks[k];
    char b[2048];
    ssize_t n = co_read(t, b, sizeof b);
    show(t->k, b, n);
    close(t->fd);
    t->over = true;
}

static Poll resume(Future *f, Context *cx) {
    Task *t = (Task *)f;
    t->cx = cx;
    swapcontext(&t->caller, &t->me);
    return t->over ? READY : PENDING;
}

int main(int argc, char **argv) {
    int s = listen_on(argc, argv), n = argc > 2 ? atoi(argv[2]) : 1, left = n;
    ep = epoll_create1(0);
    for (int k = 1; k <= n; k++) {
        Task *t = &tasks[k];
        *t = (Task){.f = {resume},
                    .fd = accept4(s, NULL, NULL, SOCK_NONBLOCK),
                    .k = k,
                    .stack = malloc(STACK)};
        getcontext(&t->me);
        t->me.uc_stack.ss_sp = t->stack;
        t->me.uc_stack.ss_size = STACK;
        t->me.uc_link = &t->caller;
        makecontext(&t->me, (void (*)(void))body, 1, k);
        wake(t);
    }
    while (left) {
        while (first) {
            Task *t = first;
            first = t->next;
            if (!first)
                last = &first;
            t->queued = false;
            Context cx = {{wake, t, t->k}};
            left -= future_poll(&t->f, &cx) == READY;
        }
        if (!left)
            break;
        struct epoll_event ev[16];
        int m = epoll_wait(ep, ev, 16, -1);
        for (int i = 0; i < m; i++)
            waker_wake(&wakers[ev[i].data.u32]);
    }
    return 0;
}
