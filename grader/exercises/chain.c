#include "exercises/chain.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum { THREADS_MOST = 64, DEPTH_MOST = 8 };

typedef enum MarkKind { MARK_POLL, MARK_READY, MARK_PENDING, MARK_WAKE, MARK_OTHER } MarkKind;

typedef struct Thread {
    int id;
    int open[DEPTH_MOST];   /* polls that go on, outermost first; indexes */
    int nested[DEPTH_MOST]; /* polls of the same task within each of them */
    int depth;
    int wait; /* its last one; index, -1: none */
    bool polled, polled_since_wait;
} Thread;

typedef struct Task {
    unsigned conn;
    bool armed, oneshot, woken, due, baseless, ready, pending;
    int polls, accepted_by; /* thread; 0: not yet */
    int unarmed;       /* poll that ended before the connection was registered; index, -1: none */
    const Event *wait; /* that reported its connection last */
} Task;

typedef struct Walk {
    Chain *chain;
    const Trace *trace;
    Thread threads[THREADS_MOST];
    int n_threads;
    Task tasks[CHAIN_TASKS + 1]; /* by number */
    bool gap;                    /* it was crossed */
} Walk;

/* Room for one more behind `n` of `size` bytes; zeroed. */
static void *grow(void *list, int n, size_t size)
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

static unsigned task_of(const Walk *walk, unsigned conn)
{
    for (unsigned k = 1; conn && k <= CHAIN_TASKS; k++)
        if (walk->tasks[k].conn == conn)
            return k;
    return 0;
}

/* --- marks --- */

static MarkKind parse_mark(const Event *event, unsigned *task)
{
    static const char *const words[] = {"poll ", "ready ", "pending ", "wake "};
    char text[32], *end;
    size_t len = event->data ? event->data_len : 0;
    if (len >= sizeof text)
        return MARK_OTHER;
    if (len)
        memcpy(text, event->data, len);
    text[len] = 0;
    for (int i = 0; i < MARK_OTHER; i++) {
        size_t word = strlen(words[i]);
        if (strncmp(text, words[i], word) != 0 || text[word] < '0' || text[word] > '9')
            continue;
        unsigned long number = strtoul(text + word, &end, 10);
        bool known = (*end == 0 || *end == '\n') && number >= 1 && number <= CHAIN_TASKS;
        *task = (unsigned)number;
        return known ? (MarkKind)i : MARK_OTHER;
    }
    return MARK_OTHER;
}

/* Where in the thread's open polls one of this task stands; -1: nowhere. */
static int open_poll(const Walk *walk, const Thread *thread, unsigned task)
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
    int outer = open_poll(walk, thread, number);
    if (outer >= 0) {
        thread->nested[outer]++;
        return;
    }
    if (thread->depth == DEPTH_MOST)
        return;
    chain->polls = grow(chain->polls, chain->n_polls, sizeof *chain->polls);
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
    int i = open_poll(walk, thread, number);
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
    chain->wakes = grow(chain->wakes, chain->n_wakes, sizeof *chain->wakes);
    ChainWake *wake = &chain->wakes[chain->n_wakes++];
    *wake = (ChainWake){.task = number,
                        .thread = thread->id,
                        .at = at,
                        .believed = wait && (wait->reported & 1u << number),
                        .by_reactor = wait && !thread->polled_since_wait,
                        .spawned = task->polls == 0,
                        .mark = mark,
                        .wait = wait ? wait->event : NULL};
    task->woken |= wake->believed;
    task->baseless |= !wake->believed && wake->by_reactor;
}

