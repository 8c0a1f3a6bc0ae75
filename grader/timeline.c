/*
 * The lesson's picture from the student's own run: what the thread that reads
 * the connection did between the first accept and the data.
 */
#include "grade_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "result_timeline.h"

/* Finer than any picture is drawn: what is closer together than that is one. */
enum { CELLS = 500, SPANS_MOST = 4 * CELLS };

typedef struct Drawing {
    Lane *lane;
    int64_t begin_ns, end_ns;
} Drawing;

static int64_t at_us(const Drawing *drawing, int64_t when)
{
    if (when < drawing->begin_ns)
        when = drawing->begin_ns;
    if (when > drawing->end_ns)
        when = drawing->end_ns;
    return (when - drawing->begin_ns) / NS_PER_US;
}

/* A busy program makes thousands of instants and short sleeps in every cell: one of
 * each kind will do. */
static bool drawn_already(const Drawing *drawing, SpanKind kind, int64_t start_us, int64_t end_us)
{
    int64_t cell_us = (drawing->end_ns - drawing->begin_ns) / NS_PER_US / CELLS;
    const Lane *lane = drawing->lane;
    for (int i = lane->n_spans - 1; i >= 0 && i >= lane->n_spans - 4; i--)
        if (lane->spans[i].kind == kind && end_us - start_us < cell_us)
            return start_us - lane->spans[i].start_us < cell_us;
    return false;
}

static void add_span(Drawing *drawing, SpanKind kind, int64_t start_ns, int64_t end_ns)
{
    Lane *lane = drawing->lane;
    if (lane->n_spans == SPANS_MOST || end_ns < drawing->begin_ns || start_ns > drawing->end_ns)
        return;
    int64_t start_us = at_us(drawing, start_ns), end_us = at_us(drawing, end_ns);
    if (kind != SPAN_DATA && drawn_already(drawing, kind, start_us, end_us))
        return;
    lane->spans = x_realloc(lane->spans, (size_t)(lane->n_spans + 1) * sizeof *lane->spans);
    lane->spans[lane->n_spans++] = (Span){kind, start_us, end_us, NULL};
}

/* A read that held the thread this long was blocked in the kernel. */
#define BLOCKED_NS NS_PER_MS

static void draw_read(Drawing *drawing, const Event *event)
{
    if (event_would_block(event)) {
        add_span(drawing, SPAN_WOULD, event->start_ns, event->start_ns);
        return;
    }
    if (event->end_ns - event->start_ns > BLOCKED_NS)
        add_span(drawing, SPAN_BLOCK, event->start_ns, event->end_ns);
    if (event->result > 0)
        add_span(drawing, SPAN_DATA, event->end_ns, event->end_ns);
}

/* Between head and tail of a trace too long to be kept, what was going on before went on. */
static void draw_elided(Drawing *drawing, int64_t from_ns, int64_t to_ns)
{
    int64_t step = (drawing->end_ns - drawing->begin_ns) / CELLS + 1;
    for (int64_t when = from_ns; when < to_ns; when += step)
        add_span(drawing, SPAN_WOULD, when, when);
}

static void draw_events(Drawing *drawing, const Trace *trace, unsigned conn)
{
    const Event *last = NULL;
    for (size_t i = 0; i < trace_len(trace); i++) {
        const Event *event = trace_at(trace, i);
        if (i == trace_gap(trace) && last)
            draw_elided(drawing, last->start_ns, event->start_ns);
        if (event->kind == EV_READ && event->object == conn)
            last = event_would_block(event) ? event : NULL;
        if (event->kind == EV_READ && event->object == conn)
            draw_read(drawing, event);
        else if (event->kind == EV_WAIT || event->kind == EV_SLEEP)
            add_span(drawing, SPAN_ASLEEP, event->start_ns, event->end_ns);
    }
}

/* The picture ends a little behind the data, so that what it led to is seen. */
#define AFTERMATH_NS (30 * NS_PER_MS)

static int64_t picture_end(const Observation *run, unsigned conn, int64_t sent_ns)
{
    int64_t end = sent_ns;
    const Event *event;
    for (size_t from = 0; (event = trace_next(run->trace, &from, EV_READ, conn));)
        if (event->result > 0 && event->end_ns > end)
            end = event->end_ns;
    return end + AFTERMATH_NS;
}

/* How far the picture of one run goes. */
static int64_t length_of(const Lane *lane, int64_t sent_us)
{
    int64_t end = lane->n_spans ? lane->spans[lane->n_spans - 1].end_us : 0;
    int64_t length = end + AFTERMATH_NS / NS_PER_US;
    return length > sent_us ? length : sent_us;
}

void timeline_add(Timeline *timeline, LaneOf of, const char *name, const Observation *run,
                  const CpuFigures *cpu)
{
    unsigned conn = run->trace ? trace_connection(run->trace, 1) : 0;
    const PeerStep *sent = observation_step(run, "send", 1);
    if (!conn || !sent)
        return;
    int64_t begin =
        run->n_watches ? run->watches[0].start_ns : trace_object(run->trace, conn)->opened_ns;
    Lane lane = {.of = of,
                 .name = (char *)(uintptr_t)name,
                 .cpu_us_per_s = cpu->idle_cpu_us_per_s,
                 .wakeups_per_s = cpu->idle_wakeups_per_s,
                 .reaction_us = cpu->reaction_us};
    Drawing drawing = {&lane, begin, picture_end(run, conn, sent->start_ns)};
    draw_events(&drawing, run->trace, conn);
    int64_t sent_us = at_us(&drawing, sent->start_ns);
    Timeline part = {
        .length_us = length_of(&lane, sent_us), .data_us = sent_us, .lanes = &lane, .n_lanes = 1};
    timeline_join(timeline, &part, of);
    free(lane.spans);
}
