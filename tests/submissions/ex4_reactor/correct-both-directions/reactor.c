#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "task.h"

#define MAX_TASKS 256

typedef struct Task {
    Future future;
    int fd;
    unsigned number;
    bool queued, done, registered;
    struct Task *next;
} Task;

static Task tasks[MAX_TASKS + 1];
static unsigned n_tasks, n_done;

/* --- reactor --- */

static int epfd;
static Waker wakers[MAX_TASKS + 1];

static void reactor_register(int fd, unsigned token, const Waker *waker, bool *registered)
{
    wakers[token] = *waker;
    if (*registered)
        return;
    struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u32 = token};
    if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev) < 0) {
        perror("epoll_ctl");
        exit(1);
    }
    *registered = true;
}

static void reactor_wait(void)
{
    struct epoll_event events[64];
    int n = epoll_wait(epfd, events, 64, -1);
    for (int i = 0; i < n; i++)
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) /* nobody waits to write */
            waker_wake(&wakers[events[i].data.u32]);
}

/* --- executor --- */

static Task *first, *last;

static void wake(void *data)
{
    Task *task = data;
    if (task->queued || task->done)
        return;
    task->queued = true;
    task->next = NULL;
    if (first)
        last->next = task;
    else
        first = task;
    last = task;
}

static void run(void)
{
    while (n_done < n_tasks) {
        if (!first) {
            reactor_wait();
            continue;
        }
        Task *task = first;
        first = task->next;
        task->queued = false;
        Context cx = {.waker = {.wake = wake, .data = task, .task = task->number}};
        if (future_poll(&task->future, &cx) == READY) {
            task->done = true;
            n_done++;
        }
    }
}

/* --- future --- */

static Poll read_poll(Future *self, Context *cx)
{
    Task *task = (Task *)self;
    char buf[4096];
    ssize_t n = read(task->fd, buf, sizeof(buf));
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        reactor_register(task->fd, task->number, &cx->waker, &task->registered);
        return PENDING;
    }
    printf("task %u: ", task->number);
    if (n > 0)
        fwrite(buf, 1, n, stdout);
    else
        printf("closed\n");
    if (n > 0 && buf[n - 1] != '\n')
        printf("\n");
    fflush(stdout);
    if (task->registered)
        epoll_ctl(epfd, EPOLL_CTL_DEL, task->fd, NULL);
    close(task->fd);
    return READY;
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? atoi(argv[1]) : 9000;
    n_tasks = argc > 2 ? atoi(argv[2]) : 1;
    if (n_tasks > MAX_TASKS)
        n_tasks = MAX_TASKS;

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    struct sockaddr_in addr;
    memset(&addr, 0, sizeof(addr));
    addr.sin_family = AF_INET;
    addr.sin_port = htons(port);
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof(addr);
    if (bind(listener, (struct sockaddr *)&addr, len) < 0 || listen(listener, 64) < 0) {
        perror("listen");
        return 1;
    }
    getsockname(listener, (struct sockaddr *)&addr, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(addr.sin_port));
    fflush(stdout);

    epfd = epoll_create1(0);
    for (unsigned i = 1; i <= n_tasks; i++) {
        int fd = accept(listener, NULL, NULL);
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        tasks[i] = (Task){.future = {read_poll}, .fd = fd, .number = i};
        wake(&tasks[i]);
    }
    run();
    return 0;
}
