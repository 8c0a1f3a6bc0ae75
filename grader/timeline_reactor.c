#include "timeline_reactor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

enum { LANE_SPANS_MOST = 2000, LABEL_MOST = 24 };

typedef enum LaneKind { KERNEL, REACTOR, EXECUTOR, LANES } LaneKind;

typedef struct Drawing {
    const Trace *trace;
    Lane lanes[LANES];
    int64_t begin_ns, end_ns;
} Drawing;

static int64_t at_us(const Drawing *d, int64_t when)
{
    if (when < d->begin_ns)
        when = d->begin_ns;
    return (when < d->end_ns ? when - d->begin_ns : d->end_ns - d->begin_ns) / NS_PER_US;
}

/* `label` is taken over. */
static void add_span(Drawing *d, LaneKind kind, SpanKind span, int64_t from, int64_t to,
                     char *label)
{
    Lane *lane = &d->lanes[kind];
    if (lane->n_spans == LANE_SPANS_MOST || to < d->begin_ns || from > d->end_ns) {
        free(label);
        return;
    }
    lane->spans = x_realloc(lane->spans, (size_t)(lane->n_spans + 1) * sizeof *lane->spans);
    lane->spans[lane->n_spans++] = (Span){span, at_us(d, from), at_us(d, to), label};
}

static void add_instant(Drawing *d, LaneKind kind, SpanKind span, int64_t when, const char *word,
                        int task)
{
    add_span(d, kind, span, when, when, x_printf("%s %d", word, task));
}

/* The task of a connection; 0: it is none. */
static int task_of(const Drawing *d, unsigned object)
{
    const Object *known = trace_object(d->trace, object);
    return known && known->kind == OBJECT_CONNECTION ? known->ordinal : 0;
}

static bool begins_with(const Event *mark, const char *word)
{
    size_t len = strlen(word);
    return mark->data_len > len && memcmp(mark->data, word, len) == 0;
}

/* Marks are the program's own words: those that belong to the chain are shown. */
static void draw_mark(Drawing *d, const Event *event)
{
    static const struct {
        const char *word;
        LaneKind lane;
    } marks[] = {
        {"wake ", REACTOR}, {"poll ", EXECUTOR}, {"pending ", EXECUTOR}, {"ready ", EXECUTOR}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (!begins_with(event, marks[i].word) || event->data_len > LABEL_MOST)
            continue;
        Buf label;
        buf_init(&label, 100);
        text_quote(&label, event->data, event->data_len, LABEL_MOST);
        add_span(d, marks[i].lane, SPAN_MARK, event->start_ns, event->start_ns, buf_take(&label));
    }
}

/* The last mark of this thread before the call that speaks of this task says whose it is: behind
 * "poll K" the future's, behind another, or none, somebody else's. */
static bool in_its_poll(const Drawing *d, const Event *event, int task)
{
    char poll[24], pending[24], ready[24];
    bool inside = false;
    size_t from = 0;
    const Event *mark;
    snprintf(poll, sizeof poll, "poll %d", task);
    snprintf(pending, sizeof pending, "pending %d", task);
    snprintf(ready, sizeof ready, "ready %d", task);
    while ((mark = trace_next(d->trace, &from, EV_MARK, 0)) && mark->number < event->number) {
        if (mark->thread != event->thread || !mark->data)
            continue;
        if (strcmp(mark->data, poll) == 0)
            inside = true;
        else if (strcmp(mark->data, pending) == 0 || strcmp(mark->data, ready) == 0)
            inside = false;
    }
    return inside;
}

static void draw_read(Drawing *d, const Event *event, int task)
{
    LaneKind lane = in_its_poll(d, event, task) ? EXECUTOR : REACTOR;
    if (event_would_block(event))
        add_instant(d, lane, SPAN_WOULD, event->start_ns, "read", task);
    else if (event->result >= 0)
        add_instant(d, lane, SPAN_DATA, event->end_ns, "read", task);
}

static void draw_wake(Drawing *d, const Event *event)
{
    for (int task = 1; trace_connection(d->trace, task); task++)
        if (trace_wake_matches(d->trace, event, trace_connection(d->trace, task)))
            add_instant(d, KERNEL, SPAN_DATA, event->end_ns, "readable", task);
}

static void draw_event(Drawing *d, const Event *event)
{
    int task = task_of(d, event->object);
    if (event->kind == EV_MARK)
        draw_mark(d, event);
    else if (event->kind == EV_WAIT)
        add_span(d, REACTOR, SPAN_ASLEEP, event->start_ns, event->end_ns,
                 x_strdup(event->flags & EVF_UNFINISHED ? "wait, to the end"
                          : event->error == EINTR       ? "wait, interrupted"
                                                        : "wait"));
    else if (event->kind == EV_WAKE)
        draw_wake(d, event);
    else if (event->kind == EV_READ && task)
        draw_read(d, event, task);
    else if (event->kind == EV_WATCH && task && event->result >= 0)
        add_instant(d, REACTOR, SPAN_MARK, event->start_ns,
                    event->flags & EVF_REMOVE ? "forget" : "register", task);
    else if (event->kind == EV_CLOSE && task)
        add_instant(d, EXECUTOR, SPAN_MARK, event->start_ns, "close", task);
}

/* To be shown: what is done to a connection, and a wait that nothing ended, or a signal. */
static bool matters(const Drawing *d, const Event *event)
{
    return event->kind == EV_MARK || task_of(d, event->object) ||
           (event->kind == EV_WAIT && (event->flags & EVF_UNFINISHED || event->error == EINTR));
}

/* From the first mark to the last thing that matters. */
static bool find_window(Drawing *d)
{
    size_t from = 0;
    const Event *first = trace_next(d->trace, &from, EV_MARK, 0);
    if (!first)
        return false;
    d->begin_ns = d->end_ns = first->start_ns;
    for (size_t i = from; i < trace_len(d->trace); i++) {
        const Event *event = trace_at(d->trace, i);
        if (matters(d, event) && event->end_ns > d->end_ns)
            d->end_ns = event->end_ns;
    }
    return true;
}

static void append_lanes(const Drawing *d, LaneOf of, const char *what, Timeline *timeline)
{
    static const char *const names[LANES] = {"kernel", "reactor", "executor"};
    timeline->lanes =
        x_realloc(timeline->lanes, (size_t)(timeline->n_lanes + LANES) * sizeof *timeline->lanes);
    for (int i = 0; i < LANES; i++) {
        Lane *lane = &timeline->lanes[timeline->n_lanes++];
        *lane = d->lanes[i];
        lane->of = of;
        lane->name = what ? x_printf("%s, %s", names[i], what) : x_strdup(names[i]);
        lane->cpu_us_per_s = lane->wakeups_per_s = lane->reaction_us = -1;
    }
}

void timeline_reactor_draw(const Observation *run, LaneOf of, const char *what, Timeline *timeline)
{
    Drawing d = {.trace = run->trace};
    if (!run->trace || !find_window(&d))
        return;
    for (size_t i = 0; i < trace_len(run->trace); i++)
        draw_event(&d, trace_at(run->trace, i));
    const PeerStep *sent = observation_step(run, "send", 1);
    timeline->chain = true;
    if (timeline->n_lanes == 0)
        timeline->data_us = sent ? at_us(&d, sent->start_ns) : -1;
    append_lanes(&d, of, what, timeline);
    int64_t length = (d.end_ns - d.begin_ns) / NS_PER_US;
    if (length > timeline->length_us)
        timeline->length_us = length;
}
