#include "trace/trace_private.h"

#include "base/buf.h"

void trace_watches_init(Trace *trace)
{
    for (int i = 0; i < WATCH_BUCKETS; i++)
        trace->buckets[i] = -1;
}

static int *bucket_of(Trace *trace, unsigned queue, uint64_t token)
{
    uint64_t mixed = (token ^ (uint64_t)queue << 48) * UINT64_C(0x9e3779b97f4a7c15);
    return &trace->buckets[mixed >> 52 & (WATCH_BUCKETS - 1)];
}

static void bucket_drop(Trace *trace, int index)
{
    int *link = bucket_of(trace, trace->watches[index].queue, trace->watches[index].token);
    while (*link >= 0 && *link != index)
        link = &trace->watches[*link].same_token;
    if (*link == index)
        *link = trace->watches[index].same_token;
}

static bool watches_grow(Trace *trace)
{
    int cap = trace->watches_cap ? trace->watches_cap * 2 : 64;
    if (cap > TRACE_WATCHES ||
        !trace_may_grow(trace, (size_t)trace->watches_cap, (size_t)cap, sizeof *trace->watches))
        return false;
    trace->watches = x_realloc(trace->watches, (size_t)cap * sizeof *trace->watches);
    trace->watches_cap = cap;
    return true;
}

/* A place for one more; -1 if all that there may be are still in force. */
static int free_place(Trace *trace)
{
    if (trace->n_watches < trace->watches_cap || watches_grow(trace))
        return trace->n_watches++;
    for (int tries = 0; tries < trace->n_watches; tries++) {
        int index = trace->oldest_watch;
        trace->oldest_watch = (index + 1) % trace->n_watches;
        if (trace->watches[index].to_ns != INT64_MAX) {
            bucket_drop(trace, index);
            return index;
        }
    }
    return -1;
}

/* The link that leads to what is in force: of each object only that is chained,
 * so that a program that changes its token all the time costs no more. */
static int *in_force(Trace *trace, unsigned queue, unsigned object, int64_t key)
{
    int *link = &trace->watch_of[object];
    for (; *link >= 0; link = &trace->watches[*link].same_object) {
        const Registration *known = &trace->watches[*link];
        if (known->queue == queue && known->key == key)
            return link;
    }
    return NULL;
}

static void end_watch(Trace *trace, int *link, int64_t when_ns)
{
    Registration *known = &trace->watches[*link];
    known->to_ns = when_ns;
    *link = known->same_object;
}

/* A program that registers and deregisters in a loop must not push out the
 * rest: what it had under the same token goes on. -1: it had nothing. */
static int once_the_same(Trace *trace, unsigned queue, unsigned object, int64_t key, uint64_t token)
{
    int i = *bucket_of(trace, queue, token);
    for (; i >= 0; i = trace->watches[i].same_token) {
        const Registration *known = &trace->watches[i];
        if (known->queue == queue && known->token == token && known->object == object &&
            known->key == key)
            return i;
    }
    return -1;
}

static int new_watch(Trace *trace, unsigned queue, unsigned object, int64_t key, uint64_t token,
                     int64_t when_ns)
{
    int index = free_place(trace);
    if (index < 0)
        return -1;
    int *bucket = bucket_of(trace, queue, token);
    trace->watches[index] = (Registration){.queue = queue,
                                           .object = object,
                                           .key = key,
                                           .token = token,
                                           .from_ns = when_ns,
                                           .same_token = *bucket};
    *bucket = index;
    return index;
}

void trace_watch(Trace *trace, unsigned queue, unsigned object, int64_t key, uint64_t token,
                 int64_t when_ns)
{
    if (!trace_object(trace, object) || !trace_object(trace, queue))
        return;
    int *before = in_force(trace, queue, object, key);
    if (before && trace->watches[*before].token == token)
        return;
    if (before)
        end_watch(trace, before, when_ns);
    int index = once_the_same(trace, queue, object, key, token);
    if (index < 0)
        index = new_watch(trace, queue, object, key, token, when_ns);
    if (index < 0)
        return;
    trace->watches[index].to_ns = INT64_MAX;
    trace->watches[index].same_object = trace->watch_of[object];
    trace->watch_of[object] = index;
}

void trace_unwatch(Trace *trace, unsigned queue, unsigned object, int64_t key, int64_t when_ns)
{
    if (!trace_object(trace, object))
        return;
    int *known = in_force(trace, queue, object, key);
    if (known)
        end_watch(trace, known, when_ns);
}

void trace_unwatch_all(Trace *trace, unsigned object, int64_t when_ns)
{
    while (trace->watch_of[object] >= 0)
        end_watch(trace, &trace->watch_of[object], when_ns);
}

unsigned trace_watched(const Trace *trace, unsigned queue, uint64_t token, int64_t *key)
{
    unsigned found = 0;
    int i = *bucket_of((Trace *)trace, queue, token);
    for (; i >= 0; i = trace->watches[i].same_token) {
        const Registration *known = &trace->watches[i];
        if (known->queue != queue || known->token != token || known->to_ns != INT64_MAX)
            continue;
        if (found && found != known->object)
            return 0;
        found = known->object;
        if (key)
            *key = known->key;
    }
    return found;
}

bool trace_wake_matches(const Trace *trace, const Event *wake, unsigned object)
{
    if (!object)
        return false;
    if (wake->object == object)
        return true;
    if (wake->object || !trace_object(trace, object))
        return false;
    int i = *bucket_of((Trace *)trace, wake->queue, wake->token);
    for (; i >= 0; i = trace->watches[i].same_token) {
        const Registration *known = &trace->watches[i];
        if (known->queue == wake->queue && known->token == wake->token && known->object == object &&
            known->from_ns <= wake->end_ns && known->to_ns >= wake->start_ns)
            return true;
    }
    return false;
}
