/* Which thread a line comes from, and whose descriptors it uses. */
#include "trace/strace_parser.h"

#include <stdlib.h>
#include <string.h>

void pending_release(Pending *pending)
{
    free(pending->text);
    *pending = (Pending){0};
}

Thread *thread_find(StraceParser *parser, int id)
{
    for (int i = 0; i < parser->n_threads; i++)
        if (parser->threads[i].id == id)
            return &parser->threads[i];
    return NULL;
}

static void thread_remove(StraceParser *parser, Thread *thread)
{
    pending_release(&thread->pending);
    pending_release(&thread->stopped);
    *thread = parser->threads[--parser->n_threads];
}

/* --- the sandbox's own --- */

static int *other_find(const StraceParser *parser, int id)
{
    for (int i = 0; i < parser->n_others; i++)
        if (parser->others[i] == id)
            return &parser->others[i];
    return NULL;
}

void thread_ignore(StraceParser *parser, int id)
{
    if (other_find(parser, id) || parser->n_others == STRACE_THREADS)
        return;
    if (parser->n_others == parser->others_cap) {
        parser->others_cap = parser->others_cap ? parser->others_cap * 2 : 8;
        parser->others =
            x_realloc(parser->others, (size_t)parser->others_cap * sizeof *parser->others);
    }
    parser->others[parser->n_others++] = id;
}

static void other_gone(StraceParser *parser, int id)
{
    int *other = other_find(parser, id);
    if (other)
        *other = parser->others[--parser->n_others];
}

/* --- new ones --- */

Thread *thread_add(StraceParser *parser, int id, int process)
{
    if (parser->n_threads == STRACE_THREADS)
        return NULL;
    other_gone(parser, id);
    if (!parser->threads)
        parser->threads = x_calloc(STRACE_THREADS, sizeof *parser->threads);
    Thread *thread = &parser->threads[parser->n_threads++];
    *thread = (Thread){.id = id, .process = process};
    return thread;
}

static bool shares_memory(const Pending *pending)
{
    return memmem(pending->text, pending->len, "CLONE_THREAD", sizeof "CLONE_THREAD" - 1) != NULL;
}

static Thread *child_of(StraceParser *parser, const Thread *parent, bool thread, int id)
{
    int process = parent->process;
    if (!thread)
        trace_fork(parser->trace, process, id);
    return thread_add(parser, id, thread ? process : id);
}

/* --- made, and not heard of yet --- */

static void remember_unclaimed(Call *call, bool thread, uint64_t event)
{
    StraceParser *parser = call->parser;
    if (parser->n_unclaimed == STRACE_THREADS)
        return;
    if (parser->n_unclaimed == parser->unclaimed_cap) {
        parser->unclaimed_cap = parser->unclaimed_cap ? 2 * parser->unclaimed_cap : 8;
        parser->unclaimed =
            x_realloc(parser->unclaimed, (size_t)parser->unclaimed_cap * sizeof *parser->unclaimed);
    }
    Unclaimed one = {.number = (int)call->outcome.result,
                     .thread = thread,
                     .process = call->thread->process,
                     .event = event};
    if (!thread) {
        one.process = -2 - parser->next_nobody++;
        trace_fork(parser->trace, call->thread->process, one.process);
    }
    parser->unclaimed[parser->n_unclaimed++] = one;
}

static Thread *claim(StraceParser *parser, int at, int id)
{
    Unclaimed one = parser->unclaimed[at];
    parser->n_unclaimed--;
    memmove(parser->unclaimed + at, parser->unclaimed + at + 1,
            (size_t)(parser->n_unclaimed - at) * sizeof one);
    Event *event = trace_event(parser->trace, one.event);
    if (event)
        event->result = id;
    if (!one.thread)
        trace_renumber(parser->trace, one.process, id);
    return thread_add(parser, id, one.thread ? one.process : id);
}

/* -1: none. */
static int find_unclaimed(const StraceParser *parser, const StraceOrigin *origin, int id)
{
    for (int i = 0; i < parser->n_unclaimed; i++)
        if (parser->unclaimed[i].number == origin->number &&
            parser->unclaimed[i].thread == (origin->process != id))
            return i;
    return -1;
}

/* A child often gets to its first call before its parent's clone(2) returns.
 * `process`: the parent's; 0: any. */
static Thread *find_cloning(StraceParser *parser, int process)
{
    for (int i = 0; i < parser->n_threads; i++) {
        Thread *parent = &parser->threads[i];
        if (parent->pending.spec && parent->pending.spec->kind == EV_SPAWN &&
            parent->pending.spec->begin && !parent->adopted &&
            (!process || parent->process == process))
            return parent;
    }
    return NULL;
}

/* Whose is a thread that was not heard of before? What proc(5) says of it decides; of one that
 * has gone, the order: its parent has taken note of its end, so its clone(2) has returned. */
