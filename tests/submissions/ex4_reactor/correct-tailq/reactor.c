#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "task.h"

/* --- reactor: a list of sources, found by their token --- */

struct source {
    uint64_t token;
    int fd;
    Waker waker;
    LIST_ENTRY(source) list;
};

static LIST_HEAD(, source) sources = LIST_HEAD_INITIALIZER(sources);
static int queue_fd;

static struct source *source_add(int fd, const Waker *waker)
{
    static uint64_t tokens = 1000;
    struct source *s = malloc(sizeof *s);
    if (s == NULL)
        err(1, "malloc");
    *s = (struct source){.token = tokens++, .fd = fd, .waker = *waker};
    LIST_INSERT_HEAD(&sources, s, list);
    struct epoll_event ev = {.events = EPOLLIN, .data = {.u64 = s->token}};
    if (epoll_ctl(queue_fd, EPOLL_CTL_ADD, fd, &ev) == -1)
        err(1, "epoll_ctl");
    return s;
}

static void source_remove(struct source *s)
{
    epoll_ctl(queue_fd, EPOLL_CTL_DEL, s->fd, NULL);
    LIST_REMOVE(s, list);
    free(s);
}

static void react(void)
{
    struct epoll_event evs[8];
    struct source *s;
    int n = epoll_wait(queue_fd, evs, 8, -1);
    while (n-- > 0)
        LIST_FOREACH(s, &sources, list)
    if (s->token == evs[n].data.u64)
        waker_wake(&s->waker);
}

/* --- executor --- */

struct task {
    Future *future;
    unsigned number;
    int in_line;
    TAILQ_ENTRY(task) line;
};

static TAILQ_HEAD(, task) line = TAILQ_HEAD_INITIALIZER(line);
static unsigned unfinished;

static void wake_task(void *data)
{
    struct task *t = data;
    if (!t->in_line)
        TAILQ_INSERT_TAIL(&line, t, line);
    t->in_line = 1;
}

static void execute(void)
{
    struct task *t;
    while (unfinished > 0) {
        while ((t = TAILQ_FIRST(&line)) != NULL) {
            TAILQ_REMOVE(&line, t, line);
            t->in_line = 0;
            Context cx = {{wake_task, t, t->number}};
            if (future_poll(t->future, &cx) == READY) {
                unfinished--;
                free(t);
            }
        }
        if (unfinished > 0)
            react();
    }
}

/* --- the future --- */

struct reading {
    Future future;
    int fd;
    struct source *source;
};

static Poll reading_poll(Future *future, Context *cx)
{
    struct reading *r = (struct reading *)future;
    char data[8192];
    ssize_t n = recv(r->fd, data, sizeof data, MSG_DONTWAIT);
    if (n == -1 && (errno == EAGAIN || errno == EINTR)) {
        if (r->source == NULL)
            r->source = source_add(r->fd, &cx->waker);
        else
            r->source->waker = cx->waker;
        return PENDING;
    }
    if (n <= 0) {
        printf("task %u: closed\n", cx->waker.task);
    } else {
        printf("task %u: ", cx->waker.task);
        fwrite(data, 1, n, stdout);
        if (data[n - 1] != '\n')
            puts("");
    }
    if (r->source != NULL)
        source_remove(r->source);
    close(r->fd);
    free(r);
    return READY;
}

int main(int argc, char **argv)
{
    int lfd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof a;

    setvbuf(stdout, NULL, _IOLBF, 0);
    a.sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000);
    unfinished = argc > 2 ? atoi(argv[2]) : 1;
    setsockopt(lfd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(lfd, (struct sockaddr *)&a, len) == -1 || listen(lfd, 128) == -1)
        err(1, "listen");
    getsockname(lfd, (struct sockaddr *)&a, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
    queue_fd = epoll_create1(0);

    for (unsigned k = 1; k <= unfinished; k++) {
        struct reading *r = calloc(1, sizeof *r);
        struct task *t = calloc(1, sizeof *t);
        r->future.poll = reading_poll;
        r->fd = accept(lfd, NULL, NULL);
        t->future = &r->future;
        t->number = k;
        wake_task(t);
    }
    execute();
    return 0;
}
