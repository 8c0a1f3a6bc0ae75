/*
 * Exercise 4's picture as the lesson draws it: kernel, reactor and executor in
 * three columns, what happened one below the other. The time axis goes down
 * and is not to scale: between two long sleeps much happens in no time.
 */
#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/page.h"

enum { COLUMNS = 3, ROWS_MOST = 60, TIME_WIDTH = 9, KERNEL_WIDTH = 17, REACTOR_WIDTH = 27 };

static const int column_at[COLUMNS] = {TIME_WIDTH, TIME_WIDTH + KERNEL_WIDTH,
                                       TIME_WIDTH + KERNEL_WIDTH + REACTOR_WIDTH};

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
    *rows = x_calloc((size_t)total, sizeof **rows);
    for (int column = 0; column < COLUMNS; column++)
        for (int i = 0; i < lanes[column].n_spans; i++)
            (*rows)[n++] = (Row){&lanes[column].spans[i], column};
    qsort(*rows, (size_t)n, sizeof **rows, in_order);
    return n;
}

static void describe(Page *page, const Span *span)
{
    static const struct {
        const char *drawn, *plain, *after;
    } looks[] = {[SPAN_RUN] = {"", "", ""},
                 [SPAN_BLOCK] = {"█ ", "# ", ": blocked"},
                 [SPAN_WOULD] = {"○ ", "o ", ": would block"},
                 [SPAN_DATA] = {"● ", "* ", ""},
                 [SPAN_ASLEEP] = {"_ ", "_ ", ""},
                 [SPAN_MARK] = {"", "", ""}};
    page_raw(page, page->ascii ? looks[span->kind].plain : looks[span->kind].drawn);
    page_piece(page, span->label ? span->label : "");
    page_raw(page, looks[span->kind].after);
    char asleep[48];
    snprintf(asleep, sizeof asleep, " (%.1f ms)", (double)(span->end_us - span->start_us) / 1e3);
    if (span->kind == SPAN_ASLEEP && span->end_us > span->start_us)
        page_raw(page, asleep);
}

/* What hands on to the next column gets an arrow that leads there. */
static void arrow(Page *page, const Row *row)
{
    bool wakes = row->span->label && strncmp(row->span->label, "wake", 4) == 0;
    bool hands_on = row->column == 0 || (row->column == 1 && wakes);
    if (!hands_on || page->column + 3 >= column_at[row->column + 1])
        return;
    page_raw(page, " ");
    while (page->column < column_at[row->column + 1] - 2)
        page_raw(page, page->ascii ? "-" : "─");
    page_raw(page, ">");
}

static void draw_row(Page *page, const Row *row)
{
    char when[24];
    snprintf(when, sizeof when, "%7.1f", (double)row->span->start_us / 1e3);
    page_raw(page, when);
    page_to(page, column_at[row->column]);
    describe(page, row->span);
    arrow(page, row);
    page_end(page);
}

/* "kernel, reference" -> "reference", "kernel, two-at-once" -> "two-at-once"; the student's usual
 * run is plain. */
static const char *whose(const Lane *lane)
{
    const char *comma = strstr(lane->name, ", ");
    return comma ? comma + 2 : "your run";
}

void report_chain(Buf *out, const Lane *lanes, const ReportStyle *style)
{
    static const char *const names[COLUMNS] = {"kernel", "reactor", "executor"};
    Page page;
    Row *rows;
    page_init(&page, out, style);
    int n = collect(lanes, &rows);
    page_ink(&page, INK_STRONG);
    page_raw(&page, "     ms");
    for (int i = 0; i < COLUMNS; i++) {
        page_to(&page, column_at[i]);
        page_raw(&page, names[i]);
    }
    page_ink(&page, INK_PLAIN);
    page_raw(&page, " (");
    page_piece(&page, whose(&lanes[0]));
    page_raw(&page, ")");
    page_end(&page);
    for (int i = 0; i < n && i < ROWS_MOST; i++)
        draw_row(&page, &rows[i]);
    if (n > ROWS_MOST) {
        page_wordsf(&page, "... and %d more", n - ROWS_MOST);
        page_end(&page);
    }
    page_blank(&page);
    free(rows);
}
