#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/page.h"

enum { NAME_COLUMNS = 20, TICK_ROOM = 10, LABELS_MOST = 8 };

/* A day: more is no timeline, and the arithmetic below would not hold. */
#define LENGTH_MOST_US (INT64_C(86400) * 1000000)

/* A cell of a lane: what is drawn there. Later ones win over earlier ones
 * only among instants; among spans the one that covers most of the cell does. */
typedef enum Cell {
    CELL_EMPTY,
    CELL_RUN,
    CELL_BLOCK,
    CELL_ASLEEP,
    CELL_WOULD,
    CELL_DATA,
    CELLS
} Cell;

typedef struct Sign {
    const char *full, *plain, *says;
} Sign;

static const Sign signs[CELLS] = {
    [CELL_EMPTY] = {" ", " ", NULL},          [CELL_RUN] = {"·", ".", "running"},
    [CELL_BLOCK] = {"█", "#", "blocked"},     [CELL_ASLEEP] = {"_", "_", "asleep"},
    [CELL_WOULD] = {"○", "o", "would block"}, [CELL_DATA] = {"●", "*", "data or event"},
};

static const Cell cell_of[] = {
    [SPAN_RUN] = CELL_RUN,   [SPAN_BLOCK] = CELL_BLOCK,   [SPAN_WOULD] = CELL_WOULD,
    [SPAN_DATA] = CELL_DATA, [SPAN_ASLEEP] = CELL_ASLEEP, [SPAN_MARK] = CELL_EMPTY};

typedef struct Drawing {
    Page page;
    const Timeline *timeline;
    int first, cells; /* the column where lanes begin, and how many cells they have */
    bool used[CELLS];
    const char *labels[LABELS_MOST]; /* of marks: their first words */
    char letters[LABELS_MOST];       /* what stands for each */
    int n_labels;
} Drawing;

typedef struct Row {
    int64_t *covered; /* [cell * CELLS + kind]: microseconds, for spans */
    Cell *instant;    /* CELL_EMPTY: none */
    char *mark;       /* letter of a mark; 0: none */
} Row;

static int64_t cell_start(const Drawing *d, int cell)
{
    return d->timeline->length_us / d->cells * cell +
           d->timeline->length_us % d->cells * cell / d->cells;
}

