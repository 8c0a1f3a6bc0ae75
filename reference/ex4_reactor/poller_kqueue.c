/* The poller of macOS and the BSDs: kqueue(2). */
#if defined __APPLE__ || defined __FreeBSD__ || defined __NetBSD__ || defined __OpenBSD__

#include "poller.h"

// STUB: #include <err.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
// STUB: #include <stdlib.h>
#include <sys/types.h>

#include <sys/event.h>
#include <sys/time.h>

enum { EVENTS_MOST = 64 }; /* what is left over comes with the next wait */

// STUB: // TODO 1 (sleeps-when-empty, 2 points): the four functions of the poller. Much is as you
// STUB: // wrote it for exercise 2. New: each connection has a token, which goes into the event's
// STUB: // udata, as (void *)(uintptr_t)token; a wait brings several events; and a connection can
// STUB: // be forgotten (EV_DELETE). Should a signal end the sleep (EINTR), return 0.
int poller_open(void)
{
    // BEGIN SOLUTION
    return kqueue();
    // END SOLUTION
    // STUB: errx(EXIT_FAILURE, "TODO 1 is to do: poller_kqueue.c");
}

int poller_watch(int poller, int fd, unsigned token)
{
    // BEGIN SOLUTION
    struct kevent interest;
    EV_SET(&interest, fd, EVFILT_READ, EV_ADD, 0, 0, (void *)(uintptr_t)token);
    return kevent(poller, &interest, 1, NULL, 0, NULL);
    // END SOLUTION
    // STUB: errx(EXIT_FAILURE, "TODO 1: %d is to watch %d under %u", poller, fd, token);
}

int poller_forget(int poller, int fd)
{
    // BEGIN SOLUTION
    struct kevent interest;
    EV_SET(&interest, fd, EVFILT_READ, EV_DELETE, 0, 0, NULL);
    return kevent(poller, &interest, 1, NULL, 0, NULL);
    // END SOLUTION
    // STUB: errx(EXIT_FAILURE, "TODO 1: %d is to forget %d", poller, fd);
}

int poller_wait(int poller, unsigned *tokens, int most)
{
    struct kevent events[EVENTS_MOST];
    if (most > EVENTS_MOST)
        most = EVENTS_MOST;
    // BEGIN SOLUTION
    int count = kevent(poller, NULL, 0, events, most, NULL);
    if (count == -1)
        return errno == EINTR ? 0 : -1;
    for (int i = 0; i < count; i++)
        tokens[i] = (unsigned)(uintptr_t)events[i].udata;
    return count;
    // END SOLUTION
    // STUB: (void)events;
    // STUB: errx(EXIT_FAILURE, "TODO 1: %d is to sleep (%p, %d)", poller, (void *)tokens, most);
}

#endif
