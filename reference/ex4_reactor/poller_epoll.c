/* The poller of Linux: epoll(7). */
#ifdef __linux__

#include "poller.h"

// STUB: #include <err.h>
#include <errno.h>
#include <stddef.h>
// STUB: #include <stdlib.h>
#include <sys/epoll.h>

enum { EVENTS_MOST = 64 }; /* what is left over comes with the next wait */

// STUB: // TODO 1 (its points come with TODO 2): as in exercise 2. Then executor_run() in executor.c.
int poller_open(void)
{
    // BEGIN SOLUTION
    return epoll_create1(0);
    // END SOLUTION
    // STUB: errx(EXIT_FAILURE, "TODO 1 is to do: poller_open() in %s, then executor.c", __FILE__);
}

// STUB: // TODO 3 (registers-and-pends, 3 points): watch and forget. As in exercise 2, but each
// STUB: // connection has a token, which goes into the event's .data.u32; and a connection can be
// STUB: // forgotten (EPOLL_CTL_DEL).
int poller_watch(int poller, int fd, unsigned token)
{
    // BEGIN SOLUTION
    struct epoll_event interest = {.events = EPOLLIN, .data.u32 = token};
    return epoll_ctl(poller, EPOLL_CTL_ADD, fd, &interest);
    // END SOLUTION
    // STUB: errx(EXIT_FAILURE, "TODO 3: poller %d: watch descriptor %d, token %u", poller, fd, token);
}

int poller_forget(int poller, int fd)
{
    // BEGIN SOLUTION
    return epoll_ctl(poller, EPOLL_CTL_DEL, fd, NULL);
    // END SOLUTION
    // STUB: errx(EXIT_FAILURE, "TODO 3: poller %d: forget descriptor %d", poller, fd);
}

// STUB: // TODO 4 (sleeps-when-empty, 2 points): sleep without a timeout, with room for `most`
// STUB: // events, and write down the token of each that comes. Should a signal end the sleep
// STUB: // (EINTR), return 0.
int poller_wait(int poller, unsigned *tokens, int most)
{
    struct epoll_event events[EVENTS_MOST];
    if (most > EVENTS_MOST)
        most = EVENTS_MOST;
    // BEGIN SOLUTION
    int count = epoll_wait(poller, events, most, -1);
    if (count == -1)
        return errno == EINTR ? 0 : -1;
    for (int i = 0; i < count; i++)
        tokens[i] = events[i].data.u32;
    return count;
    // END SOLUTION
    // STUB: (void)events;
    // STUB: errx(EXIT_FAILURE, "TODO 4: poller %d: sleep, room for %d at %p", poller, most, (void *)tokens);
}

#endif
