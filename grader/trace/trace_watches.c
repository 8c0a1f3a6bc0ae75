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

static void unlink_watch(Trace *trace, int index)
{
    Registration *gone = &trace->watches[index];
    int *link = bucket_of(trace, gone->queue, gone->token);
    while (*link >= 0 && *link != index)
        link = &trace->watches[*link].same_token;
    if (*link == index)
        *link = gone->same_token;
    link = &trace->watch_of[gone->object];
    while (*link >= 0 && *link != index)
        link = &trace->watches[*link].same_object;
    if (*link == index)
        *link = gone->same_object;
}

/* A place for one more; -1 if all TRACE_WATCHES are still in force. */
static int free_place(Trace *trace)
{
    if (trace->n_watches < TRACE_WATCHES) {
        if (trace->n_watches == trace->watches_cap) {
            trace->watches_cap = trace->watches_cap ? trace->watches_cap * 2 : 64;
            trace->watches =
                x_realloc(trace->watches, (size_t)trace->watches_cap * sizeof *trace->watches);
        }
        return trace->n_watches++;
    }
    for (int tries = 0; tries < TRACE_WATCHES; tries++) {
        int index = trace->oldest_watch;
        trace->oldest_watch = (index + 1) % TRACE_WATCHES;
        if (trace->watches[index].to_ns != INT64_MAX) {
            unlink_watch(trace, index);
            return index;
        }
    }
    return -1;
}

static Registration *in_force(Trace *trace, unsigned queue, unsigned object, int64_t key)
{
    for (int i = trace->watch_of[object]; i >= 0; i = trace->watches[i].same_object) {
        Registration *known = &trace->watches[i];
        if (known->queue == queue && known->key == key && known->to_ns == INT64_MAX)
            return known;
    }
    return NULL;
}

/* A program that registers and deregisters in a loop must not push out the
 * rest: what it had under the same token goes on. */
static Registration *once_the_same(Trace *trace, unsigned queue, unsigned object, int64_t key,
                                   uint64_t token)
{
    for (int i = trace->watch_of[object]; i >= 0; i = trace->watches[i].same_object) {
        Registration *known = &trace->watches[i];
        if (known->queue == queue && known->key == key && known->token == token)
            return known;
    }
    return NULL;
}

void trace_watch(Trace *trace, unsigned queue, unsigned object, int64_t key, uint64_t token,
                 int64_t when_ns)
{
    if (!trace_object(trace, object) || !trace_object(trace, queue))
        return;
    Registration *before = in_force(trace, queue, object, key);
    if (before && before->token == token)
        return;
    if (before)
        before->to_ns = when_ns;
    Registration *again = once_the_same(trace, queue, object, key, token);
    if (again) {
        again->to_ns = INT64_MAX;
        return;
    }
    int index = free_place(trace);
    if (index < 0)
        return;
    int *bucket = bucket_of(trace, queue, token);
    trace->watches[index] = (Registration){.queue = queue,
                                           .object = object,
                                           .key = key,
                                           .token = token,
                                           .from_ns = when_ns,
                                           .to_ns = INT64_MAX,
                                           .same_token = *bucket,
                                           .same_object = trace->watch_of[object]};
    *bucket = trace->watch_of[object] = index;
}

void trace_unwatch(Trace *trace, unsigned queue, unsigned object, int64_t key, int64_t when_ns)
{
    if (!trace_object(trace, object))
        return;
    Registration *known = in_force(trace, queue, object, key);
    if (known)
        known->to_ns = when_ns;
}

void trace_unwatch_all(Trace *trace, unsigned object, int64_t when_ns)
{
    for (int i = trace->watch_of[object]; i >= 0; i = trace->watches[i].same_object)
        if (trace->watches[i].to_ns == INT64_MAX)
            trace->watches[i].to_ns = when_ns;
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
    for (int i = trace->watch_of[object]; i >= 0; i = trace->watches[i].same_object) {
        const Registration *known = &trace->watches[i];
        if (known->queue == wake->queue && known->token == wake->token &&
            known->from_ns <= wake->end_ns && known->to_ns >= wake->start_ns)
            return true;
    }
    return false;
}
