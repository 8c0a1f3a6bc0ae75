#include <stdlib.h>

#include "report/report.h"

enum { MOST = 16 };

/* The latest instant of sending, and the longest time that is drawn after it. */
static void measure(Timeline *joined, const Timeline *const *parts, int n)
{
    int64_t before = 0, after = 0;
    for (int i = 0; i < n; i++) {
        int64_t rest = parts[i]->length_us - parts[i]->data_us;
        before = parts[i]->data_us > before ? parts[i]->data_us : before;
        after = rest > after ? rest : after;
    }
    joined->data_us = before;
    joined->length_us = before + after;
}

/* Labels and names stay the part's. */
static Lane moved_lane(const Lane *lane, int64_t by)
{
    Lane moved = *lane;
    moved.spans = x_calloc((size_t)lane->n_spans, sizeof *moved.spans);
    for (int i = 0; i < lane->n_spans; i++) {
        moved.spans[i] = lane->spans[i];
        moved.spans[i].start_us += by;
        moved.spans[i].end_us += by;
    }
    return moved;
}

static void add_lanes(Timeline *joined, const Timeline *part)
{
    size_t n = (size_t)(joined->n_lanes + part->n_lanes);
    joined->lanes = x_realloc(joined->lanes, n * sizeof *joined->lanes);
    for (int i = 0; i < part->n_lanes; i++)
        joined->lanes[joined->n_lanes++] =
            moved_lane(&part->lanes[i], joined->data_us - part->data_us);
}

void report_timelines(Buf *out, const Timeline *const *parts, int n, const ReportStyle *style)
{
    const Timeline *sent[MOST];
    int n_sent = 0;
    for (int i = 0; i < n; i++)
        if (parts[i]->n_lanes > 0 && parts[i]->data_us >= 0 && !parts[i]->chain && n_sent < MOST)
            sent[n_sent++] = parts[i];
        else
            report_timeline(out, parts[i], style);
    if (n_sent == 0)
        return;
    Timeline joined = {0};
    measure(&joined, sent, n_sent);
    for (int i = 0; i < n_sent; i++)
        add_lanes(&joined, sent[i]);
    report_timeline(out, &joined, style);
    for (int i = 0; i < joined.n_lanes; i++)
        free(joined.lanes[i].spans);
    free(joined.lanes);
}