static Thread *adopt(StraceParser *parser, int id)
{
    StraceOrigin origin = {0};
    bool known = parser->origin_of && parser->origin_of(id, &origin);
    int at = known ? find_unclaimed(parser, &origin, id) : parser->n_unclaimed ? 0 : -1;
    if (at >= 0)
        return claim(parser, at, id);
    Thread *parent =
        known ? find_cloning(parser, origin.process == id ? origin.parent : origin.process) : NULL;
    if (!parent)
        parent = find_cloning(parser, 0);
    if (parent) {
        parent->adopted = id;
        return child_of(parser, parent, shares_memory(&parent->pending), id);
    }
    const Thread nobody = {.process = parser->process};
    return child_of(parser, &nobody, false, id);
}

Thread *thread_get(StraceParser *parser, int id)
{
    Thread *known = thread_find(parser, id);
    if (known || other_find(parser, id))
        return known;
    return adopt(parser, id);
}

void begin_spawn(Call *call, const CallSpec *spec)
{
    Event event = call_event(call, spec, EV_SPAWN, -1);
    event.flags = slice_find(call->text, SLICE("CLONE_THREAD")).at ? EVF_THREAD : 0;
    call_begin(call, &event);
}

/* The number that the lines of the child begin with; 0: not known. With --decode-pids=pidns:
 * " / * 2404 in strace's PID NS * /" (without the blanks). */
static int tracers_number(const Call *call)
{
    int64_t number = call->outcome.result;
    Slice remark = slice_find(call->outcome.more, SLICE("/* "));
    if (remark.at && slice_find(remark, SLICE(" in strace's PID NS")).at)
        slice_number(slice_from(remark, 3), &number, NULL);
    else if (call->parser->origin_of)
        number = call->thread->adopted;
    return number >= 0 && number <= INT32_MAX ? (int)number : -1;
}

void finish_spawn(Call *call, const CallSpec *spec)
{
    (void)spec;
    bool thread = slice_find(call->text, SLICE("CLONE_THREAD")).at != NULL;
    int child = call_failed(call) ? -1 : tracers_number(call);
    call->thread->adopted = 0;
    Event *event = call_begun(call, 0);
    if (event) {
        call_complete(call, event);
        event->result = child > 0 ? child : -1;
    }
    if (child == 0)
        remember_unclaimed(call, thread, call->first);
    else if (child > 0 && !thread_find(call->parser, child) && !other_find(call->parser, child))
        child_of(call->parser, call->thread, thread, child);
}

void finish_exec(Call *call, const CallSpec *spec)
{
    (void)spec;
    if (!call_failed(call))
        trace_exec(call->trace, call->thread->process, call->end_ns);
}

/* --- the end --- */

static char *unfinished_line(const Pending *pending)
{
    char *text = x_printf("%.*s<unfinished ...>", TRACE_RAW / 2, pending->text);
    char *line = slice_evidence((Slice){text, strlen(text)});
    free(text);
    return line;
}

static void end_pending(StraceParser *parser, const Pending *pending, int64_t when_ns)
{
    for (int i = 0; i < pending->n_events; i++) {
        Event *event = trace_event(parser->trace, pending->first + (unsigned)i);
        if (event && event->flags & EVF_UNFINISHED && event->end_ns < when_ns)
            event->end_ns = when_ns;
        if (event && !event->raw)
            event->raw = unfinished_line(pending);
    }
}

void threads_end(StraceParser *parser)
{
    for (int i = 0; i < parser->n_threads; i++)
        end_pending(parser, &parser->threads[i].pending, parser->now_ns);
}

/* "superseded by execve in pid 12": that thread goes on under the number of
 * its process, and so does its call. */
static bool superseded(StraceParser *parser, Thread *leader, Slice text)
{
    Slice by = slice_find(text, SLICE("in pid "));
    int64_t id;
    if (!slice_starts(text, "superseded ") || !by.at || !slice_number(slice_from(by, 7), &id, NULL))
        return false;
    Thread *other = id > 0 && id <= INT32_MAX ? thread_find(parser, (int)id) : NULL;
    if (other && other != leader) {
        pending_release(&leader->pending);
        leader->pending = other->pending;
        other->pending = (Pending){0};
        thread_remove(parser, other);
    }
    return true;
}

static void process_ended(StraceParser *parser, const Line *line, int process)
{
    Event event = {.kind = EV_EXIT,
                   .thread = line->thread,
                   .process = process,
                   .fd = -1,
                   .start_ns = line->time_ns,
                   .end_ns = line->time_ns,
                   .result = -1,
                   .call = "exit"};
    if (slice_starts(line->text, "exited with "))
        slice_number(slice_from(line->text, 12), &event.result, NULL);
    else if (slice_starts(line->text, "killed by "))
        event.signal = slice_signal(slice_from(line->text, 10));
    event.raw = slice_evidence(line->whole);
    trace_add_take(parser->trace, &event);
    trace_process_end(parser->trace, process, line->time_ns);
}

void thread_exited(StraceParser *parser, const Line *line)
{
    Thread *thread = thread_find(parser, line->thread);
    if (!thread && parser->n_unclaimed && !other_find(parser, line->thread))
        thread = adopt(parser, line->thread); /* its first line is its last */
    if (!thread) {
        other_gone(parser, line->thread);
        return;
    }
    if (superseded(parser, thread, line->text))
        return;
    end_pending(parser, &thread->pending, line->time_ns);
    if (thread->id == thread->process)
        process_ended(parser, line, thread->process);
    thread_remove(parser, thread);
}
