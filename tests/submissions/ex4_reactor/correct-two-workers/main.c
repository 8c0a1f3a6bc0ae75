#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "task.h"

/* As tokio has it: the main thread is the reactor, two workers take tasks from one queue. A task
 * that is woken while a worker polls it is polled once more when that poll has ended. */

enum { MOST = 64, WORKERS = 2 };
typedef enum State { IDLE, QUEUED, RUNNING, RUNNING_WOKEN } State;

typedef struct Task {
    Future future;
    unsigned number;
    int fd;
    bool watched;
    State state;
    struct Task *next;
} Task;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static Task tasks[MOST], *first, **last = &first;
static Waker wakers[MOST];
static int epoll, left;

static void push(Task *task)
{
    task->state = QUEUED;
    task->next = NULL;
    *last = task;
    last = &task->next;
    pthread_cond_signal(&work);
}

static void wake(void *data)
{
    Task *task = data;
    pthread_mutex_lock(&lock);
    if (task->state == IDLE)
        push(task);
    else if (task->state == RUNNING)
        task->state = RUNNING_WOKEN;
    pthread_mutex_unlock(&lock);
}

static Task *pop(void)
{
    pthread_mutex_lock(&lock);
    while (first == NULL)
        pthread_cond_wait(&work, &lock);
    Task *task = first;
    first = task->next;
    if (first == NULL)
        last = &first;
    task->state = RUNNING;
    pthread_mutex_unlock(&lock);
    return task;
}

static Poll poll_read(Future *future, Context *cx)
{
    Task *task = (Task *)future;
    char bytes[4096];
    ssize_t n = read(task->fd, bytes, sizeof bytes);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.u32 = task->number};
        pthread_mutex_lock(&lock);
        wakers[task->number] = cx->waker;
        pthread_mutex_unlock(&lock);
        if (epoll_ctl(epoll, task->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, task->fd, &event) < 0)
            err(1, "epoll_ctl");
        task->watched = true;
        return PENDING;
    }
    flockfile(stdout);
    printf("task %u: ", task->number);
    if (n > 0)
        fwrite(bytes, 1, (size_t)n, stdout);
    else
        printf("closed");
    if (n <= 0 || bytes[n - 1] != '\n')
        putchar('\n');
    fflush(stdout);
    funlockfile(stdout);
    close(task->fd);
    return READY;
}

static void *worker(void *unused)
{
    for (;;) {
        Task *task = pop();
        Context cx = {{wake, task, task->number}};
        Poll result = future_poll(&task->future, &cx);
        pthread_mutex_lock(&lock);
        if (result == READY && --left == 0)
            exit(0);
        if (result == PENDING && task->state == RUNNING_WOKEN)
            push(task);
        else if (result == PENDING)
            task->state = IDLE;
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

static void reactor(void)
{
    struct epoll_event events[16];
    for (;;) {
        int n = epoll_wait(epoll, events, 16, -1);
        for (int i = 0; i < n; i++) {
            pthread_mutex_lock(&lock);
            Waker waker = wakers[events[i].data.u32];
            pthread_mutex_unlock(&lock);
            waker_wake(&waker);
        }
    }
}

int main(int argc, char **argv)
{
    int port = argc > 1 ? atoi(argv[1]) : 9000, n = argc > 2 ? atoi(argv[2]) : 1, yes = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 16))
        err(1, "listen");
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);

    epoll = epoll_create1(0);
    left = n;
    for (int i = 1; i <= n; i++) {
        tasks[i] = (Task){.future = {poll_read},
                          .number = (unsigned)i,
                          .fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)};
        pthread_mutex_lock(&lock);
        push(&tasks[i]);
        pthread_mutex_unlock(&lock);
    }
    pthread_t threads[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        pthread_create(&threads[i], NULL, worker, NULL);
    reactor();
}
