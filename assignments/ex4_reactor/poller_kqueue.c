/* The poller of macOS and the BSDs: kqueue(2). */
#if defined __APPLE__ || defined __FreeBSD__ || defined __NetBSD__ || defined __OpenBSD__ ||       \
    defined __DragonFly__

#include "poller.h"

#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/types.h>

#include <sys/event.h> /* needs sys/types.h before it */
#include <sys/time.h>

enum { EVENTS_MOST = 64 }; /* what is left over comes with the next wait */

// TODO 1 (its points come with TODO 2): as in exercise 2. Then executor_run() in executor.c.
int poller_open(void)
{
    errx(EXIT_FAILURE, "TODO 1 is to do: poller_open() in %s, then executor.c", __FILE__);
}

// TODO 3 (registers-and-pends, 3 points): watch and forget. As in exercise 2, but each
// connection has a token, which goes into the event's udata, as (void *)(uintptr_t)token;
// and a connection can be forgotten (EV_DELETE).
int poller_watch(int poller, int fd, unsigned token)
{
    errx(EXIT_FAILURE, "TODO 3: poller %d: watch descriptor %d, token %u", poller, fd, token);
}

int poller_forget(int poller, int fd)
{
    errx(EXIT_FAILURE, "TODO 3: poller %d: forget descriptor %d", poller, fd);
}

// TODO 4 (sleeps-when-empty, 2 points): sleep without a timeout, with room for `most`
// events, and write down the token of each that comes. Should a signal end the sleep
// (EINTR), return 0.
int poller_wait(int poller, unsigned *tokens, int most)
{
    struct kevent events[EVENTS_MOST];
    if (most > EVENTS_MOST)
        most = EVENTS_MOST;
    (void)events;
    errx(EXIT_FAILURE, "TODO 4: poller %d: sleep, room for %d at %p", poller, most, (void *)tokens);
}

#endif
