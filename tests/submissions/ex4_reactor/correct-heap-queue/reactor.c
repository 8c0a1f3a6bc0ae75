#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "task.h"

typedef struct Job Job;
struct Job {
    Future read;           /* first */
    int fd, waiting_since; /* 0: not in the heap */
    unsigned number;
    int known_to_kernel;
    Waker waker;
};

/* A binary heap; on top whoever was woken first. */
static Job **heap;
static int heap_len, now, epfd;

static void swap(int a, int b)
{
    Job *job = heap[a];
    heap[a] = heap[b];
    heap[b] = job;
}

static int older(int a, int b)
{
    return heap[a]->waiting_since < heap[b]->waiting_since;
}

static void push(void *data)
{
    Job *job = data;
    if (job->waiting_since)
        return;
    job->waiting_since = ++now;
    int at = heap_len++;
    heap[at] = job;
    for (; at > 0 && older(at, (at - 1) / 2); at = (at - 1) / 2)
        swap(at, (at - 1) / 2);
}

static Job *pop(void)
{
    Job *top = heap[0];
    heap[0] = heap[--heap_len];
    for (int at = 0, child; (child = 2 * at + 1) < heap_len; at = child) {
        if (child + 1 < heap_len && older(child + 1, child))
            child++;
        if (older(at, child))
            break;
        swap(at, child);
    }
    top->waiting_since = 0;
    return top;
}

static Poll read_poll(Future *self, Context *cx)
{
    Job *job = (Job *)self;
    char data[2000];
    struct iovec part = {data, sizeof data};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t n = recvmsg(job->fd, &message, 0);
    if (n < 0 && errno == EAGAIN) {
        struct epoll_event ev = {EPOLLIN | EPOLLET, {.ptr = job}};
        job->waker = cx->waker;
        if (!job->known_to_kernel++)
            epoll_ctl(epfd, EPOLL_CTL_ADD, job->fd, &ev);
        return PENDING;
    }
    printf("task %u: ", job->number);
    fwrite(n > 0 ? data : "closed", 1, n > 0 ? n : 6, stdout);
    if (n <= 0 || data[n - 1] != '\n')
        printf("\n");
    fflush(stdout);
    shutdown(job->fd, SHUT_RDWR);
    close(job->fd);
    return READY;
}

int main(int argc, char **argv)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    int jobs = argc > 2 ? atoi(argv[2]) : 1;
    struct sockaddr_in at;
    socklen_t len = sizeof at;
    memset(&at, 0, sizeof at);
    at.sin_family = AF_INET;
    at.sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000);
    inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&at, len) || listen(listener, jobs)) {
        perror("listen");
        return 1;
    }
    getsockname(listener, (struct sockaddr *)&at, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(at.sin_port));
    fflush(stdout);

    epfd = epoll_create1(EPOLL_CLOEXEC);
    heap = calloc(jobs, sizeof *heap);
    for (int i = 1; i <= jobs; i++) {
        Job *job = calloc(1, sizeof *job);
        job->fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        job->number = i;
        job->read.poll = read_poll;
        push(job);
    }
    close(listener);
    while (jobs > 0) {
        while (heap_len > 0) {
            Job *job = pop();
            Context cx = {{push, job, job->number}};
            if (future_poll(&job->read, &cx) == READY) {
                free(job);
                jobs--;
            }
        }
        struct epoll_event evs[20];
        int n = jobs > 0 ? epoll_pwait(epfd, evs, 20, -1, NULL) : 0;
        for (int i = 0; i < n; i++)
            waker_wake(&((Job *)evs[i].data.ptr)->waker);
    }
    return 0;
}
