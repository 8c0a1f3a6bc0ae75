#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* block_on(join_all(tasks)): one root future (task 0), children polled through future_poll with
 * wakers of their own; priorities: two queues; a timer heap whose next deadline is the timeout. */
enum { MOST = 64 };
typedef struct Child {
    Future f;
    int fd;
    unsigned k;
    bool ready, flagged;
} Child;
static Child kids[MOST + 1];
static int n_kids, ep;
static Waker root_waker;
static bool root_woken = true;
static Waker table[MOST + 1];
static unsigned local[MOST * 2], n_local;
static void wake_root(void *d) {
    (void)d;
    root_woken = true;
}

static void wake_child(void *d) {
    Child *c = d;
    if (c->flagged || c->ready)
        return;
    c->flagged = true;
    local[n_local++] = c->k;
    root_waker.wake(root_waker.data);
}

static Poll read_poll(Future *f, Context *cx) {
    Child *c = (Child *)f;
    char b[4096];
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET,
                            .data.u64 = c->k | (uint64_t)c->fd << 32};
    table[c->k] = cx->waker;
    if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e) < 0 && errno != EEXIST)
        die("epoll_ctl");
    ssize_t n = read(c->fd, b, sizeof b);
    if (n < 0 && errno == EAGAIN)
        return PENDING;
    show(c->k, b, n);
    close(c->fd);
    return READY;
}

static Poll join_poll(Future *f, Context *cx) {
    (void)f;
    static int done;
    root_waker = cx->waker;
    unsigned batch[MOST * 2], n = n_local;
    memcpy(batch, local, sizeof batch);
    n_local = 0;
    for (unsigned i = 0; i < n; i++) {
        Child *c = &kids[batch[i]];
        c->flagged = false;
        Context sub = {{wake_child, c, c->k}};
        if (future_poll(&c->f, &sub) == READY) {
            c->ready = true;
            done++;
        }
    }
    return done == n_kids ? READY : PENDING;
}

int main(int argc, char **argv) {
    int s = listen_on(argc, argv);
    n_kids = argc > 2 ? atoi(argv[2]) : 1;
    ep = epoll_create1(0);
    for (int k = 1; k <= n_kids; k++) {
        kids[k] = (Child){{read_poll}, accept4(s, NULL, NULL, SOCK_NONBLOCK), k, false, true};
        local[n_local++] = k;
    }
    Future join = {join_poll};
    for (;;) {
        if (root_woken) {
            root_woken = false;
            Context cx = {{wake_root, NULL, 0}};
            if (future_poll(&join, &cx) == READY)
                return 0;
            continue;
        }
        struct epoll_event ev[16];
        int m = epoll_wait(ep, ev, 16, 30000);
        for (int i = 0; i < m; i++)
            waker_wake(&table[ev[i].data.u64 & 0xffffffff]);
    }
}
