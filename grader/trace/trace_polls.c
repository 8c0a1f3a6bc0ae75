/* Which marked polls go on, followed event by event, so that a gap in the trace hides none of
 * what was done outside them. The chain (exercises/chain.h) is read out of what was kept, and
 * says more. */
#include "trace/trace_private.h"

#include <stddef.h>

/* Of a program with more threads in a row than there are places the last ones share one. */
static OpenPolls *polls_of(Trace *trace, int thread)
{
    OpenPolls *place = trace->pollers;
    while (place->thread && place->thread != thread && place < &trace->pollers[POLLERS_MOST - 1])
        place++;
    place->thread = thread;
    return place;
}

/* The program's own task has a number that no connection has (yet). */
static bool is_of_connection(const Trace *trace, unsigned task)
{
    return trace_connection(trace, (int)task) != 0;
}

static bool begins(Trace *trace, OpenPolls *open, unsigned task)
{
    bool outer = open->of[task] == 0, first = !trace->tasks[task].polled;
    bool woken = trace->tasks[task].woken;
    if (open->of[task] < UINT8_MAX)
        open->of[task]++;
    if (!outer || !is_of_connection(trace, task))
        return false;
    trace->tasks[task].polled = true;
    trace->tasks[task].woken = false;
    return !first && !woken;
}

static void ends(Trace *trace, OpenPolls *open, unsigned task, bool ready)
{
    if (open->of[task] == 0)
        return;
    open->of[task]--;
    trace->tasks[task].ready |= ready && open->of[task] == 0;
}

bool trace_polls_mark(Trace *trace, const Event *mark)
{
    unsigned task = 0;
    OpenPolls *open = polls_of(trace, mark->thread);
    MarkKind kind = mark_parse(mark, &task);
    switch (kind) {
    case MARK_POLL:
        return begins(trace, open, task);
    case MARK_READY:
    case MARK_PENDING:
        ends(trace, open, task, kind == MARK_READY);
        return false;
    case MARK_WAKE:
        trace->tasks[task].woken = true;
        return false;
    case MARK_OTHER:
        return false;
    }
    return false;
}

bool trace_polls_none(const Trace *trace, const Object *object, int thread)
{
    unsigned task = (unsigned)object->ordinal;
    if (object->ordinal < 1 || task > MARK_TASKS)
        return false;
    if (!trace->tasks[task].polled || trace->tasks[task].ready)
        return false;
    for (int i = 0; i < POLLERS_MOST && trace->pollers[i].thread; i++)
        if (trace->pollers[i].thread == thread)
            return trace->pollers[i].of[task] == 0;
    return true;
}
