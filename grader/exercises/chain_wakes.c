#include "exercises/chain_checks.h"

#include <string.h>

/* --- reactor-wakes-only --- */

/* A task whose connection was reported while it was PENDING, and that was never woken. */
static unsigned unwoken(const Chain *chain, unsigned tasks)
{
    for (unsigned k = 1; k <= tasks; k++)
        if (chain->reported & 1u << k && !chain_wake(chain, k))
            return k;
    return 0;
}

static const ChainWait *next_wait(const Chain *chain, int i)
{
    for (int next = i + 1; next < chain->n_waits; next++)
        if (chain->waits[next].thread == chain->waits[i].thread)
            return &chain->waits[next];
    return NULL;
}

static bool woken_between(const Chain *chain, unsigned task, size_t from, size_t to)
{
    for (int i = 0; i < chain->n_wakes; i++)
        if (chain->wakes[i].task == task && chain->wakes[i].at > from && chain->wakes[i].at < to)
            return true;
    return false;
}

/* Do others than the thread that waits wake or poll? Then the order of the trace is not theirs. */
static bool shared_out(const Chain *chain, int thread)
{
    for (int i = 0; i < chain->n_wakes; i++)
        if (chain->wakes[i].thread != thread)
            return true;
    for (int i = 0; i < chain->n_polls; i++)
        if (chain->polls[i].thread != thread)
            return true;
    return false;
}

/* A task that one wait reported and that was not woken before the thread waited again: a
 * level-triggered queue reports it a second time, and hides that. 0: none. */
static unsigned left_out(const Seen *seen, const ChainWait **of)
{
    const Chain *chain = &seen->chain;
    for (int i = 0; i < chain->n_waits && trace_elided(seen->run->trace) == 0; i++) {
        const ChainWait *wait = &chain->waits[i], *next = next_wait(chain, i);
        for (unsigned k = 1; next && k <= seen->tasks; k++)
            if (wait->owed & 1u << k && !woken_between(chain, k, wait->at, next->at) &&
                !shared_out(chain, wait->thread)) {
                *of = wait;
                return k;
            }
    }
    return 0;
}

static const Event *wait_that_reported(const Chain *chain, unsigned task)
{
    for (int i = 0; i < chain->n_waits; i++)
        if (chain->waits[i].reported & 1u << task)
            return chain->waits[i].event;
    return NULL;
}

/* A wake by the reactor of a task that its wait had not reported. */
static bool is_baseless(const ChainWake *wake)
{
    return !wake->believed && wake->by_reactor && !wake->spawned;
}

static const ChainWake *baseless_wake(const Chain *chain)
{
    for (int i = 0; i < chain->n_wakes; i++)
        if (is_baseless(&chain->wakes[i]))
            return &chain->wakes[i];
    return NULL;
}

/* A baseless wake whose wait had reported a task that was never woken; *lost gets that one. As a
 * waker does that was not copied. */
static const ChainWake *mistaken_wake(const Chain *chain, unsigned tasks, unsigned *lost)
{
    for (int i = 0; i < chain->n_wakes; i++) {
        const ChainWake *wake = &chain->wakes[i];
        for (unsigned k = 1; is_baseless(wake) && k <= tasks; k++)
            if (chain->reported & 1u << k && !chain_wake(chain, k) &&
                wait_that_reported(chain, k) == wake->wait) {
                *lost = k;
                return wake;
            }
    }
    return NULL;
}

/* What may have stood in the gap of the trace, where the chain is not followed; NULL: nothing. */
static const Event *in_gap(const Seen *seen, Witness about)
{
    return trace_elided(seen->run->trace) ? trace_witness(seen->run->trace, about) : NULL;
}

static Finding stray_read(Verdict *v, unsigned task, const char *expected, const Event *read)
{
    verdict_fail(v, 0, expected,
                 "after the event the connection of task %u was read outside its future", task);
    verdict_cite(v, read);
    return FAULT;
}

