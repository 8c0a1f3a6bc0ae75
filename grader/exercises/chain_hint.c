/* Where a chain broke off: what a student hears whose data was not printed, or whose program did
 * not end. Asked only when a check has failed; no verdict hangs on it. */
#include "exercises/chain_checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Hinting {
    const Chain *chain;
    const Observation *run;
    unsigned tasks; /* bit 1u << K for each */
    char *text;
    size_t size;
} Hinting;

static unsigned lowest(unsigned tasks)
{
    return (unsigned)__builtin_ctz(tasks);
}

static Mistake none(void)
{
    return (Mistake){NULL, NULL};
}

static Mistake polled_when_over(Hinting *h)
{
    for (int i = 0; i < h->chain->n_polls; i++) {
        const ChainPoll *poll = &h->chain->polls[i];
        if (!poll->over || !(h->tasks & 1u << poll->task))
            continue;
        snprintf(h->text, h->size,
                 "task %u was polled again after it had been READY: who wakes a finished task?",
                 poll->task);
        return (Mistake){poll->mark, h->text};
    }
    return none();
}

/* The wait that never came back; NULL: there is none. */
static const ChainWait *last_wait(const Chain *chain)
{
    for (int i = chain->n_waits - 1; i >= 0; i--)
        if (chain->waits[i].event->flags & EVF_UNFINISHED)
            return &chain->waits[i];
    return NULL;
}

/* A level-triggered queue brings the event again and again, so that no wait lasts: then the last that
 * began with a task in the queue. */
static const ChainWait *wait_with_task(const Hinting *h)
{
    const ChainWait *last = last_wait(h->chain);
    for (int i = h->chain->n_waits - 1; !last && i >= 0; i--)
        if (h->chain->waits[i].queued & h->tasks)
            last = &h->chain->waits[i];
    return last;
}

static const ChainWake *wake_before(const Chain *chain, unsigned task, size_t at)
{
    const ChainWake *found = NULL;
    for (int i = 0; i < chain->n_wakes && chain->wakes[i].at < at; i++)
        if (chain->wakes[i].task == task)
            found = &chain->wakes[i];
    return found;
}

static Mistake waits_with_task(Hinting *h)
{
    const ChainWait *wait = wait_with_task(h);
    if (!wait)
        return none();
    if (wait->queued & h->tasks) {
        unsigned task = lowest(wait->queued & h->tasks);
        const ChainWake *wake = wake_before(h->chain, task, wait->at);
        snprintf(h->text, h->size,
                 "task %u was woken and never polled after that: did its wake put it into the "
                 "queue, or does it still count as queued since it was taken out?",
                 task);
        return (Mistake){wake ? wake->mark : wait->event, h->text};
    }
    if (wait->fresh & h->tasks) {
        snprintf(h->text, h->size, "it waits, although task %u is new and was not polled yet",
                 lowest(wait->fresh & h->tasks));
        return (Mistake){wait->event, h->text};
    }
    return none();
}

static unsigned ready_tasks(const Hinting *h)
{
    unsigned ready = 0;
    for (unsigned k = 1; k <= CHAIN_TASKS; k++)
        if (chain_ended(h->chain, k, POLL_READY))
            ready |= 1u << k;
    return ready & h->tasks;
}

static Mistake ends_wrongly(Hinting *h)
{
    const ChainWait *wait = last_wait(h->chain);
    unsigned ready = ready_tasks(h), left = h->tasks & ~ready;
    bool ended = h->run->end == RUN_EXITED && h->run->status == 0;
    if (!ended && !left && wait) {
        snprintf(h->text, h->size, "it waits on, although every task was READY");
        return (Mistake){wait->event, h->text};
    }
    const ChainPoll *pending =
        ended && left ? chain_ended(h->chain, lowest(left), POLL_PENDING) : NULL;
    if (!pending)
        return none();
    snprintf(h->text, h->size, "it ended while task %u was PENDING", pending->task);
    return (Mistake){pending->mark, h->text};
}

Mistake chain_mistake(const Observation *run, char *text, size_t size)
{
    static Mistake (*const looks[])(Hinting *) = {polled_when_over, waits_with_task, ends_wrongly};
    Mistake found = none();
    Chain chain;
    int tasks = run->n_clients < CHAIN_TASKS ? run->n_clients : CHAIN_TASKS;
    if (!run->trace || trace_elided(run->trace))
        return found;
    chain_read(&chain, run->trace);
    Hinting hinting = {&chain, run, (2u << tasks) - 2, text, size};
    for (size_t i = 0; !found.event && i < sizeof looks / sizeof *looks; i++)
        found = looks[i](&hinting);
    chain_release(&chain);
    return found;
}

/* When this thread waits again. */
static int64_t next_wait_ns(const Trace *trace, const Event *wait)
{
    const Event *next;
    for (size_t from = 0; (next = trace_next(trace, &from, EV_WAIT, 0));)
        if (next->thread == wait->thread && next->number > wait->number)
            return next->start_ns;
    return INT64_MAX;
}

/* A task of the program's own is polled, too. */
static bool polls_task_0(const Trace *trace)
{
    const Event *mark;
    for (size_t from = 0; (mark = trace_next(trace, &from, EV_MARK, 0));)
        if (mark->data && strcmp(mark->data, "poll 0") == 0)
            return true;
    return false;
}

const Event *chain_odd_wake(const Observation *run, const Event *wait, unsigned *number)
{
    static const char word[] = "wake ";
    const Event *mark;
    unsigned task;
    char digits[12] = "";
    if (!wait || polls_task_0(run->trace))
        return NULL;
    int64_t until = next_wait_ns(run->trace, wait);
    for (size_t from = 0; (mark = trace_next(run->trace, &from, EV_MARK, 0));) {
        size_t len = mark->data ? mark->data_len : 0;
        if (mark->start_ns < wait->end_ns || mark->start_ns >= until ||
            mark->thread != wait->thread || len < sizeof word ||
            len - (sizeof word - 1) >= sizeof digits || memcmp(mark->data, word, sizeof word - 1) ||
            mark_parse(mark, &task) != MARK_OTHER)
            continue;
        memcpy(digits, (const char *)mark->data + sizeof word - 1, len - (sizeof word - 1));
        *number = (unsigned)strtoul(digits, NULL, 10);
        return mark;
    }
    return NULL;
}
