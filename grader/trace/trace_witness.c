/* What a trace tells of all its events, those that it drops included: see trace.h, "witnesses". */
#include "trace/trace_private.h"

#include <stdlib.h>

#include "base/buf.h"

static bool is_connection(const Object *object)
{
    return object && object->kind == OBJECT_CONNECTION;
}

/* --- who is called --- */

static void call_in(Trace *trace, Witness about, Event *event)
{
    if (trace->n_witnesses[about] == WITNESSES_MOST)
        return;
    trace->witnesses[about][trace->n_witnesses[about]++] = event->number;
    event->flags |= EVF_WITNESS;
}

/* What it was suspected of it does not do, as its end has shown. */
static void dismiss(Trace *trace, Witness about, const Event *event)
{
    uint64_t *list = trace->witnesses[about];
    int *n = &trace->n_witnesses[about];
    for (int i = *n - 1; i >= 0; i--)
        if (list[i] == event->number) {
            for (--*n; i < *n; i++)
                list[i] = list[i + 1];
            return;
        }
}

/* --- what is known of a connection --- */

static void moves(Trace *trace, Object *object, Event *event)
{
    bool reads = event->kind == EV_READ;
    if (!object->nonblocking && !(reads && object->announced))
        call_in(trace, WITNESS_MAY_WAIT, event);
    if (reads && !object->ready && object->ambiguous == trace->ambiguous)
        call_in(trace, WITNESS_UNANNOUNCED, event);
    if (trace->serving && trace->serving != event->thread)
        call_in(trace, WITNESS_SECOND_THREAD, event);
    else
        trace->serving = event->thread;
    if (reads && object->reported && trace_polls_none(trace, object, event->thread))
        call_in(trace, WITNESS_STRAY, event);
    if (reads)
        object->announced = false;
}

static void wakes(Trace *trace, Object *object, const Event *event)
{
    if (!object) {
        trace->ambiguous++;
        return;
    }
    object->reported = true;
    if (!event_for_writing_only(event))
        object->announced = object->ready = true;
}

/* poll(2) and select(2) name what they wait for just before they wait. */
static void waits(Trace *trace, Event *event)
{
    if (trace->asked_clients == 1 && trace->asked_others == 0)
        call_in(trace, WITNESS_ONE_CLIENT, event);
    trace->asked_clients = trace->asked_others = 0;
}

static void watches(Trace *trace, const Object *object, Event *event)
{
    bool client = is_connection(object);
    if (client)
        call_in(trace, WITNESS_WATCHED, event);
    if (!(event->flags & EVF_TRANSIENT))
        return;
    trace->asked_clients += client;
    trace->asked_others += !client;
}

void trace_witness_begin(Trace *trace, Event *event)
{
    Object *object = trace_object_mutable(trace, event->object);
    if (event->kind == EV_WAKE)
        wakes(trace, object, event);
    else if (event->kind == EV_WATCH)
        watches(trace, object, event);
    else if (event->kind == EV_WAIT)
        waits(trace, event);
    else if (event->kind == EV_MARK && trace_polls_mark(trace, event))
        call_in(trace, WITNESS_UNWOKEN, event);
    else if (is_connection(object) && event->kind == EV_NONBLOCK && event->result >= 0)
        object->nonblocking = event->flags & EVF_SET;
    else if (is_connection(object) && (event->kind == EV_READ || event->kind == EV_WRITE))
        moves(trace, object, event);
}

void trace_witness_end(Trace *trace, const Event *event)
{
    Object *object = trace_object_mutable(trace, event->object);
    if (event->kind == EV_WAIT && event->timeout_ns == 0)
        dismiss(trace, WITNESS_ONE_CLIENT, event);
    if (!is_connection(object))
        return;
    if (event->flags & EVF_DONTWAIT)
        dismiss(trace, WITNESS_MAY_WAIT, event);
    if (event->kind != EV_READ)
        return;
    if (event_would_block(event)) {
        object->ready = false;
        object->ambiguous = trace->ambiguous;
    } else if (event->result > 0 && !(event->flags & EVF_PEEK)) {
        object->read_bytes += (uint64_t)event->result;
    }
}

/* --- what is kept of them --- */

static bool is_called(const Trace *trace, const Event *event)
{
    for (int about = 0; about < WITNESS_KINDS; about++)
        for (int i = 0; i < trace->n_witnesses[about]; i++)
            if (trace->witnesses[about][i] == event->number)
                return true;
    return false;
}

bool trace_witness_keep(Trace *trace, const Event *event)
{
    if (!(event->flags & EVF_WITNESS) || !is_called(trace, event))
        return false;
    if (!trace->kept)
        trace->kept = x_calloc(KEPT_MOST, sizeof *trace->kept);
    if (trace->n_kept == KEPT_MOST) /* of those that were dismissed since */
        return false;
    trace->kept[trace->n_kept++] = *event;
    return true;
}

Event *trace_witness_kept(Trace *trace, uint64_t number)
{
    for (int i = 0; i < trace->n_kept; i++)
        if (trace->kept[i].number == number)
            return &trace->kept[i];
    return NULL;
}

const Event *trace_witness(const Trace *trace, Witness about)
{
    return trace && trace->n_witnesses[about]
               ? trace_event((Trace *)trace, trace->witnesses[about][0])
               : NULL;
}

/* --- what can't be told --- */

void trace_lose(Trace *trace, const char *why)
{
    if (!trace->lost)
        trace->lost = why;
}

const char *trace_lost(const Trace *trace)
{
    return trace ? trace->lost : NULL;
}
