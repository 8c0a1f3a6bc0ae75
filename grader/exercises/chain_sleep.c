#include "exercises/chain_checks.h"
#include "exercises/common.h"
#include "exercises/idle.h"

/* More wake-ups a second than this are no sleep at all, as in exercise 2. */
enum { FEW_WAKEUPS = 10 };

static const char expected[] = "a wait in the reactor, without a timeout or with one of at least a "
                               "second, whenever no task is queued, and only then";

/* A reactor's wait within the watch; NULL if there is none. One that never came back lasts: where
 * the tracer was ended, too, its line has no end. */
static const Event *wait_during(const Observation *run, const Watch *watch)
{
    const Event *event;
    for (size_t from = 0; (event = trace_next(run->trace, &from, EV_WAIT, 0));)
        if (event->start_ns < watch->end_ns &&
            (event->end_ns > watch->start_ns || event->flags & EVF_UNFINISHED))
            return event;
    return NULL;
}

/* Tasks that stood in the queue when the wait began, new ones included: bit 1u << K. */
static unsigned left_queued(const Seen *seen, const ChainWait *wait)
{
    unsigned all = (2u << seen->tasks) - 2;
    return (wait->queued | wait->fresh) & all;
}

static const Event *wake_of(const Seen *seen, unsigned task)
{
    const ChainWake *wake = chain_wake(&seen->chain, task);
    return wake ? wake->mark : NULL;
}

/* A wait of the executor that began while a task stood in the queue. */
static const ChainWait *wait_with_queue(const Seen *seen)
{
    for (int i = 0; i < seen->chain.n_waits; i++) {
        const ChainWait *wait = &seen->chain.waits[i];
        if (left_queued(seen, wait) && wait->executor && wait->event->timeout_ns != 0)
            return wait;
    }
    return NULL;
}

/* It waits in a queue, and the poll that said PENDING had registered nothing there: that is not the
 * executor's fault. */
static bool none_registered(const Seen *seen, const Event *wait)
{
    const ChainPoll *poll = chain_ended(&seen->chain, 1, POLL_PENDING);
    return wait && wait->queue && poll && !poll->armed && !poll->armed_soon;
}

static void blame_idle(Verdict *v, int earned, const Idleness *idle, const Watch *untraced)
{
    const Event *event = idle->shortest ? idle->shortest : idle->busiest;
    const char *call = event && event->call ? event->call : "a call";
    if (watch_cpu_share(untraced) > BUSY_SHARE)
        verdict_fail(v, earned, expected, "it used %.0f %% of a core while every task was PENDING",
                     watch_own_cpu_share(untraced) * 100);
    else if (idle->shortest)
        verdict_fail(v, earned, expected, "%s was called with a timeout of %g ms", call,
                     (double)event->timeout_ns / 1e6);
    else if (idle->returns)
        verdict_fail(v, earned, expected, "%s came back while there was nothing to do", call);
    else
        verdict_fail(v, earned, expected,
                     "it did not wait for its connections while every task "
                     "was PENDING");
    verdict_cite(v, event);
}

static void judge_both(const Seen *calm, const Seen *busy, const Watch *untraced, Verdict *v)
{
    double share = watch_cpu_share(untraced);
    const Watch *watch = &calm->run->watches[0];
    Idleness idle = idleness(calm->run, watch);
    const ChainWait *early = wait_with_queue(busy);
    const Event *wait = wait_during(calm->run, watch);
    bool asleep = wait && !idle.shortest && !idle.returns && share <= BUSY_SHARE;
    bool drains = chain_wake(&busy->chain, 0) && !early;
    bool few = idle.per_second <= FEW_WAKEUPS && share <= BUSY_SHARE;
    int half = verdict_full(v) / 2;
    if (asleep && none_registered(calm, wait)) {
        verdict_needs(v, "registers-and-pends", "it waited while no connection was watched");
    } else if (!asleep) {
        blame_idle(v, drains && few ? half : 0, &idle, untraced);
    } else if (early) {
        verdict_scenario(v, "two-at-once");
        unsigned task = (unsigned)__builtin_ctz(left_queued(busy, early));
        verdict_fail(v, half, expected,
                     early->queued ? "it went to wait although task %u had been woken and not "
                                     "polled: did its wake put it into the queue?"
                                   : "it went to wait although task %u was new and not polled yet",
                     task);
        verdict_cite(v, early->queued ? wake_of(busy, task) : NULL);
        verdict_cite(v, early->event);
    } else {
        verdict_pass(v, "the executor sleeps in the reactor, and only when its queue is empty");
    }
}

void judge_sleeps_when_empty(const Facts *facts, Verdict *v)
{
    Seen calm, busy;
    seen_open(&calm, facts, "data-later");
    seen_open(&busy, facts, "two-at-once");
    double share = watched_cpu_share(facts_run(facts, "idle-watch"));
    if (!anything_polled(facts))
        verdict_needs(v, "tries-first", "no task is polled through future_poll()");
    else if (!chain_ended(&calm.chain, 1, POLL_PENDING))
        verdict_needs(v, "registers-and-pends", "no future returned PENDING");
    else if (calm.run->n_watches == 0 || share < 0)
        verdict_needs(v, "data-served", "it had ended before it could be watched");
    else
        judge_both(&calm, &busy, &facts_run(facts, "idle-watch")->watches[0], v);
    seen_close(&calm);
    seen_close(&busy);
}
