/* Exercise 4 from the top down: what happened, in which of the three parts, and what
 * it handed on. Not to scale: between two long sleeps much happens in no time. */
#include "svg.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
    COLUMNS = 3,
    ROWS_MOST = 60,
    ROW = 22,
    HEAD = 30,
    WIDTH = 380, /* what a phone shows of it without scrolling: nearly all */
    LETTER = 7,  /* of the monospaced 12 px, about */
    LETTERS_MOST = 20,
    GLYPH = 14
};
static const int column_x[COLUMNS] = {54, 170, 292};

typedef struct Row {
    const Span *span;
    int column;
} Row;

static int in_order(const void *a, const void *b)
{
    const Row *x = a, *y = b;
    if (x->span->start_us != y->span->start_us)
        return x->span->start_us < y->span->start_us ? -1 : 1;
    return x->column - y->column;
}

static int collect(const Lane *lanes, Row **rows)
{
    int n = 0, total = lanes[0].n_spans + lanes[1].n_spans + lanes[2].n_spans;
    *rows = x_calloc((size_t)total + 1, sizeof **rows);
    for (int column = 0; column < COLUMNS; column++)
        for (int i = 0; i < lanes[column].n_spans; i++)
            (*rows)[n++] = (Row){&lanes[column].spans[i], column};
    qsort(*rows, (size_t)n, sizeof **rows, in_order);
    return n;
}

/* Bytes of the first `most` characters; `shown` gets how many there are. */
static size_t cut(const char *text, int most, int *shown)
{
    size_t len = strlen(text), at = 0;
    for (*shown = 0; at < len && *shown < most; (*shown)++) {
        size_t step = text_utf8(text + at, len - at);
        at += step ? step : 1;
    }
    return at;
}

static void glyph(Buf *out, SpanKind kind, int x, int y)
{
    switch (kind) {
    case SPAN_WOULD:
    case SPAN_DATA:
        buf_printf(out, "<circle class=\"%s\" cx=\"%d\" cy=\"%d\" r=\"4\"/>",
                   kind == SPAN_DATA ? "data" : "would", x + 5, y - 4);
        break;
    case SPAN_ASLEEP:
        buf_printf(out, "<path class=\"asleep\" d=\"M%d %dh10\"/>", x, y);
        break;
    case SPAN_BLOCK:
        buf_printf(out, "<path class=\"block\" d=\"M%d %dh10\"/>", x, y - 4);
        break;
    default:
        break;
    }
}

static void arrow(Buf *out, int from, int to, int y)
{
    if (to - from > 8)
        buf_printf(out,
                   "<path class=\"arrow\" d=\"M%d %dH%d\"/><path class=\"tip\" d=\"M%d %dl-7 "
                   "-3.5v7z\"/>",
                   from, y, to - 5, to, y);
}

static void draw_row(Buf *out, const Row *row, int i)
{
    const Span *span = row->span;
    const char *label = span->label ? span->label : "";
    int y = HEAD + ROW * (i + 1) - 6, x = column_x[row->column], letters;
    bool drawn = span->kind != SPAN_MARK && span->kind != SPAN_RUN;
    int text_x = drawn ? x + GLYPH : x;
    size_t len = cut(label, LETTERS_MOST, &letters);
    buf_printf(out, "<text class=\"when\" x=\"46\" y=\"%d\">%.1f</text>", y,
               (double)span->start_us / 1e3);
    glyph(out, span->kind, x, y);
    buf_printf(out, "<text class=\"what\" x=\"%d\" y=\"%d\">", text_x, y);
    html_text_n(out, label, len);
    if (span->kind == SPAN_ASLEEP && span->end_us > span->start_us) {
        buf_printf(out, " %.1f ms", (double)(span->end_us - span->start_us) / 1e3);
        letters += 9;
    }
    buf_str(out, "</text>");
    bool wakes = strncmp(label, "wake", 4) == 0;
    if (row->column == 0 || (row->column == 1 && wakes))
        arrow(out, text_x + letters * LETTER + 8, column_x[row->column + 1] - 6, y - 4);
}

/* The same for whoever hears the page. */
static void steps_as_words(Buf *out, const Row *rows, int n, const char *const *names)
{
    static const char *const kinds[] = {
        [SPAN_WOULD] = ", would block", [SPAN_DATA] = ", data", [SPAN_BLOCK] = ", blocked"};
    enum { KINDS = sizeof kinds / sizeof *kinds };
    buf_str(out, "<ol class=\"unseen\">");
    for (int i = 0; i < n; i++) {
        const Span *span = rows[i].span;
        const char *kind = (unsigned)span->kind < KINDS ? kinds[span->kind] : NULL;
        buf_printf(out, "<li>%.1f ms, %s: ", (double)span->start_us / 1e3, names[rows[i].column]);
        html_add(out, "%t%s</li>", span->label ? span->label : "", kind ? kind : "");
    }
    buf_str(out, "</ol>");
}

void svg_chain(Buf *out, const Lane *lanes, const char *whose)
{
    static const char *const names[COLUMNS] = {"kernel", "reactor", "executor"};
    Row *rows;
    int all = collect(lanes, &rows), n = all < ROWS_MOST ? all : ROWS_MOST;
    html_add(out,
             "<figure class=\"chain\"><figcaption>%t</figcaption><div class=\"scroll\" "
             "tabindex=\"0\" role=\"region\" aria-label=\"%t: what woke whom\">"
             "<svg width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%d steps through "
             "kernel, reactor and executor\">",
             whose, whose, (int)WIDTH, HEAD + ROW * n + 8, all);
    buf_str(out, "<text class=\"head\" x=\"46\" y=\"18\" text-anchor=\"end\">ms</text>");
    for (int i = 0; i < COLUMNS; i++)
        buf_printf(out,
                   "<text class=\"head\" x=\"%d\" y=\"18\">%s</text><path class=\"fall\" "
                   "d=\"M%d.5 24V%d\"/>",
                   column_x[i], names[i], column_x[i] - 5, HEAD + ROW * n + 4);
    for (int i = 0; i < n; i++)
        draw_row(out, &rows[i], i);
    buf_str(out, "</svg></div>");
    steps_as_words(out, rows, n, names);
    if (all > n)
        html_add(out, "<p class=\"of\">and %d more steps</p>", all - n);
    buf_str(out, "</figure>\n");
    free(rows);
}
