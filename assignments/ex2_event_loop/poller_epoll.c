/* The poller of Linux: epoll(7). */
#ifdef __linux__

#include "poller.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

// TODO 1 (registered, 3 points): these two functions. poller_open makes the kernel
// queue: epoll_create1. poller_watch adds fd to it: epoll_ctl, EPOLL_CTL_ADD, with an
// epoll_event that asks for EPOLLIN. What you put into its .data comes back with the
// event: put fd there.
int poller_open(void)
{
    errx(EXIT_FAILURE, "TODO 1: make the kernel queue");
}

int poller_watch(int poller, int fd)
{
    errx(EXIT_FAILURE, "TODO 1: poller %d is to watch descriptor %d", poller, fd);
}

// TODO 2 (asleep, 5 points): sleep in epoll_wait, with room for one event and without
// a timeout (-1), and return the descriptor that the event carries. A signal may end
// the sleep (EINTR), and so may stop and continue without any handler: sleep again.
int poller_wait(int poller)
{
    errx(EXIT_FAILURE, "TODO 2: poller %d is to sleep", poller);
}

#endif
