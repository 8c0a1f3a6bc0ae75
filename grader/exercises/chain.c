#include "exercises/chain_walk.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "trace/mark.h"

void *chain_grow(void *list, int n, size_t size)
{
    if ((n & (n - 1)) == 0) /* full at powers of two */
        list = x_realloc(list, (size_t)(n ? 2 * n : 1) * size);
    memset((char *)list + (size_t)n * size, 0, size);
    return list;
}

static Thread *thread_of(Walk *walk, int id)
{
    for (int i = 0; i < walk->n_threads; i++)
        if (walk->threads[i].id == id)
            return &walk->threads[i];
    /* A program may have 32 at once; of one with more in a row the last shares a place. */
    if (walk->n_threads < THREADS_MOST)
        walk->n_threads++;
    Thread *thread = &walk->threads[walk->n_threads - 1];
    *thread = (Thread){.id = id, .wait = -1};
    return thread;
}

unsigned walk_task_of(const Walk *walk, unsigned conn)
{
    for (unsigned k = 1; conn && k <= CHAIN_TASKS; k++)
        if (walk->tasks[k].conn == conn)
            return k;
    return 0;
}

/* --- marks --- */

int walk_open_poll(const Walk *walk, const Thread *thread, unsigned task)
{
    for (int i = thread->depth - 1; i >= 0; i--)
        if (walk->chain->polls[thread->open[i]].task == task)
            return i;
    return -1;
}

static void begin_poll(Walk *walk, Thread *thread, unsigned number, const Event *mark, size_t at)
{
    Chain *chain = walk->chain;
    Task *task = &walk->tasks[number];
    int outer = walk_open_poll(walk, thread, number);
    if (outer >= 0) {
        thread->nested[outer]++;
        return;
    }
    if (thread->depth == DEPTH_MOST)
        return;
    chain->polls = chain_grow(chain->polls, chain->n_polls, sizeof *chain->polls);
    ChainPoll *poll = &chain->polls[chain->n_polls];
    *poll = (ChainPoll){.task = number,
                        .thread = thread->id,
                        .nth = ++task->polls,
                        .from = at,
                        .to = trace_len(walk->trace),
                        .woken = task->woken,
                        .due = task->due,
                        .baseless = task->baseless,
                        .over = task->ready,
                        .mark = mark};
    task->woken = task->due = task->baseless = false;
    task->unarmed = -1;
    thread->nested[thread->depth] = 0;
    thread->open[thread->depth++] = chain->n_polls++;
    thread->polled = thread->polled_since_wait = true;
}

static void end_poll(Walk *walk, Thread *thread, unsigned number, PollEnd end, size_t at)
{
    int i = walk_open_poll(walk, thread, number);
    if (i < 0)
        return;
    if (thread->nested[i] > 0) {
        thread->nested[i]--;
        return;
    }
    thread->depth = i;
    Task *task = &walk->tasks[number];
    ChainPoll *poll = &walk->chain->polls[thread->open[i]];
    poll->end = end;
    poll->to = at;
    poll->armed = task->armed;
    bool blocked = poll->tried && !poll->got;
    poll->believed = end == POLL_READY ? poll->got != NULL : blocked || poll->watched;
    if (end == POLL_PENDING) {
        task->pending = true;
        task->unarmed = task->armed ? -1 : thread->open[i];
    } else if (poll->believed) {
        task->ready = true;
    }
}

static void add_wake(Walk *walk, Thread *thread, unsigned number, const Event *mark, size_t at)
{
    Chain *chain = walk->chain;
    Task *task = &walk->tasks[number];
    const ChainWait *wait = thread->wait >= 0 ? &chain->waits[thread->wait] : NULL;
    chain->wakes = chain_grow(chain->wakes, chain->n_wakes, sizeof *chain->wakes);
    ChainWake *wake = &chain->wakes[chain->n_wakes++];
    *wake = (ChainWake){.task = number,
                        .thread = thread->id,
                        .at = at,
                        .believed = wait && (wait->reported & 1u << number),
                        .by_reactor = wait && !thread->polled_since_wait,
                        .spawned = task->polls == 0,
                        .mark = mark,
                        .wait = wait ? wait->event : NULL};
    /* Once a task may wake itself: it registers, and tries again in its turn. Who does so at each poll
     * asks instead of sleeping. */
    bool itself = walk_open_poll(walk, thread, number) >= 0;
    task->woken |= wake->believed || (itself && !task->woke_itself);
    task->woke_itself |= itself;
    task->baseless |= !wake->believed && wake->by_reactor;
}

static void see_mark(Walk *walk, Thread *thread, const Event *event, size_t at)
{
    unsigned task = 0;
    MarkKind kind = mark_parse(event, &task);
    if (kind != MARK_OTHER && !walk->tasks[task].conn) /* the accepting, say, behind the others */
        return;
    switch (kind) {
    case MARK_POLL:
        begin_poll(walk, thread, task, event, at);
        break;
    case MARK_READY:
        end_poll(walk, thread, task, POLL_READY, at);
        break;
    case MARK_PENDING:
        end_poll(walk, thread, task, POLL_PENDING, at);
        break;
    case MARK_WAKE:
        add_wake(walk, thread, task, event, at);
        break;
    case MARK_OTHER:
        break;
    }
}

/* In the gap everything may have been woken, registered and polled. */
static void cross_gap(Walk *walk)
{
    walk->gap = true;
    for (int i = 0; i < walk->n_threads; i++) {
        while (walk->threads[i].depth > 0)
            walk->chain->polls[walk->threads[i].open[--walk->threads[i].depth]].end = POLL_LOST;
        walk->threads[i].wait = -1;
    }
    for (unsigned k = 1; k <= CHAIN_TASKS; k++) {
        walk->tasks[k].woken = walk->tasks[k].armed = true;
        walk->tasks[k].oneshot = false;
        walk->tasks[k].wait = NULL;
    }
}

static void see(Walk *walk, const Event *event, size_t at)
{
    Thread *thread = thread_of(walk, event->thread);
    if (event->kind == EV_MARK)
        see_mark(walk, thread, event, at);
    else
        walk_call(walk, thread, event, at);
}

/* A poll that tried nothing because its connection was registered long before is
 * believed if the same task later came to its end in a poll. */
static void believe_late(Walk *walk)
{
    Chain *chain = walk->chain;
    for (int i = 0; i < chain->n_polls; i++) {
        ChainPoll *poll = &chain->polls[i];
        if (poll->end == POLL_PENDING && !poll->tried && poll->armed)
            poll->believed = walk->tasks[poll->task].ready;
    }
}

void chain_read(Chain *chain, const Trace *trace)
{
    *chain = (Chain){0};
    if (!trace)
        return;
    Walk walk = {.chain = chain, .trace = trace};
    for (unsigned k = 0; k <= CHAIN_TASKS; k++)
        walk.tasks[k] = (Task){.conn = k ? trace_connection(trace, (int)k) : 0, .unarmed = -1};
    for (size_t i = 0; i < trace_len(trace); i++) {
        if (i == trace_gap(trace))
            cross_gap(&walk);
        see(&walk, trace_at(trace, i), i);
    }
    believe_late(&walk);
}

void chain_release(Chain *chain)
{
    free(chain->polls);
    free(chain->wakes);
    free(chain->waits);
    free(chain->strays);
    *chain = (Chain){0};
}
