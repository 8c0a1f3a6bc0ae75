#include "reactor.h"

// STUB: #include <err.h>
#include <stdlib.h>
#include <unistd.h>

#include "poller.h"

enum { TOKENS_MOST = 64 }; /* of one wait; what is left over comes with the next */

// STUB: // TODO 1 is poller_open() in poller_epoll.c (Linux) or poller_kqueue.c, and then
// STUB: // executor_run() in executor.c.
// STUB:
int reactor_open(Reactor *reactor, unsigned size)
{
    *reactor = (Reactor){.poller = poller_open()};
    if (reactor->poller == -1)
        return -1;
    reactor->registrations = calloc(size, sizeof *reactor->registrations);
    if (reactor->registrations == NULL) {
        close(reactor->poller);
        return -1;
    }
    return 0;
}

void reactor_close(Reactor *reactor)
{
    close(reactor->poller);
    free(reactor->registrations);
}

int reactor_register(Reactor *reactor, unsigned token, int fd, const Waker *waker)
{
    Registration *registration = &reactor->registrations[token];
    // BEGIN SOLUTION
    registration->waker = *waker; /* a copy: the Context that it is in lives for one poll */
    if (registration->registered)
        return 0;
    registration->fd = fd;
    if (poller_watch(reactor->poller, fd, token) == -1)
        return -1;
    registration->registered = true;
    return 0;
    // END SOLUTION
    // STUB: // TODO 3 (registers-and-pends, 3 points): keep a copy of *waker in the registration
    // STUB: // (a pointer would soon point nowhere: the Context lives for one poll). Have the
    // STUB: // poller watch fd under the token, unless it does so already. Fill in all three
    // STUB: // fields: reactor_deregister() goes by `fd` and `registered`.
    // STUB: (void)registration;
    // STUB: errx(EXIT_FAILURE, "TODO 3: register %d for task %u", fd, waker->task);
}

int reactor_deregister(Reactor *reactor, unsigned token)
{
    Registration *registration = &reactor->registrations[token];
    if (!registration->registered)
        return 0;
    registration->registered = false;
    return poller_forget(reactor->poller, registration->fd);
}

int reactor_wait(Reactor *reactor)
{
    unsigned tokens[TOKENS_MOST];
    // BEGIN SOLUTION
    int count = poller_wait(reactor->poller, tokens, TOKENS_MOST);
    if (count == -1)
        return -1;
    /* The table stays as it is meanwhile: only futures deregister, and none is polled here. */
    for (int i = 0; i < count; i++)
        waker_wake(&reactor->registrations[tokens[i]].waker);
    return 0;
    // END SOLUTION
    // STUB: // TODO 4 (half of reactor-wakes-only, 2 points): wait in the poller (-1: return -1);
    // STUB: // then, for each token that is ready, waker_wake() the waker that is registered under
    // STUB: // it. Nothing else: no read, no poll.
    // STUB: (void)tokens;
    // STUB: errx(EXIT_FAILURE, "TODO 4: wait in poller %d, and wake", reactor->poller);
}
