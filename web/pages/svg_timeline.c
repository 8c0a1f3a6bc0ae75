/* Lanes are drawn 10,000 units wide and stretched; strokes are not, so that a dot of
 * no length stays round at every width. */
#include "svg.h"

enum { UNITS = 10000, HEIGHT = 26, MIDDLE = 12, FLOOR = 19, TICKS_MOST = 7, FINE = 5 };

static const struct {
    const char *class_name;
    int y;
    bool instant;
} looks[] = {
    [SPAN_RUN] = {"run", MIDDLE, false},      [SPAN_BLOCK] = {"block", MIDDLE, false},
    [SPAN_WOULD] = {"would", MIDDLE, true},   [SPAN_DATA] = {"data", MIDDLE, true},
    [SPAN_ASLEEP] = {"asleep", FLOOR, false}, [SPAN_MARK] = {"mark", MIDDLE, true},
};

static int64_t within(const Timeline *timeline, int64_t us)
{
    return us < 0 ? 0 : us > timeline->length_us ? timeline->length_us : us;
}

static int x_of(const Timeline *timeline, int64_t us)
{
    return (int)((double)within(timeline, us) / (double)timeline->length_us * UNITS);
}

/* All spans of one kind as one path; instants closer than a unit are one. */
static void spans_path(Buf *out, const Timeline *timeline, const Lane *lane, SpanKind kind)
{
    int last = -1;
    Buf path;
    buf_init(&path, 1 << 18);
    for (int i = 0; i < lane->n_spans; i++) {
        const Span *span = &lane->spans[i];
        int from = x_of(timeline, span->start_us), to = x_of(timeline, span->end_us);
        if (span->kind != kind || (looks[kind].instant && from == last))
            continue;
        buf_printf(&path, "M%d %dh%d", from, looks[kind].y, looks[kind].instant ? 0 : to - from);
        last = from;
    }
    if (path.len > 0)
        html_add(out, "<path class=\"%s\" vector-effect=\"non-scaling-stroke\" d=\"%s\"/>",
                 looks[kind].class_name, path.data);
    if (path.len > 0 && kind == SPAN_WOULD)
        html_add(out, "<path class=\"hole\" vector-effect=\"non-scaling-stroke\" d=\"%s\"/>",
                 path.data);
    buf_release(&path);
}

/* --- the axis --- */

static int64_t tick_step(int64_t length_us)
{
    int64_t step = 1;
    while (length_us / step > TICKS_MOST) {
        if (length_us / (2 * step) <= TICKS_MOST)
            return 2 * step;
        if (length_us / (5 * step) <= TICKS_MOST)
            return 5 * step;
        step *= 10;
    }
    return step;
}

static void tick(Buf *out, const Timeline *timeline, int64_t us, bool fine)
{
    double at = 100.0 * (double)us / (double)timeline->length_us;
    buf_printf(out,
               "<line class=\"tick%s\" x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"14\" y2=\"20\"/>"
               "<text class=\"tick%s\" x=\"%.3f%%\" y=\"11\">",
               fine ? " fine" : "", at, at, fine ? " fine" : "", at);
    if (us % 1000 == 0)
        html_add(out, "%D%s</text>", us / 1000, us == 0 ? " ms" : "");
    else
        buf_printf(out, "%.3g</text>", (double)us / 1e3);
}

static void axis(Buf *out, const Timeline *timeline)
{
    int64_t step = tick_step(timeline->length_us), fine = step / FINE;
    buf_str(out, "<svg class=\"axis\" width=\"100%\" height=\"20\" aria-hidden=\"true\">");
    for (int64_t us = 0; us < timeline->length_us - step / 4; us += step)
        tick(out, timeline, us, false);
    for (int64_t us = fine; fine > 0 && us < timeline->length_us; us += fine)
        if (us % step != 0)
            tick(out, timeline, us, true);
    buf_str(out, "</svg>\n");
}

/* --- lanes --- */