static Finding wakes_in(const Seen *seen, Verdict *v)
{
    static const char expected[] =
        "one waker_wake() for each event, of the task that waits for it, and no read";
    const Chain *chain = &seen->chain;
    bool any = chain_wake(chain, 0);
    unsigned lost = unwoken(chain, seen->tasks);
    const ChainWake *baseless = baseless_wake(chain);
    const ChainWake *mistaken = mistaken_wake(chain, seen->tasks, &lost);
    const ChainWait *wait = NULL;
    unsigned left = left_out(seen, &wait);
    const Event *buried = in_gap(seen, WITNESS_STRAY), *odd = NULL;
    unsigned other = 0;
    if (chain->n_strays > 0) {
        stray_read(v, chain->strays[0].task, expected, chain->strays[0].read);
        verdict_cite(v, chain->strays[0].wait);
    } else if (mistaken) {
        verdict_fail(v, any ? verdict_full(v) / 2 : 0, expected,
                     "the wait reported the connection of task %u, and task %u was woken in its "
                     "place: is the waker that the reactor keeps a copy, and the token the "
                     "event's?",
                     lost, mistaken->task);
        verdict_cite(v, mistaken->mark);
        verdict_cite(v, mistaken->wait);
    } else if (lost && (odd = chain_odd_wake(seen->run, wait_that_reported(chain, lost), &other))) {
        verdict_fail(v, any ? verdict_full(v) / 2 : 0, expected,
                     "the wait reported the connection of task %u, and task %u, which is no task, "
                     "was woken: is the waker kept under the token that the event brings?",
                     lost, other);
        verdict_cite(v, odd);
        verdict_cite(v, wait_that_reported(chain, lost));
    } else if (lost) {
        verdict_fail(
            v, any ? verdict_full(v) / 2 : 0, expected,
            "the wait reported the connection of task %u, and no waker_wake() of that task "
            "followed",
            lost);
        verdict_cite(v, wait_that_reported(chain, lost));
    } else if (left) {
        verdict_fail(v, verdict_full(v) / 2, expected,
                     "a wait reported the connection of task %u, and no waker_wake() of that task "
                     "followed before the next wait",
                     left);
        verdict_cite(v, wait->event);
    } else if (any && baseless) {
        verdict_fail(v, verdict_full(v) / 2, expected,
                     "task %u was woken, though the wait had reported nothing for it",
                     baseless->task);
        verdict_cite(v, baseless->mark);
        verdict_cite(v, baseless->wait);
    } else if (any && buried) {
        const Object *connection = trace_object(seen->run->trace, buried->object);
        return stray_read(v, (unsigned)connection->ordinal, expected, buried);
    } else {
        return any ? FINE : ABSENT;
    }
    return FAULT;
}

void judge_reactor_wakes_only(const Facts *facts, Verdict *v)
{
    const Question question = {marked_runs, wakes_in, "registers-and-pends",
                               "no wait reported the connection of a task that was PENDING",
                               "each event becomes one wake; only futures read"};
    judge_question(facts, v, &question);
}

/* --- polls-woken-only --- */

static const char woken_only[] =
    "no poll behind a task's first without a wake before it, and none behind READY";

static Finding polls_again(const ChainPoll *poll, Verdict *v)
{
    if (poll->over)
        verdict_fail(v, 0, woken_only, "task %u was polled again after it had been READY",
                     poll->task);
    else if (poll->woken)
        return poll->believed ? FINE : ABSENT;
    else if (poll->due || poll->baseless)
        return WAITS; /* its event had no wake, or its wake no event: that is the reactor's fault */
    else
        verdict_fail(v, 0, woken_only,
                     "task %u was polled for the %s time, though nothing had woken it", poll->task,
                     poll->nth == 2 ? "second" : "third or a later");
    verdict_cite(v, poll->mark);
    return FAULT;
}

static Finding polls_in(const Seen *seen, Verdict *v)
{
    Finding all = ABSENT;
    for (int i = 0; i < seen->chain.n_polls; i++) {
        const ChainPoll *poll = &seen->chain.polls[i];
        Finding finding = poll->nth > 1 ? polls_again(poll, v) : ABSENT;
        if (finding == FAULT)
            return FAULT;
        if (finding == WAITS || all == ABSENT)
            all = finding;
    }
    unsigned task = 0;
    const Event *buried = in_gap(seen, WITNESS_UNWOKEN);
    if (all != FINE || !buried || mark_parse(buried, &task) != MARK_POLL)
        return all;
    verdict_fail(v, 0, woken_only, "task %u was polled again, though nothing had woken it", task);
    verdict_cite(v, buried);
    return FAULT;
}

void judge_polls_woken_only(const Facts *facts, Verdict *v)
{
    const Question question = {marked_runs, polls_in, "reactor-wakes-only",
                               "no task was polled again after a wake that an event called for",
                               "a task is polled when it is new and when it was woken"};
    judge_question(facts, v, &question);
}

/* --- wake-is-not-poll --- */

