#include "exercises/idle.h"

#include <errno.h>

#include "base/clock.h"
#include "exercises/common.h"

static bool sleeps(const Event *event)
{
    return event->kind == EV_WAIT || event->kind == EV_SLEEP || event->kind == EV_READ;
}

/* What epoll said is ready is read without a wait: that is the same wake-up. */
static bool waited(const Event *event)
{
    return event->kind != EV_READ || event->end_ns - event->start_ns >= NS_PER_MS;
}

static bool has_timeout(const Event *event)
{
    return event->kind != EV_READ && event->timeout_ns >= 0;
}

/* Where it waits until an instant: what may lie between the program's look at its clock and the call. */
#define LOOKED_NS (50 * NS_PER_MS)

static bool short_timeout(const Event *event)
{
    int64_t least = NS_PER_S - (event->flags & EVF_UNTIL ? LOOKED_NS : 0);
    return has_timeout(event) && event->timeout_ns < least;
}

/* Polls return 0, a futex says ETIMEDOUT, sigtimedwait(2) EAGAIN (and a futex that, too, at once). */
static bool timed_out(const Event *event)
{
    int64_t least = event->timeout_ns - (event->flags & EVF_UNTIL ? LOOKED_NS : 0);
    bool told = event->error == ETIMEDOUT || event->error == EAGAIN;
    return event->result == 0 || (told && event->end_ns - event->start_ns >= least);
}

/* A long timeout is right even where it expires while somebody looks. */
static bool long_and_over(const Event *event)
{
    return has_timeout(event) && !short_timeout(event) && timed_out(event);
}

Idleness idleness(const Observation *run, const Watch *watch)
{
    Idleness idle = {0, NULL, 0, NULL};
    for (size_t i = 0; run->trace && i < trace_len(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        if (!sleeps(event) || event->start_ns > watch->end_ns || event->end_ns < watch->start_ns)
            continue;
        if (short_timeout(event) &&
            (!idle.shortest || event->timeout_ns < idle.shortest->timeout_ns))
            idle.shortest = event;
        if (event->end_ns < watch->end_ns && !(event->flags & EVF_UNFINISHED) && waited(event) &&
            !long_and_over(event)) {
            idle.returns++;
            idle.busiest = event;
        }
    }
    double seconds = (double)(watch->end_ns - watch->start_ns) / 1e9;
    /* What was asked for is exact; five ticks of what was seen may be four tenths of a second. */
    if (idle.shortest)
        idle.per_second = 1e9 / (double)(idle.shortest->timeout_ns ? idle.shortest->timeout_ns : 1);
    else if (seconds > 0 && idle.returns > 0)
        idle.per_second = (idle.returns - 1) / seconds;
    return idle;
}

/* A child that has ended meanwhile takes what it had used along. */
static int64_t used_ns(const Watch *watch)
{
    int64_t own = watch->after.cpu_ns - watch->before.cpu_ns;
    int64_t children = watch->after.children_ns - watch->before.children_ns;
    return own + (children > 0 ? children : 0);
}

double watch_cpu_share(const Watch *watch)
{
    int64_t wall = watch->after.mono_ns - watch->before.mono_ns;
    return wall > 0 ? (double)used_ns(watch) / (double)wall : 0;
}

static bool slept_in(const Watch *watch)
{
    return watch->settled || watch->after.switches > watch->before.switches;
}

/* Several threads may queue at once: what that adds up to says nothing of the wall. */
double watch_own_cpu_share(const Watch *watch)
{
    const ProbeSample *before = &watch->before, *after = &watch->after;
    if (before->threads != 1 || after->threads != 1 || after->children_ns > before->children_ns)
        return watch_cpu_share(watch);
    int64_t used = used_ns(watch);
    /* It never slept: all that it was let have it used. (The kernel adds a wait for a core to
     * `queued` when it is over, so one that goes on is not in it.) */
    if (used > 0 && !slept_in(watch))
        return 1;
    int64_t own = after->mono_ns - before->mono_ns - (after->queued_ns - before->queued_ns);
    own = own > used ? own : used;
    return own > 0 ? (double)used / (double)own : 0;
}

bool watch_busy(const Watch *watch)
{
    bool ran = used_ns(watch) > 0;
    return watch_cpu_share(watch) > BUSY_SHARE || (ran && !slept_in(watch));
}

double watch_wakeups(const Watch *watch)
{
    int64_t wall = watch->after.mono_ns - watch->before.mono_ns;
    return wall > 0 ? (double)(watch->after.switches - watch->before.switches) * 1e9 / (double)wall
                    : 0;
}