static void in_words(Buf *out, const Timeline *timeline, const Lane *lane)
{
    int64_t asleep = 0, blocked = 0;
    int would = 0, data = 0;
    for (int i = 0; i < lane->n_spans; i++) {
        const Span *span = &lane->spans[i];
        int64_t length = within(timeline, span->end_us) - within(timeline, span->start_us);
        asleep += span->kind == SPAN_ASLEEP ? length : 0;
        blocked += span->kind == SPAN_BLOCK ? length : 0;
        would += span->kind == SPAN_WOULD;
        data += span->kind == SPAN_DATA;
    }
    html_add(out,
             "%t, over %D ms: asleep %D ms, blocked %D ms, %d reads that would block, data "
             "or an event %d time%s",
             lane->name, timeline->length_us / 1000, asleep / 1000, blocked / 1000, would, data,
             html_plural(data));
}

static void lane_svg(Buf *out, const Timeline *timeline, const Lane *lane)
{
    static const SpanKind order[] = {SPAN_RUN,  SPAN_ASLEEP, SPAN_BLOCK,
                                     SPAN_MARK, SPAN_WOULD,  SPAN_DATA};
    html_add(out,
             "<p class=\"lane%s\">%t</p><svg class=\"lane\" role=\"img\" width=\"100%%\" "
             "height=\"%d\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" "
             "aria-label=\"",
             lane->of == LANE_OWN ? " own" : "", lane->name, (int)HEIGHT, (int)UNITS, (int)HEIGHT);
    in_words(out, timeline, lane);
    buf_str(out, "\">");
    if (timeline->data_us >= 0)
        html_add(out, "<path class=\"sent\" vector-effect=\"non-scaling-stroke\" d=\"M%d 0V%d\"/>",
                 x_of(timeline, timeline->data_us), (int)HEIGHT);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        spans_path(out, timeline, lane, order[i]);
    buf_str(out, "</svg>\n");
}

/* Radio buttons widen the drawing by style.css alone. */
static void zoom(Buf *out, int id)
{
    static const char *const names[] = {"1×", "4×", "16×"};
    for (int i = 0; i < 3; i++)
        html_add(out,
                 "<input type=\"radio\" name=\"zoom%d\" id=\"zoom%d-%d\"%s>"
                 "<label for=\"zoom%d-%d\"><span class=\"unseen\">Zoom </span>%s</label>",
                 id, id, i, i == 0 ? " checked" : "", id, i, names[i]);
}

static void key(Buf *out, const Timeline *timeline)
{
    static const struct {
        const char *class_name, *says;
    } entries[] = {{"data", "data or an event"},
                   {"would", "would block"},
                   {"asleep", "asleep"},
                   {"block", "blocked"}};
    buf_str(out, "<figcaption class=\"key\">");
    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++)
        html_add(out,
                 "<span><svg width=\"14\" height=\"26\" viewBox=\"0 0 14 26\" "
                 "aria-hidden=\"true\"><path class=\"%s\" d=\"M%s\"/>%s</svg>%s</span>",
                 entries[i].class_name,
                 i < 2    ? "7 12h0"
                 : i == 2 ? "0 19h14"
                          : "1 12h12",
                 i == 1 ? "<path class=\"hole\" d=\"M7 12h0\"/>" : "", entries[i].says);
    if (timeline->data_us >= 0)
        buf_str(out, "<span><svg width=\"14\" height=\"26\" viewBox=\"0 0 14 26\" "
                     "aria-hidden=\"true\"><path class=\"sent\" d=\"M7 0v26\"/></svg>the peer "
                     "sends</span>");
    buf_str(out, "</figcaption>");
}

void svg_timeline(Buf *out, const Timeline *timeline, int id)
{
    if (timeline->length_us <= 0)
        return;
    buf_str(out, "<figure class=\"timeline\">");
    zoom(out, id);
    html_add(out,
             "<div class=\"scroll lanes\" tabindex=\"0\" role=\"region\" "
             "aria-label=\"Timeline %d\"><div class=\"stretch\">\n",
             id + 1);
    axis(out, timeline);
    for (int i = 0; i < timeline->n_lanes; i++)
        lane_svg(out, timeline, &timeline->lanes[i]);
    buf_str(out, "</div></div>");
    key(out, timeline);
    buf_str(out, "</figure>\n");
}
