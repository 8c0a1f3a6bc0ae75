/* What the system calls between the marks say. */
#include "exercises/chain_walk.h"

static void see_read(Walk *walk, Thread *thread, const Event *event)
{
    Chain *chain = walk->chain;
    unsigned number = walk_task_of(walk, event->object);
    Task *task = &walk->tasks[number];
    if (!number)
        return;
    int i = walk_open_poll(walk, thread, number);
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
        chain->strays = chain_grow(chain->strays, chain->n_strays, sizeof *chain->strays);
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
    unsigned number = walk_task_of(walk, event->object);
    Task *task = &walk->tasks[number];
    if (!number || event->result < 0 || event->flags & EVF_TRANSIENT)
        return;
    task->armed = armed_after(event, task->armed);
    task->oneshot = event->flags & EVF_ONESHOT;
    int i = walk_open_poll(walk, thread, number);
    ChainPoll *poll = i < 0 ? NULL : &walk->chain->polls[thread->open[i]];
    if (poll && task->armed && !poll->watched)
        poll->watched = event;
    if (poll && !task->armed && event->flags & (EVF_ADD | EVF_MODIFY))
        poll->deaf = event;
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
    chain->waits = chain_grow(chain->waits, chain->n_waits, sizeof *chain->waits);
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
        if (task->oneshot)
            task->armed = false;
        if (event_for_writing_only(event)) /* nobody waits for that: it need wake nobody */
            continue;
        if (task->pending && !task->ready)
            walk->chain->reported |= 1u << k;
        if (wait && task->pending && !task->ready && !task->woken)
            wait->owed |= 1u << k;
    }
}

static void see_close(Walk *walk, const Event *event)
{
    unsigned number = walk_task_of(walk, event->object);
    if (number && (event->flags & EVF_LAST))
        walk->tasks[number].armed = false;
}

void walk_call(Walk *walk, Thread *thread, const Event *event, size_t at)
{
    switch (event->kind) {
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
        walk->tasks[walk_task_of(walk, event->object)].accepted_by =
            thread->id; /* [0]: whatever else */
        break;
    default:
        break;
    }
}
