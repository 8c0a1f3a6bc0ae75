#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
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

static int epfd, bell; /* the bell is for wakes that come from elsewhere */
static pthread_t reactor_thread;
static Waker wakers[MAX_TASKS + 1];

static void reactor_register(int fd, unsigned token, const Waker *waker, bool *registered)
{
    wakers[token] = *waker;
    if (*registered)
        return;
    struct epoll_event ev = {.events = EPOLLIN, .data.u32 = token};
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
    for (int i = 0; i < n; i++) {
        uint64_t rings;
        if (events[i].data.u32 != 0)
            waker_wake(&wakers[events[i].data.u32]);
        else if (read(bell, &rings, sizeof(rings)) < 0)
            perror("eventfd");
    }
}

/* --- executor --- */

static Task *first, *last;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void wake(void *data)
{
    Task *task = data;
    uint64_t ring = 1;
    pthread_mutex_lock(&lock);
    if (!task->queued && !task->done) {
        task->queued = true;
        task->next = NULL;
        if (first)
            last->next = task;
        else
            first = task;
        last = task;
    }
    pthread_mutex_unlock(&lock);
    if (!pthread_equal(pthread_self(), reactor_thread) && write(bell, &ring, sizeof(ring)) < 0)
        perror("eventfd");
}

static Task *next_task(void)
{
    pthread_mutex_lock(&lock);
    Task *task = first;
    if (task) {
        first = task->next;
        task->queued = false;
    }
    pthread_mutex_unlock(&lock);
    return task;
}

static void run(void)
{
    while (n_done < n_tasks) {
        Task *task = next_task();
        if (!task) {
            reactor_wait();
            continue;
        }
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

    reactor_thread = pthread_self();
    epfd = epoll_create1(0);
    bell = eventfd(0, EFD_NONBLOCK);
    struct epoll_event ev = {.events = EPOLLIN, .data.u32 = 0};
    epoll_ctl(epfd, EPOLL_CTL_ADD, bell, &ev);
    for (unsigned i = 1; i <= n_tasks; i++) {
        int fd = accept(listener, NULL, NULL);
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
        tasks[i] = (Task){.future = {read_poll}, .fd = fd, .number = i};
        wake(&tasks[i]);
    }
    run();
    return 0;
}
