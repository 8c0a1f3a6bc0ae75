#include "exercises/chain_checks.h"
#include "exercises/common.h"

#include "base/clock.h"

/* A blocking read that began before there was data, and came back with it, was no try. */
static bool blocked(const Observation *run, const ChainPoll *poll)
{
    const Event *read = poll->tried;
    int64_t sent = sent_ns(run, poll->task);
    return read && read->start_ns < sent && !event_would_block(read) &&
           !(read->flags & EVF_DONTWAIT) && !nonblocking_at(run, read->object, read->start_ns) &&
           (read->end_ns >= sent || read->flags & EVF_UNFINISHED);
}

static const char numbers[] = "each task polled through future_poll(), with its number in the "
                              "waker: 1 for the first accepted";

static Finding tries_in(const Seen *seen, Verdict *v)
{
    static const char expected[] = "a first poll that reads the connection, which does not block";
    Finding finding = ABSENT;
    for (unsigned k = 1; k <= seen->tasks; k++) {
        const ChainPoll *poll = chain_poll(&seen->chain, k, 1);
        if (!poll)
            continue;
        if (!poll->tried) {
            if (poll->foreign)
                verdict_fail(v, 0, numbers, "poll %u reads the connection of task %u", k,
                             poll->foreign);
            else
                verdict_fail(v, 0, expected,
                             "the first poll of task %u did not read its connection", k);
            verdict_cite(v, poll->watched ? poll->watched : poll->mark);
            return FAULT;
        }
        if (blocked(seen->run, poll)) {
            verdict_fail(v, 0, expected,
                         "the read in the first poll of task %u blocked for %lld ms", k,
                         (long long)((poll->tried->end_ns - poll->tried->start_ns) / NS_PER_MS));
            verdict_cite(v, poll->tried);
            return FAULT;
        }
        finding = FINE;
    }
    return finding;
}

void judge_tries_first(const Facts *facts, Verdict *v)
{
    static const char *const runs[] = {"data-later", "data-at-once", "three-in-order",
                                       "two-at-once", NULL};
    const Question question = {runs, tries_in, "data-served", "no task was polled",
                               "each future's first poll tries the read"};
    const Observation *run = facts_run(facts, "data-later");
    if (anything_polled(facts)) {
        judge_question(facts, v, &question);
        return;
    }
    char ended[64];
    if (!first_connection(run))
        verdict_fail(v, 0, numbers, "no connection was accepted");
    else if (trace_count(run->trace, EV_MARK))
        verdict_fail(v, 0, numbers,
                     "the trace has marks, but not \"poll 1\" and behind it a read of the first "
                     "connection");
    else
        verdict_fail(v, 0, numbers,
                     "no task is polled through future_poll(): a connection was accepted, and the "
                     "program %s without having polled its task, which was new",
                     how_it_ended(run, ended, sizeof ended));
    verdict_cite(v, first_read(run));
}

/* Did this poll wait for its data, rather than return PENDING? A second try is no fault. */
enum { SECOND_TRY = 2 };
static bool waited_inside(const ChainPoll *poll)
{
    return poll->end != POLL_PENDING && (poll->slept || poll->empty > SECOND_TRY);
}

static const char pends[] = "the connection registered with the kernel's queue before PENDING is "
                            "returned";

static Finding pends_in_poll(const ChainPoll *poll, Verdict *v)
{
    if (waited_inside(poll)) {
        verdict_fail(v, 0, pends, "a poll of task %u did not return while there was no data",
                     poll->task);
    } else if (poll->end == POLL_READY && poll->empty && !poll->got) {
        verdict_fail(v, 0, pends,
                     "task %u returned READY after a read that would have blocked: its data had "
                     "not come yet",
                     poll->task);
    } else if (poll->end == POLL_UNENDED && poll->empty && !poll->got) {
        verdict_fail(v, 0, pends,
                     "a read of task %u would have blocked, and that poll never returned",
                     poll->task);
    } else if (poll->end != POLL_PENDING) {
        return ABSENT;
    } else if (!poll->believed && !poll->armed) {
        verdict_fail(v, 0, pends,
                     "a poll of task %u returned PENDING and had neither read nor registered",
                     poll->task);
    } else if (!poll->armed && poll->deaf) {
        verdict_fail(v, 2, pends,
                     "task %u returned PENDING while its connection was registered, but not for "
                     "reading",
                     poll->task);
        verdict_cite(v, poll->deaf);
    } else if (!poll->armed) {
        verdict_fail(v, 2, pends,
                     poll->armed_soon
                         ? "task %u's connection was registered only after PENDING was returned"
                         : "task %u returned PENDING while its connection was not registered",
                     poll->task);
    } else {
        return poll->believed ? FINE : ABSENT;
    }
    verdict_cite(v, poll->slept);
    verdict_cite(v, poll->tried);
    verdict_cite(v, poll->mark);
    return FAULT;
}

static Finding pends_in(const Seen *seen, Verdict *v)
{
    Finding finding = ABSENT;
    for (int i = 0; i < seen->chain.n_polls; i++) {
        const ChainPoll *poll = &seen->chain.polls[i];
        Finding here = poll->over ? ABSENT : pends_in_poll(poll, v);
        if (here == FAULT)
            return FAULT;
        if (here == FINE)
            finding = FINE;
    }
    return finding;
}

void judge_registers_and_pends(const Facts *facts, Verdict *v)
{
    const Question question = {marked_runs, pends_in, "tries-first", "no future had to wait",
                               "a read that would block registers the connection, then PENDING"};
    judge_question(facts, v, &question);
}