/* The cell in which an instant falls; what is outside stands at the edge. */
static int cell_at(const Drawing *d, int64_t us)
{
    int low = 0, high = d->cells - 1;
    while (low < high) {
        int middle = (low + high + 1) / 2;
        if (cell_start(d, middle) <= us)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* --- filling a row --- */

static bool is_instant(SpanKind kind)
{
    return kind == SPAN_WOULD || kind == SPAN_DATA || kind == SPAN_MARK;
}

/* The first letter of the word that no other label has taken: poll p, pending e. */
static char free_letter(const Drawing *d, const char *word, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (word[i] > ' ' && word[i] < 0x7f && !memchr(d->letters, word[i], (size_t)d->n_labels))
            return word[i];
    return 0;
}

/* The letter for a mark; 0 if there is none left. */
static char letter_of(Drawing *d, const char *label)
{
    size_t word = strcspn(label, " ");
    for (int i = 0; i < d->n_labels; i++)
        if (strcspn(d->labels[i], " ") == word && memcmp(d->labels[i], label, word) == 0)
            return d->letters[i];
    char letter = d->n_labels < LABELS_MOST ? free_letter(d, label, word) : 0;
    if (letter) {
        d->labels[d->n_labels] = label;
        d->letters[d->n_labels++] = letter;
    }
    return letter;
}

static void put_instant(Drawing *d, Row *row, const Span *span)
{
    int at = cell_at(d, span->start_us);
    if (span->kind == SPAN_MARK) {
        char letter = span->label ? letter_of(d, span->label) : 0;
        row->mark[at] = letter ? letter : row->mark[at];
    } else if (cell_of[span->kind] > row->instant[at]) {
        row->instant[at] = cell_of[span->kind];
    }
}

static void put_span(Drawing *d, Row *row, const Span *span)
{
    int64_t from = span->start_us > 0 ? span->start_us : 0;
    int64_t to = span->end_us < d->timeline->length_us ? span->end_us : d->timeline->length_us;
    if (to <= from)
        return;
    for (int i = cell_at(d, from); i < d->cells && cell_start(d, i) < to; i++) {
        int64_t start = cell_start(d, i), end = cell_start(d, i + 1);
        int64_t part = (to < end ? to : end) - (from > start ? from : start);
        row->covered[i * CELLS + (int)cell_of[span->kind]] += part;
    }
}

static Cell cell_kind(const Row *row, int cell)
{
    if (row->instant[cell] != CELL_EMPTY)
        return row->instant[cell];
    const int64_t *covered = &row->covered[cell * CELLS];
    Cell most = CELL_EMPTY;
    for (int kind = CELL_RUN; kind < CELLS; kind++)
        if (covered[kind] > covered[most])
            most = (Cell)kind;
    return most;
}

static void row_init(Row *row, int cells)
{
    row->covered = x_calloc((size_t)cells * CELLS, sizeof *row->covered);
    row->instant = x_calloc((size_t)cells, sizeof *row->instant);
    row->mark = x_calloc((size_t)cells, 1);
}

static void row_release(Row *row)
{
    free(row->covered);
    free(row->instant);
    free(row->mark);
}

static void fill_row(Drawing *d, Row *row, const Lane *lane)
{
    for (int i = 0; i < lane->n_spans; i++) {
        const Span *span = &lane->spans[i];
        if (span->start_us > d->timeline->length_us || span->end_us < 0)
            continue;
        if (is_instant(span->kind))
            put_instant(d, row, span);
        else
            put_span(d, row, span);
    }
}

/* --- drawing --- */

static void draw_cell(Drawing *d, const Row *row, int cell)
{
    Page *page = &d->page;
    Cell kind = cell_kind(row, cell);
    if (kind == CELL_EMPTY && !row->mark[cell])
        return;
    page_to(page, d->first + cell);
    if (row->mark[cell] && row->instant[cell] == CELL_EMPTY) {
        page_raw(page, (char[]){row->mark[cell], 0});
        return;
    }
    d->used[kind] = true;
    page_raw(page, page->ascii ? signs[kind].plain : signs[kind].full);
}

static void draw_row(Drawing *d, const Lane *lane)
{
    Row row;
    row_init(&row, d->cells);
    fill_row(d, &row, lane);
    Page *page = &d->page;
    int width = page->width;
    page->width = d->first - 1;
    page_piece(page, lane->name ? lane->name : "");
    page->width = width;
    page->gap = false;
    for (int i = 0; i < d->cells; i++)
        draw_cell(d, &row, i);
    page_end(page);
    row_release(&row);
}

/* A figure is not torn apart at the end of a line. */
static void add_figure(Page *page, const char *format, double value)
{
    char text[64];
    snprintf(text, sizeof text, format, value);
    int columns = (int)strlen(text);
    if (page->column > 0)
        page_raw(page, ",");
    if (page->column + 2 + columns > page->width)
        page_end(page);
    page_to(page, page->column ? page->column + 1 : 2);
    page_raw(page, text);
}

static void draw_figures(Drawing *d, const Lane *lane)
{
    Page *page = &d->page;
    double cpu = lane->cpu_us_per_s, reaction = lane->reaction_us;
    if (cpu >= 0)
        add_figure(page, "cpu %.1f ms/s", cpu / 1000);
    if (lane->wakeups_per_s >= 0)
        add_figure(page, "%.1f wake-ups/s", lane->wakeups_per_s);
    if (reaction >= 0)
        add_figure(page, reaction < 9950 ? "reaction %.2g ms" : "reaction %.0f ms",
                   reaction / 1000);
    if (cpu >= 0)
        add_figure(page,
                   cpu < 9995 ? "x10,000 connections: %.1f CPUs" : "x10,000 connections: %.0f CPUs",
                   cpu / 100);
    if (page->column)
        page_end(page);
}

/* 1, 2 or 5 times a power of ten microseconds, so that labels have room. */
static int64_t tick_us(const Drawing *d)
{
    static const int steps[] = {1, 2, 5};
    int64_t room = d->timeline->length_us / d->cells * TICK_ROOM;
    for (int64_t power = 1; power < INT64_MAX / 100; power *= 10)
        for (int i = 0; i < 3; i++)
            if (power * steps[i] >= room && power * steps[i] > 0)
                return power * steps[i];
    return d->timeline->length_us;
}

static void draw_axis(Drawing *d)
{
    Page *page = &d->page;
    int64_t step = tick_us(d);
    bool micro = step % 1000 != 0;
    page_to(page, d->first - 5);
    page_raw(page, "time");
    for (int64_t at = 0; at <= d->timeline->length_us; at += step) {
        char text[32];
        snprintf(text, sizeof text, "|%lld%s", (long long)(micro ? at : at / 1000),
                 at      ? ""
                 : micro ? " us"
                         : " ms");
        int column = d->first + cell_at(d, at);
        if (column + (int)strlen(text) > page->width)
            break;
        page_to(page, column);
        page_raw(page, text);
    }
    page_end(page);
}

/* The arrow stands over the cell; its words where there is room. */
static void draw_sent(Drawing *d)
{
    static const char words[] = "the peer sends";
    int64_t at = d->timeline->data_us;
    if (at < 0 || at > d->timeline->length_us)
        return;
    Page *page = &d->page;
    int column = d->first + cell_at(d, at), len = (int)sizeof words;
    bool right = column + 1 + len <= page->width, left = column >= len;
    page_to(page, right || !left ? column : column - len);
    if (!right && left)
        page_raw(page, "the peer sends ");
    page_raw(page, page->ascii ? "v" : "▼");
    if (right)
        page_raw(page, " the peer sends");
    page_end(page);
}

static void legend_entry(Page *page, const char *sign, const char *says)
{
    int columns = 2 + page_columns(says, strlen(says));
    if (page->column > 0 && page->column + 3 + columns > page->width)
        page_end(page);
    page_to(page, page->column + (page->column ? 3 : 0));
    buf_printf(page->out, "%s %s", sign, says);
    page->column += columns;
}

static void draw_legend(Drawing *d)
{
    for (int kind = CELLS - 1; kind > CELL_EMPTY; kind--)
        if (d->used[kind])
            legend_entry(&d->page, d->page.ascii ? signs[kind].plain : signs[kind].full,
                         signs[kind].says);
    for (int i = 0; i < d->n_labels; i++) {
        char *word = x_strndup(d->labels[i], strcspn(d->labels[i], " "));
        legend_entry(&d->page, (char[]){d->letters[i], 0}, word);
        free(word);
    }
    page_end(&d->page);
}

static int name_columns(const Timeline *timeline)
{
    int widest = 4;
    for (int i = 0; i < timeline->n_lanes; i++) {
        const char *name = timeline->lanes[i].name ? timeline->lanes[i].name : "";
        int columns = page_columns(name, strlen(name));
        widest = columns > widest ? columns : widest;
    }
    return widest < NAME_COLUMNS ? widest : NAME_COLUMNS;
}

void report_timeline(Buf *out, const Timeline *timeline, const ReportStyle *style)
{
    if (timeline->n_lanes == 0 || timeline->length_us <= 0 || timeline->length_us > LENGTH_MOST_US)
        return;
    for (int i = 0; timeline->chain && i + 2 < timeline->n_lanes; i += 3)
        report_chain(out, &timeline->lanes[i], style);
    if (timeline->chain)
        return;
    Drawing d = {.timeline = timeline};
    page_init(&d.page, out, style);
    d.first = name_columns(timeline) + 2;
    d.cells = d.page.width - d.first;
    draw_axis(&d);
    draw_sent(&d);
    for (int i = 0; i < timeline->n_lanes; i++) {
        draw_row(&d, &timeline->lanes[i]);
        draw_figures(&d, &timeline->lanes[i]);
    }
    draw_legend(&d);
}
