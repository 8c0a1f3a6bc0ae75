#include "loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { MOST = 64 };

static struct {
    Handler *handler;
    void *context;
} handlers[MOST];
static int queue = -1, running;

int loop_add(int fd, Handler *handler, void *context)
{
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = fd};

    if (queue < 0)
        queue = epoll_create1(EPOLL_CLOEXEC);
    if (queue < 0 || fd < 0 || fd >= MOST)
        return -1;
    handlers[fd].handler = handler;
    handlers[fd].context = context;
    return epoll_ctl(queue, EPOLL_CTL_ADD, fd, &interest);
}

int loop_run(void)
{
    struct epoll_event ready[MOST];

    for (running = 1; running;) {
        int n = epoll_wait(queue, ready, MOST, -1);

        if (n < 0 && errno != EINTR)
            return -1;
        for (int i = 0; i < n; i++) {
            int fd = ready[i].data.fd;

            handlers[fd].handler(fd, handlers[fd].context);
        }
    }
    return 0;
}

void loop_stop(void)
{
    running = 0;
}
