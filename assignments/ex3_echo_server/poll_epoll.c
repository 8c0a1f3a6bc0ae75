/* poll.h by epoll(7). */
#ifdef __linux__

#include "poll.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

int poll_open(Poll *poll)
{
    poll->registry.queue = epoll_create1(0);
    return poll->registry.queue < 0 ? -1 : 0;
}

void poll_close(Poll *poll)
{
    close(poll->registry.queue);
}

int poll_wait(Poll *poll, Events *events, int timeout_ms)
{
    struct epoll_event ready[EVENTS_MOST];
    int count = epoll_wait(poll->registry.queue, ready, EVENTS_MOST, timeout_ms);
    events->length = 0;
    if (count == -1)
        return errno == EINTR ? 0 : -1;

    for (int i = 0; i < count; i++) {
        bool over = ready[i].events & (EPOLLHUP | EPOLLERR); /* reported unasked */
        events->list[events->length++] = (Event){
            .token = ready[i].data.u64,
            .readable = over || (ready[i].events & EPOLLIN),
            .writable = over || (ready[i].events & EPOLLOUT),
        };
    }
    return 0;
}

static int control(Registry *registry, int operation, int fd, Token token, Interest interest)
{
    struct epoll_event event = {.data.u64 = token};
    if (interest & READABLE)
        event.events |= EPOLLIN;
    if (interest & WRITABLE)
        event.events |= EPOLLOUT;
    return epoll_ctl(registry->queue, operation, fd, &event);
}

int registry_register(Registry *registry, int fd, Token token, Interest interest)
{
    return control(registry, EPOLL_CTL_ADD, fd, token, interest);
}

int registry_reregister(Registry *registry, int fd, Token token, Interest interest)
{
    return control(registry, EPOLL_CTL_MOD, fd, token, interest);
}

int registry_deregister(Registry *registry, int fd)
{
    return epoll_ctl(registry->queue, EPOLL_CTL_DEL, fd, NULL);
}

/* A blocked signal waits in the kernel; while it does, a signalfd is readable. */
int registry_register_signal(Registry *registry, int number, Token token)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
        return -1;

    /* It stays open as long as the program runs, and nobody has to find it again. */
    int fd = signalfd(-1, &set, 0);
    if (fd == -1)
        return -1;
    if (registry_register(registry, fd, token, READABLE) == -1) {
        close(fd);
        return -1;
    }
    return 0;
}

#endif
