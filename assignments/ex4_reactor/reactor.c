#include "reactor.h"

#include <err.h>
#include <stdlib.h>
#include <unistd.h>

#include "poller.h"

enum { TOKENS_MOST = 64 }; /* of one wait; what is left over comes with the next */

// TODO 1 is poller_open() in poller_epoll.c (Linux) or poller_kqueue.c, and then
// executor_run() in executor.c.

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
    // TODO 3 (registers-and-pends, 3 points): keep a copy of *waker in the registration
    // (a pointer would soon point nowhere: the Context lives for one poll). Have the
    // poller watch fd under the token, unless it does so already. Fill in all three
    // fields: reactor_deregister() goes by `fd` and `registered`.
    (void)registration;
    errx(EXIT_FAILURE, "TODO 3: register %d for task %u", fd, waker->task);
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
    // TODO 4 (half of reactor-wakes-only, 2 points): wait in the poller (-1: return -1);
    // then, for each token that is ready, waker_wake() the waker that is registered under
    // it. Nothing else: no read, no poll.
    (void)tokens;
    errx(EXIT_FAILURE, "TODO 4: wait in poller %d, and wake", reactor->poller);
}