static const char deferred[] = "a wake that only queues the task, and polls once every event "
                               "of that wait is handed on";

/* The thread's first poll between two places of the trace. */
static const ChainPoll *poll_between(const Chain *chain, int thread, size_t from, size_t to)
{
    for (int i = 0; i < chain->n_polls; i++) {
        const ChainPoll *poll = &chain->polls[i];
        if (poll->thread == thread && poll->from > from && poll->from < to)
            return poll;
    }
    return NULL;
}

/* One wait that made several tasks runnable: were they polled behind the last of its wakes? */
static Finding batch_in_order(const Chain *chain, const ChainWait *wait, Verdict *v)
{
    const ChainWake *first = NULL, *last = NULL;
    for (int i = 0; i < chain->n_wakes; i++) {
        const ChainWake *wake = &chain->wakes[i];
        if (!wake->believed || wake->wait != wait->event)
            continue;
        if (!first)
            first = wake;
        last = wake;
    }
    if (!first || first->task == last->task)
        return ABSENT;
    const ChainPoll *early = poll_between(chain, wait->thread, first->at, last->at);
    if (!early)
        return FINE;
    verdict_fail(v, 0, deferred,
                 "task %u was polled before task %u, which the same wait reported, "
                 "was woken",
                 early->task, last->task);
    verdict_cite(v, early->mark);
    verdict_cite(v, last->mark);
    return FAULT;
}

static bool same_line(const SourceLine *a, const SourceLine *b)
{
    return a->file && b->file && a->line == b->line && strcmp(a->file, b->file) == 0;
}

/* Was `inner` called from where `outer` was: is outer's stack the outer part of inner's? */
static bool called_within(const Event *inner, const Event *outer)
{
    for (int from = 1; from < inner->stack_len; from++) {
        int same = 0;
        while (same < outer->stack_len && from + same < inner->stack_len &&
               same_line(&inner->stack[from + same], &outer->stack[same]))
            same++;
        if (same > 0 && (same == outer->stack_len || from + same == inner->stack_len))
            return true;
    }
    return false;
}

/* Where each wait brought one event only, the trace looks the same whether the wake polls or
 * the executor does. The call stack tells; the first look has none, and so asks for another. */
static Finding judge_by_stack(const Seen *seen, Verdict *v)
{
    const Chain *chain = &seen->chain;
    bool stacks = false, woken = false;
    for (int i = 0; i < chain->n_wakes; i++) {
        const ChainWake *wake = &chain->wakes[i];
        const ChainPoll *poll =
            poll_between(chain, wake->thread, wake->at, trace_len(seen->run->trace));
        if (!wake->believed || !poll || poll->task != wake->task)
            continue;
        woken = true;
        stacks |= wake->mark->stack_len > 0 && poll->mark->stack_len > 0;
        if (!called_within(poll->mark, wake->mark))
            continue;
        verdict_fail(v, 0, deferred, "task %u was polled inside waker_wake()", poll->task);
        verdict_cite(v, poll->mark);
        return FAULT;
    }
    if (!woken)
        return ABSENT;
    if (stacks || seen->run->stacks) /* a program without lines has the benefit of the doubt */
        return FINE;
    verdict_fail(v, 0, deferred,
                 "each wait returned one event, and the trace alone can't tell "
                 "whether the wake polled");
    return FAULT;
}

static bool anyone_ready(const Seen *seen)
{
    for (unsigned k = 1; k <= seen->tasks; k++)
        if (chain_ended(&seen->chain, k, POLL_READY))
            return true;
    return false;
}

static Finding wake_in(const Seen *seen, Verdict *v)
{
    bool fine = false;
    if (!anyone_ready(seen))
        return ABSENT;
    for (int i = 0; i < seen->chain.n_waits; i++) {
        Finding finding = batch_in_order(&seen->chain, &seen->chain.waits[i], v);
        if (finding == FAULT)
            return FAULT;
        fine |= finding == FINE;
    }
    return fine ? FINE : judge_by_stack(seen, v);
}

void judge_wake_is_not_poll(const Facts *facts, Verdict *v)
{
    static const char *const runs[] = {"two-at-once", NULL};
    const Observation *run = facts_run(facts, "two-at-once");
    bool ended = run->end == RUN_EXITED && run->status == 0;
    const Question question = {runs, wake_in, ended ? "reactor-wakes-only" : "data-served",
                               "no task was woken and then polled",
                               "two events of one wait: both tasks are woken, then polled"};
    judge_question(facts, v, &question);
}
