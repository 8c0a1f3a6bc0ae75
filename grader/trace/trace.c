#include "trace/trace_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/budget.h"
#include "base/buf.h"

static Budget budget = {.most = TRACE_BUDGET};

Trace *trace_new(unsigned blind)
{
    Trace *trace = x_calloc(1, sizeof *trace);
    trace->blind = blind;
    trace_watches_init(trace);
    return trace;
}

static void event_release(Event *event)
{
    free(event->data);
    free(event->raw);
    free(event->stack);
}

void trace_free(Trace *trace)
{
    if (!trace)
        return;
    for (size_t i = 0; i < trace->head_len; i++)
        event_release(&trace->head[i]);
    for (size_t i = 0; i < trace->tail_len; i++)
        event_release(&trace->tail[i]);
    for (int i = 0; i < trace->n_strings; i++)
        free(trace->strings[i]);
    for (int i = 0; i < trace->n_kept; i++)
        event_release(&trace->kept[i]);
    budget_hold(&budget, &trace->held, 0);
    trace_names_release(trace);
    free(trace->kept);
    free(trace->head);
    free(trace->tail);
    free(trace->watches);
    free(trace->strings);
    free(trace);
}

/* --- what is kept --- */

static void hold(Trace *trace)
{
    budget_hold(&budget, &trace->held, trace->data_bytes + trace->text_bytes + trace->table_bytes);
}

bool trace_may_grow(Trace *trace, size_t from, size_t to, size_t size)
{
    if (to > TRACE_LEAST && !budget_has(&budget, (to - from) * size))
        return false;
    trace->table_bytes += (to - from) * size;
    hold(trace);
    return true;
}

/* One more at the end of these; NULL if there is no room. */
static Event *grow(Trace *trace, Event **events, size_t *len, size_t *cap, size_t most)
{
    if (*len == *cap) {
        size_t more = *cap ? *cap * 2 : 64;
        if (more > most)
            more = most;
        if (more == *cap || !trace_may_grow(trace, *cap, more, sizeof **events))
            return NULL;
        *cap = more;
        *events = x_realloc(*events, *cap * sizeof **events);
    }
    return &(*events)[(*len)++];
}

static void take_off(size_t *bytes, size_t less)
{
    *bytes -= less < *bytes ? less : *bytes;
}

/* The oldest of the tail makes room. */
static Event *reuse_slot(Trace *trace)
{
    Event *oldest = &trace->tail[trace->tail_first];
    trace->tail_first = (trace->tail_first + 1) % trace->tail_len;
    take_off(&trace->data_bytes, oldest->data_len);
    take_off(&trace->text_bytes, oldest->raw ? strlen(oldest->raw) : 0);
    if (!trace_witness_keep(trace, oldest))
        event_release(oldest);
    return oldest;
}

static Event *next_slot(Trace *trace)
{
    Event *slot = NULL;
    if (!trace->head_full)
        slot = grow(trace, &trace->head, &trace->head_len, &trace->head_cap, TRACE_HEAD);
    trace->head_full = !slot;
    if (!slot && !trace->tail_full)
        slot = grow(trace, &trace->tail, &trace->tail_len, &trace->tail_cap, TRACE_TAIL);
    trace->tail_full = !slot;
    return slot ? slot : reuse_slot(trace);
}

/* --- for backends --- */

Event *trace_add_take(Trace *trace, const Event *event)
{
    Event *slot = next_slot(trace);
    *slot = *event;
    if (slot->start_ns < trace->last_start_ns)
        slot->start_ns = trace->last_start_ns;
    if (slot->end_ns < slot->start_ns)
        slot->end_ns = slot->start_ns;
    trace->last_start_ns = slot->start_ns;
    slot->number = trace->total;
    trace_witness_begin(trace, slot);
    trace->total++;
    if (slot->kind < EV_KINDS)
        trace->counts[slot->kind]++;
    if (!(slot->flags & EVF_UNFINISHED))
        trace_settle(trace, slot);
    return slot;
}

uint64_t trace_total(const Trace *trace)
{
    return trace->total;
}

Event *trace_event(Trace *trace, uint64_t number)
{
    if (number >= trace->total)
        return NULL;
    if (number < trace->head_len)
        return &trace->head[number];
    uint64_t dropped = trace_elided(trace);
    if (number < trace->head_len + dropped)
        return trace_witness_kept(trace, number);
    size_t i = (size_t)(number - trace->head_len - dropped);
    return &trace->tail[(trace->tail_first + i) % trace->tail_len];
}

static void cut_data(Event *event)
{
    event->data = x_realloc(event->data, TRACE_DATA_CUT + 1);
    event->data[TRACE_DATA_CUT] = 0;
    event->data_len = TRACE_DATA_CUT;
}

