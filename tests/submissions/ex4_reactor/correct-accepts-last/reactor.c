#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
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

/* The accepting is a task, too, the last number; all are futures made by malloc, wakers are
 * references that are counted. */
typedef struct Cell {
    Future *f;
    unsigned k;
    int refs;
    bool queued, over;
    struct Cell *next;
} Cell;
static Cell *first, *last;
static int ep, alive;
static unsigned n_tasks;
static struct {
    Waker w;
    bool used;
} slots[4096];
static Cell *ref(Cell *c) {
    c->refs++;
    return c;
}

static void unref(Cell *c) {
    if (--c->refs == 0)
        free(c);
}

static void push(Cell *c) {
    if (c->queued || c->over)
        return;
    c->queued = true;
    c->next = NULL;
    if (first)
        last->next = c;
    else
        first = c;
    last = c;
    ref(c);
}

static void wake(void *d) {
    push(d);
}

static void spawn(Future *f, unsigned k) {
    Cell *c = calloc(1, sizeof *c);
    c->f = f;
    c->k = k;
    c->refs = 1;
    alive++;
    push(c);
}

static void arm(int fd, Waker *w) {
    struct epoll_event e = {.events = EPOLLIN | EPOLLONESHOT, .data.fd = fd};
    if (slots[fd].used)
        unref(slots[fd].w.data);
    ref(w->data);
    slots[fd].w = *w;
    if (epoll_ctl(ep, slots[fd].used ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e) < 0)
        die("epoll_ctl");
    slots[fd].used = true;
}

static void disarm(int fd) {
    if (slots[fd].used) {
        epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL);
        unref(slots[fd].w.data);
        slots[fd].used = false;
    }
}

typedef struct Read {
    Future f;
    int fd;
    unsigned k;
} Read;
static Poll poll_read(Future *f, Context *cx) {
    Read *r = (Read *)f;
    char b[4096];
    ssize_t n = read(r->fd, b, sizeof b);
    if (n < 0 && errno == EAGAIN) {
        arm(r->fd, &cx->waker);
        return PENDING;
    }
    show(r->k, b, n);
    disarm(r->fd);
    close(r->fd);
    return READY;
}

typedef struct Accept {
    Future f;
    int fd;
    unsigned n;
} Accept;
static Poll poll_accept(Future *f, Context *cx) {
    Accept *a = (Accept *)f;
    while (a->n < n_tasks) {
        int fd = accept4(a->fd, NULL, NULL, SOCK_NONBLOCK);
        if (fd < 0) {
            arm(a->fd, &cx->waker);
            return PENDING;
        }
        Read *r = calloc(1, sizeof *r);
        r->f.poll = poll_read;
        r->fd = fd;
        r->k = ++a->n;
        spawn(&r->f, r->k);
    }
    disarm(a->fd);
    return READY;
}

int main(int argc, char **argv) {
    int s = listen_on(argc, argv);
    n_tasks = argc > 2 ? atoi(argv[2]) : 1;
    fcntl(s, F_SETFL, O_NONBLOCK);
    ep = epoll_create1(0);
    Accept a = {{poll_accept}, s, 0};
    spawn(&a.f, n_tasks + 1);
    for (;;) {
        while (first) {
            Cell *c = first;
            first = c->next;
            c->queued = false;
            Context cx = {{wake, c, c->k}};
            if (future_poll(c->f, &cx) == READY) {
                c->over = true;
                alive--;
                unref(c);
            }
            unref(c);
        }
        if (!alive)
            return 0;
        struct epoll_event ev[8];
        int m = epoll_wait(ep, ev, 8, -1);
        for (int i = 0; i < m; i++)
            waker_wake(&slots[ev[i].data.fd].w);
    }
}
