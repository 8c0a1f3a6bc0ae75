/* poll.h by kqueue(2). */
#if defined __APPLE__ || defined __FreeBSD__ || defined __NetBSD__ || defined __OpenBSD__ ||       \
    defined __DragonFly__

#include "poll.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

#include <sys/event.h> /* needs sys/types.h before it */
#include <sys/time.h>

int poll_open(Poll *poll)
{
    poll->registry.queue = kqueue();
    return poll->registry.queue < 0 ? -1 : 0;
}

void poll_close(Poll *poll)
{
    close(poll->registry.queue);
}

int poll_wait(Poll *poll, Events *events, int timeout_ms)
{
    struct kevent ready[EVENTS_MOST];
    struct timespec limit = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
    int count =
        kevent(poll->registry.queue, NULL, 0, ready, EVENTS_MOST, timeout_ms < 0 ? NULL : &limit);
    events->length = 0;
    if (count == -1)
        return errno == EINTR ? 0 : -1;

    for (int i = 0; i < count; i++) {
        bool over = ready[i].flags & EV_EOF; /* the peer has ended or reset it */
        events->list[events->length++] = (Event){
            .token = (Token)(uintptr_t)ready[i].udata,
            .readable = over || ready[i].filter != EVFILT_WRITE, /* a signal, too */
            .writable = over || ready[i].filter == EVFILT_WRITE,
        };
    }
    return 0;
}

/* Reading and writing are two filters: each is added or taken out by itself. */
static int change(Registry *registry, int ident, int filter, bool wanted, Token token)
{
    struct kevent wish;
    EV_SET(&wish, ident, filter, wanted ? EV_ADD : EV_DELETE, 0, 0, (void *)(uintptr_t)token);
    if (kevent(registry->queue, &wish, 1, NULL, 0, NULL) == 0)
        return 0;
    return (!wanted && errno == ENOENT) ? 0 : -1; /* it was not there: as we want it */
}

/* EV_ADD adds a filter, or changes it if it is there; change() is content if one to delete is
 * not there. So this does the work of registering and of deregistering, too (below). */
int registry_reregister(Registry *registry, int fd, Token token, Interest interest)
{
    if (change(registry, fd, EVFILT_READ, interest & READABLE, token) == -1)
        return -1;
    return change(registry, fd, EVFILT_WRITE, interest & WRITABLE, token);
}

int registry_register(Registry *registry, int fd, Token token, Interest interest)
{
    return registry_reregister(registry, fd, token, interest);
}

int registry_deregister(Registry *registry, int fd)
{
    return registry_reregister(registry, fd, 0, 0);
}

/* kqueue sees a signal even if it is ignored. */
int registry_register_signal(Registry *registry, int number, Token token)
{
    if (signal(number, SIG_IGN) == SIG_ERR)
        return -1;
    return change(registry, number, EVFILT_SIGNAL, true, token);
}

#endif