/* Never within a character. */
static void cut_raw(Event *event)
{
    size_t len = TRACE_RAW_CUT - 4;
    while (len && ((unsigned char)event->raw[len] & 0xc0) == 0x80)
        len--;
    memcpy(event->raw + len, "...", 4);
    event->raw = x_realloc(event->raw, len + 4);
}

/* Thousands of long writes would be tens of MB, and many runs are kept at once. */
static void bound_texts(Trace *trace, Event *event)
{
    size_t raw = event->raw ? strlen(event->raw) : 0;
    bool tight = !budget_has(&budget, event->data_len + raw);
    bool most = tight || trace->data_bytes + event->data_len > TRACE_DATA;
    if (most && event->data && event->data_len > TRACE_DATA_CUT)
        cut_data(event);
    if (tight && raw >= TRACE_RAW_CUT)
        cut_raw(event);
    trace->data_bytes += event->data_len;
    trace->text_bytes += event->raw ? strlen(event->raw) : 0;
    hold(trace);
}

void trace_settle(Trace *trace, Event *event)
{
    trace_witness_end(trace, event);
    bound_texts(trace, event);
    if (event->end_ns < event->start_ns)
        event->end_ns = event->start_ns;
    if (event->kind != EV_READ || !event_would_block(event))
        return;
    const Object *object = trace_object(trace, event->object);
    if (object && object->kind == OBJECT_CONNECTION)
        trace->would_block++;
}

/* The few strings that there are (files of one folder) need no index. */
const char *trace_intern(Trace *trace, const char *text)
{
    size_t len = strnlen(text, TRACE_STRING);
    for (int i = 0; i < trace->n_strings; i++)
        if (strncmp(trace->strings[i], text, len) == 0 && trace->strings[i][len] == 0)
            return trace->strings[i];
    if (trace->n_strings == TRACE_STRINGS ||
        !trace_may_grow(trace, (size_t)trace->n_strings, (size_t)trace->n_strings + 1, len + 1))
        return "?";
    if (!trace->strings)
        trace->strings = x_calloc(TRACE_STRINGS, sizeof *trace->strings);
    return trace->strings[trace->n_strings++] = x_strndup(text, len);
}

/* --- questions --- */

const Event *trace_at(const Trace *trace, size_t i)
{
    if (i < trace->head_len)
        return &trace->head[i];
    i -= trace->head_len;
    if (i >= trace->tail_len)
        return NULL;
    return &trace->tail[(trace->tail_first + i) % trace->tail_len];
}

size_t trace_len(const Trace *trace)
{
    return trace->head_len + trace->tail_len;
}

size_t trace_elided(const Trace *trace)
{
    return (size_t)(trace->total - trace->head_len - trace->tail_len);
}

size_t trace_gap(const Trace *trace)
{
    return trace_elided(trace) ? trace->head_len : trace_len(trace);
}

unsigned trace_blind(const Trace *trace)
{
    return trace->blind;
}

uint64_t trace_count(const Trace *trace, EventKind kind)
{
    return kind < EV_KINDS ? trace->counts[kind] : 0;
}

uint64_t trace_count_would_block(const Trace *trace)
{
    return trace->would_block;
}

const Event *trace_next(const Trace *trace, size_t *from, EventKind kind, unsigned object)
{
    const Event *event;
    while ((event = trace_at(trace, *from))) {
        ++*from;
        if (event->kind == kind && (!object || event->object == object))
            return event;
    }
    return NULL;
}

bool event_for_writing_only(const Event *event)
{
    return (event->flags & EVF_WRITABLE) && !(event->flags & EVF_FOR_READING);
}

bool event_would_block(const Event *event)
{
    bool moves = event->kind == EV_READ || event->kind == EV_WRITE || event->kind == EV_ACCEPT;
    return moves && event->result < 0 && (event->error == EAGAIN || event->error == EWOULDBLOCK);
}

const char *event_kind_name(EventKind kind)
{
    static const char *const names[EV_KINDS] = {
        [EV_SOCKET] = "socket",     [EV_LISTEN] = "listen", [EV_ACCEPT] = "accept",
        [EV_NONBLOCK] = "nonblock", [EV_READ] = "read",     [EV_WRITE] = "write",
        [EV_QUEUE] = "queue",       [EV_WATCH] = "watch",   [EV_WAIT] = "wait",
        [EV_WAKE] = "wake",         [EV_SLEEP] = "sleep",   [EV_SHUTDOWN] = "shutdown",
        [EV_CLOSE] = "close",       [EV_DUP] = "dup",       [EV_SPAWN] = "spawn",
        [EV_MARK] = "mark",         [EV_SIGNAL] = "signal", [EV_EXIT] = "exit"};
    return kind < EV_KINDS ? names[kind] : "?";
}
