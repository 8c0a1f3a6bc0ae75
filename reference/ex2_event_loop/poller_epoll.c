/* The poller of Linux: epoll(7). */
#ifdef __linux__

#include "poller.h"

// STUB: #include <err.h>
#include <errno.h>
// STUB: #include <stdlib.h>
#include <sys/epoll.h>

// STUB: // TODO 1 (registered, 3 points): these two functions. poller_open makes the kernel
// STUB: // queue: epoll_create1. poller_watch adds fd to it: epoll_ctl, EPOLL_CTL_ADD, with an
// STUB: // epoll_event that asks for EPOLLIN. What you put into its .data comes back with the
// STUB: // event: put fd there.
int poller_open(void)
{
    // BEGIN SOLUTION
    return epoll_create1(0);
    // END SOLUTION
    // STUB: errx(EXIT_FAILURE, "TODO 1: make the kernel queue");
}

int poller_watch(int poller, int fd)
{
    // BEGIN SOLUTION
    struct epoll_event interest = {.events = EPOLLIN, .data.fd = fd};
    return epoll_ctl(poller, EPOLL_CTL_ADD, fd, &interest);
    // END SOLUTION
    // STUB: errx(EXIT_FAILURE, "TODO 1: poller %d is to watch descriptor %d", poller, fd);
}

// STUB: // TODO 2 (asleep, 5 points): sleep in epoll_wait, with room for one event and without
// STUB: // a timeout (-1), and return the descriptor that the event carries. A signal may end
// STUB: // the sleep (EINTR), and so may stop and continue without any handler: sleep again.
int poller_wait(int poller)
{
    // BEGIN SOLUTION
    struct epoll_event event;
    int count;
    do
        count = epoll_wait(poller, &event, 1, -1);
    while (count == -1 && errno == EINTR);
    return count == -1 ? -1 : event.data.fd;
    // END SOLUTION
    // STUB: errx(EXIT_FAILURE, "TODO 2: poller %d is to sleep", poller);
}

#endif
