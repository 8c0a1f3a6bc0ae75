/* The poller of macOS and the BSDs: kqueue(2). */
#if defined __APPLE__ || defined __FreeBSD__ || defined __NetBSD__ || defined __OpenBSD__ ||       \
    defined __DragonFly__

#include "poller.h"

// STUB: #include <err.h>
#include <errno.h>
#include <stddef.h>
// STUB: #include <stdlib.h>
#include <sys/types.h>

#include <sys/event.h> /* needs sys/types.h before it */
#include <sys/time.h>

// STUB: // TODO 1 (registered, 3 points): these two functions. poller_open makes the kernel
// STUB: // queue: kqueue. poller_watch adds fd to it: EV_SET fills a struct kevent (EVFILT_READ,
// STUB: // EV_ADD), and kevent takes it as its list of changes.
int poller_open(void)
{
    // BEGIN SOLUTION
    return kqueue();
    // END SOLUTION
    // STUB: errx(EXIT_FAILURE, "TODO 1: make the kernel queue");
}

int poller_watch(int poller, int fd)
{
    // BEGIN SOLUTION
    struct kevent interest;
    EV_SET(&interest, fd, EVFILT_READ, EV_ADD, 0, 0, NULL); /* the last three are not needed here */
    return kevent(poller, &interest, 1, NULL, 0, NULL);
    // END SOLUTION
    // STUB: errx(EXIT_FAILURE, "TODO 1: poller %d is to watch descriptor %d", poller, fd);
}

// STUB: // TODO 2 (asleep, 5 points): sleep in kevent, with no changes, room for one event and no
// STUB: // timeout (NULL), and return the descriptor that the event carries (.ident). A signal
// STUB: // may end the sleep (EINTR): sleep again.
int poller_wait(int poller)
{
    // BEGIN SOLUTION
    struct kevent event;
    int count;
    do
        count = kevent(poller, NULL, 0, &event, 1, NULL);
    while (count == -1 && errno == EINTR);
    return count == -1 ? -1 : (int)event.ident;
    // END SOLUTION
    // STUB: errx(EXIT_FAILURE, "TODO 2: poller %d is to sleep", poller);
}

#endif
