#include "svg.h"

enum { HEIGHT = 170, TOP = 22, FLOOR = 145 };

static void bar(Buf *out, const Bars *bars, int i, int most)
{
    double slot = 100.0 / bars->n, left = slot * i, middle = left + slot / 2;
    double high = most > 0 ? (double)bars->counts[i] / most * (FLOOR - TOP) : 0;
    if (bars->counts[i] > 0)
        buf_printf(out,
                   "<rect class=\"column%s\" x=\"%.2f%%\" y=\"%.1f\" width=\"%.2f%%\" "
                   "height=\"%.1f\" rx=\"2\"/>"
                   "<text class=\"value\" x=\"%.2f%%\" y=\"%.1f\">%d</text>",
                   bars->own == i ? " own" : "", left + slot * 0.1, FLOOR - high, slot * 0.8, high,
                   middle, FLOOR - high - 5, bars->counts[i]);
    buf_printf(out, "<text class=\"label%s\" x=\"%.2f%%\" y=\"%d\">", bars->own == i ? " own" : "",
               middle, FLOOR + 18);
    html_text(out, bars->labels[i]);
    buf_str(out, "</text>");
}

static void in_words(Buf *out, const Bars *bars)
{
    html_text(out, bars->says);
    for (int i = 0; i < bars->n; i++)
        if (bars->counts[i] > 0)
            html_add(out, "; %t: %d", bars->labels[i], bars->counts[i]);
}

void svg_bars(Buf *out, const Bars *bars)
{
    if (bars->n < 1)
        return;
    int most = 0;
    for (int i = 0; i < bars->n; i++)
        most = bars->counts[i] > most ? bars->counts[i] : most;
    html_add(out, "<svg class=\"bars\" role=\"img\" width=\"100%%\" height=\"%d\" aria-label=\"",
             (int)HEIGHT);
    in_words(out, bars);
    buf_printf(out, "\"><line class=\"axis\" x1=\"0\" x2=\"100%%\" y1=\"%d.5\" y2=\"%d.5\"/>",
               FLOOR, FLOOR);
    for (int i = 0; i < bars->n; i++)
        bar(out, bars, i, most);
    buf_str(out, "</svg>\n");
}