static void see_mark(Walk *walk, Thread *thread, const Event *event, size_t at)
{
    unsigned task = 0;
    MarkKind kind = parse_mark(event, &task);
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

/* --- system calls --- */

static void see_read(Walk *walk, Thread *thread, const Event *event)
{
    Chain *chain = walk->chain;
    unsigned number = task_of(walk, event->object);
    Task *task = &walk->tasks[number];
    if (!number)
        return;
    int i = open_poll(walk, thread, number);
    if (i >= 0) {
        ChainPoll *poll = &chain->polls[thread->open[i]];
        if (!poll->tried)
            poll->tried = event;
        poll->empty += event_would_block(event);
        if (!poll->got && !event_would_block(event) && !(event->flags & EVF_UNFINISHED))
            poll->got = event;
        return;
    }
    if (thread->depth > 0)
        chain->polls[thread->open[thread->depth - 1]].foreign = number;
    if (task->wait && !task->ready) {
        chain->strays = grow(chain->strays, chain->n_strays, sizeof *chain->strays);
        chain->strays[chain->n_strays++] = (ChainStray){number, event, task->wait};
    }
}

/* Is the connection registered for reading after this call? */
static bool armed_after(const Event *event, bool armed)
{
    if (event->flags & EVF_REMOVE)
        return false;
    if (event->flags & EVF_READABLE)
        return true;
    return event->flags & EVF_MODIFY ? false : armed;
}

static void see_watch(Walk *walk, Thread *thread, const Event *event)
{
    unsigned number = task_of(walk, event->object);
    Task *task = &walk->tasks[number];
    if (!number || event->result < 0 || event->flags & EVF_TRANSIENT)
        return;
    task->armed = armed_after(event, task->armed);
    task->oneshot = event->flags & EVF_ONESHOT;
    int i = open_poll(walk, thread, number);
    if (i >= 0 && task->armed && !walk->chain->polls[thread->open[i]].watched)
        walk->chain->polls[thread->open[i]].watched = event;
    if (task->armed && task->unarmed >= 0) {
        walk->chain->polls[task->unarmed].armed_soon = true;
        task->unarmed = -1;
    }
}

static unsigned queued_tasks(const Walk *walk)
{
    unsigned queued = 0;
    for (unsigned k = 1; k <= CHAIN_TASKS; k++)
        if (walk->tasks[k].woken && !walk->tasks[k].ready)
            queued |= 1u << k;
    return walk->gap ? 0 : queued;
}

/* Tasks whose connection this thread itself has accepted, and that were never polled. */
static unsigned fresh_tasks(const Walk *walk, const Thread *thread)
{
    unsigned fresh = 0;
    for (unsigned k = 1; k <= CHAIN_TASKS; k++)
        if (walk->tasks[k].accepted_by == thread->id && !walk->tasks[k].polls)
            fresh |= 1u << k;
    return walk->gap ? 0 : fresh;
}

static void see_wait(Walk *walk, Thread *thread, const Event *event, size_t at)
{
    Chain *chain = walk->chain;
    chain->waits = grow(chain->waits, chain->n_waits, sizeof *chain->waits);
    thread->wait = chain->n_waits++;
    chain->waits[thread->wait] = (ChainWait){.thread = thread->id,
                                             .at = at,
                                             .queued = queued_tasks(walk),
                                             .fresh = fresh_tasks(walk, thread),
                                             .executor = thread->polled,
                                             .event = event};
    thread->polled_since_wait = false;
    for (unsigned k = 1; k <= CHAIN_TASKS; k++)
        walk->tasks[k].unarmed = -1;
}

/* Which descriptors were ready is not known of a poll(2) that was stopped and went on. */
static bool unnamed(const Event *event)
{
    return event->fd < 0 && !event->object && (event->via == VIA_POLL || event->via == VIA_SELECT);
}

/* A poll that sleeps behind a read that would block waits for its data itself. */
static void see_sleep(Walk *walk, Thread *thread, const Event *event)
{
    ChainPoll *poll = thread->depth ? &walk->chain->polls[thread->open[thread->depth - 1]] : NULL;
    if (poll && poll->empty > 0 && !poll->got && !poll->slept && event->timeout_ns != 0)
        poll->slept = event;
}

static void see_event(Walk *walk, Thread *thread, const Event *event)
{
    ChainWait *wait = thread->wait >= 0 ? &walk->chain->waits[thread->wait] : NULL;
    for (unsigned k = 1; k <= CHAIN_TASKS; k++) {
        Task *task = &walk->tasks[k];
        bool known = task->conn && trace_wake_matches(walk->trace, event, task->conn);
        if (wait && (known || (task->conn && unnamed(event))))
            wait->reported |= 1u << k;
        if (!known)
            continue;
        task->wait = wait ? wait->event : task->wait;
        task->due = true;
        if (task->pending && !task->ready)
            walk->chain->reported |= 1u << k;
        if (wait && task->pending && !task->ready && !task->woken)
            wait->owed |= 1u << k;
        if (task->oneshot)
            task->armed = false;
    }
}

static void see_close(Walk *walk, const Event *event)
{
    unsigned number = task_of(walk, event->object);
    if (number && (event->flags & EVF_LAST))
        walk->tasks[number].armed = false;
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
    switch (event->kind) {
    case EV_MARK:
        see_mark(walk, thread, event, at);
        break;
    case EV_READ:
        see_read(walk, thread, event);
        break;
    case EV_WATCH:
        see_watch(walk, thread, event);
        break;
    case EV_SLEEP:
        if (event->timeout_ns >= 0) /* locks sleep without */
            see_sleep(walk, thread, event);
        break;
    case EV_WAIT:
        see_sleep(walk, thread, event);
        see_wait(walk, thread, event, at);
        break;
    case EV_WAKE:
        see_event(walk, thread, event);
        break;
    case EV_CLOSE:
        see_close(walk, event);
        break;
    case EV_ACCEPT:
        walk->tasks[task_of(walk, event->object)].accepted_by = thread->id; /* [0]: whatever else */
        break;
    default:
        break;
    }
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
