#include "git_pump.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void on_stop(Pumped *self)
{
    GitPump *pump = (GitPump *)(void *)((char *)self - offsetof(GitPump, stopped));
    pump->stopping = true;
}

static void on_beat(Pumped *self)
{
    GitPump *pump = (GitPump *)(void *)((char *)self - offsetof(GitPump, beat));
    uint64_t times;
    if (read(pump->timer, &times, sizeof times) == sizeof times)
        pump->heartbeat(pump->context);
}

static void *pump_thread(void *argument)
{
    GitPump *pump = argument;
    struct epoll_event event;
    while (!pump->stopping) {
        /* One at a time: what is handled may remove another of the same batch. */
        int n = epoll_wait(pump->epoll, &event, 1, -1);
        if (n < 0 && errno != EINTR)
            break;
        if (n == 1) {
            Pumped *pumped = event.data.ptr;
            pumped->ready(pumped);
        }
    }
    return NULL;
}

int pump_add(GitPump *pump, int fd, Pumped *pumped)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = pumped};
    return epoll_ctl(pump->epoll, EPOLL_CTL_ADD, fd, &event);
}

void pump_remove(GitPump *pump, int fd)
{
    epoll_ctl(pump->epoll, EPOLL_CTL_DEL, fd, NULL);
}

void pump_watch(GitPump *pump, int fd, Pumped *pumped, bool on)
{
    struct epoll_event event = {.events = on ? EPOLLIN : 0, .data.ptr = pumped};
    epoll_ctl(pump->epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, fd, &event);
}

void pump_beating(GitPump *pump, bool on)
{
    struct itimerspec times = {.it_value.tv_sec = on ? HEARTBEAT_S : 0,
                               .it_interval.tv_sec = on ? HEARTBEAT_S : 0};
    timerfd_settime(pump->timer, 0, &times, NULL);
}

int pump_start(GitPump *pump, void (*heartbeat)(void *context), void *context)
{
    *pump = (GitPump){.stopped.ready = on_stop,
                      .beat.ready = on_beat,
                      .heartbeat = heartbeat,
                      .context = context};
    pump->epoll = epoll_create1(EPOLL_CLOEXEC);
    pump->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pump->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (pump->epoll < 0 || pump->stop < 0 || pump->timer < 0 ||
        pump_add(pump, pump->stop, &pump->stopped) || pump_add(pump, pump->timer, &pump->beat))
        return -1;
    pump->started = pthread_create(&pump->thread, NULL, pump_thread, pump) == 0;
    return pump->started ? 0 : -1;
}

void pump_stop(GitPump *pump)
{
    uint64_t one = 1;
    if (pump->started && write(pump->stop, &one, sizeof one) == sizeof one)
        pthread_join(pump->thread, NULL);
    pump->started = false;
    close(pump->epoll);
    close(pump->stop);
    close(pump->timer);
}
