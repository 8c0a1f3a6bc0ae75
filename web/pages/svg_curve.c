#include "svg.h"

enum { HEIGHT = 150, TOP = 16, FLOOR = 140, LEFT = 8, WIDTH = 90 };

static double x_of(int i, int n)
{
    return LEFT + (double)WIDTH * i / (n - 1);
}

static double y_of(int halves, int max_halves)
{
    double share = max_halves > 0 ? (double)halves / max_halves : 0;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return FLOOR - share * (FLOOR - TOP);
}

static void grid(Buf *out, int max_halves)
{
    for (int quarter = 0; quarter <= 4; quarter += 2) {
        double y = y_of(quarter, 4);
        buf_printf(out, "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\"/>", y,
                   y);
        if (quarter == 0)
            continue;
        buf_printf(out, "<text class=\"tick\" x=\"0\" y=\"%.1f\">", y - 4);
        html_points(out, max_halves * quarter / 4);
        buf_str(out, "</text>");
    }
}

/* The best of each exercise so far, of the submissions that are shown, added up: `each` is brought
 * up to this row. */
static int best_with(int each[PAGES_EXERCISES_MOST], const HistoryRow *row, int n_exercises)
{
    int sum = 0;
    for (int k = 0; k < n_exercises && k < PAGES_EXERCISES_MOST; k++) {
        each[k] = row->cells[k] > each[k] ? row->cells[k] : each[k];
        sum += each[k];
    }
    return sum;
}

/* It goes in steps; the inner drawing is stretched, its strokes are not. */
static void best_line(Buf *out, const HistoryRow *history, int n, int n_exercises, int max_halves)
{
    int each[PAGES_EXERCISES_MOST] = {0}, best = best_with(each, &history[n - 1], n_exercises);
    buf_printf(out,
               "<svg viewBox=\"0 0 100 %d\" preserveAspectRatio=\"none\" width=\"100%%\" "
               "height=\"%d\"><path class=\"best\" vector-effect=\"non-scaling-stroke\" "
               "d=\"M%.2f %.1f",
               HEIGHT, HEIGHT, x_of(0, n), y_of(best, max_halves));
    for (int i = 1; i < n; i++) {
        int halves = best_with(each, &history[n - 1 - i], n_exercises);
        buf_printf(out, "H%.2f", x_of(i, n));
        if (halves > best) {
            best = halves;
            buf_printf(out, "V%.1f", y_of(best, max_halves));
        }
    }
    buf_str(out, "\"/></svg>");
}

static void dots(Buf *out, const HistoryRow *history, int n, int max_halves)
{
    for (int i = 0; i < n; i++) {
        const HistoryRow *row = &history[n - 1 - i];
        buf_printf(out, "<circle class=\"dot\" cx=\"%.2f%%\" cy=\"%.1f\" r=\"%s\"><title>",
                   x_of(i, n), y_of(row->halves, max_halves), n > 60 ? "2.5" : "4");
        html_add(out, "%p points</title></circle>", row->halves);
    }
}

static int best_of(const HistoryRow *history, int n, int n_exercises)
{
    int each[PAGES_EXERCISES_MOST] = {0}, best = 0;
    for (int i = 0; i < n; i++)
        best = best_with(each, &history[i], n_exercises);
    return best;
}

void svg_curve(Buf *out, const HistoryRow *history, int n, int n_exercises, int max_halves)
{
    if (n < 2)
        return;
    html_add(out,
             "<figure class=\"curve\"><svg role=\"img\" width=\"100%%\" height=\"%d\" "
             "aria-label=\"Points over %d submissions, from %p at first to %p now; the best is "
             "%p of %p\">",
             (int)HEIGHT, n, history[n - 1].halves, history[0].halves,
             best_of(history, n, n_exercises), max_halves);
    grid(out, max_halves);
    best_line(out, history, n, n_exercises, max_halves);
    dots(out, history, n, max_halves);
    buf_str(out, "</svg><figcaption>");
    html_time(out, history[n - 1].at_s);
    buf_str(out, "<span><span class=\"key-dot\"></span> a submission "
                 "<span class=\"key-line\"></span> the best of each exercise so far</span>");
    html_time(out, history[0].at_s);
    buf_str(out, "</figcaption></figure>\n");
}
