#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/page.h"
#include "scores_parts.h"

enum { NAME_LEAST = 7, NAME_WIDE = 40, NUMBER_COLUMNS = 11 };

/* "ex1_nonblocking" is "ex1" at the head of a narrow column, unless another is, too. */
static char *short_head(const Class *all, int column)
{
    const char *id = all->columns[column].exercise;
    size_t len = strcspn(id, "_");
    for (int i = 0; i < all->n_columns; i++)
        if (i != column && strncmp(all->columns[i].exercise, id, len) == 0 &&
            strchr("_", all->columns[i].exercise[len]))
            return x_strdup(id);
    return x_strndup(id, len);
}

/* Ends at the right edge of the next column, which is as wide as its head needs. */
static void right(Page *page, int *edge, const char *head, const char *text)
{
    int head_columns = (int)strlen(head) + 2, columns = (int)strlen(text);
    *edge += head_columns > NUMBER_COLUMNS ? head_columns : NUMBER_COLUMNS;
    page_to(page, *edge - columns);
    page_raw(page, text);
}

static void right_score(Page *page, int *edge, const char *head, int halves, int max_halves,
                        bool weaker)
{
    char have[16], full[16], text[40];
    snprintf(text, sizeof text, "%s%s/%s", weaker ? "*" : "",
             report_points(halves, have, sizeof have),
             report_points(max_halves, full, sizeof full));
    right(page, edge, head, text);
}

static int name_columns(const Class *all)
{
    int widest = NAME_LEAST;
    for (int i = 0; i < all->n_students; i++) {
        int columns = page_columns(all->students[i].name, strlen(all->students[i].name));
        widest = columns > widest ? columns : widest;
    }
    return widest < NAME_WIDE ? widest : NAME_WIDE;
}

static void text_name(Page *page, const char *name, int columns)
{
    int width = page->width;
    page->width = columns + 1;
    page_piece(page, name);
    page->width = width;
    page->gap = false;
}

static void text_row(Page *page, const Class *all, const Student *student, int names, char **heads)
{
    char number[32];
    int edge = names;
    text_name(page, student->name, names);
    for (int i = 0; i < all->n_columns; i++) {
        const StoreScore *score = class_score(student, all->columns[i].exercise);
        if (score)
            right_score(page, &edge, heads[i], score->halves, score->max_halves, score->weaker);
        else
            right(page, &edge, heads[i], "-");
    }
    right_score(page, &edge, "total", class_total(student), class_max(all), false);
    snprintf(number, sizeof number, "%d", class_attempts(student));
    right(page, &edge, "attempts", number);
    page_end(page);
}

static void text_weaker(Page *page, const Class *all)
{
    bool any = false;
    for (int i = 0; i < all->n_students; i++)
        for (int k = 0; k < all->students[i].n_scores; k++)
            any = any || all->students[i].scores[k].weaker;
    if (!any)
        return;
    page_words(page, "* reported by the machine that ran the submission (the weaker promise)", 0);
    page_end(page);
}

void scores_text(Buf *out, const Class *all, const ReportStyle *style)
{
    Page page;
    page_init(&page, out, style);
    page.width = PAGE_MOST;
    if (all->n_students == 0) {
        page_words(&page, "No results are stored yet.", 0);
        page_end(&page);
        return;
    }
    char **heads = x_calloc((size_t)all->n_columns, sizeof *heads);
    int names = name_columns(all), edge = names;
    page_ink(&page, INK_STRONG);
    page_raw(&page, "student");
    for (int i = 0; i < all->n_columns; i++) {
        heads[i] = short_head(all, i);
        right(&page, &edge, heads[i], heads[i]);
    }
    right(&page, &edge, "total", "total");
    right(&page, &edge, "attempts", "attempts");
    page_ink(&page, INK_PLAIN);
    page_end(&page);
    for (int i = 0; i < all->n_students; i++)
        text_row(&page, all, &all->students[i], names, heads);
    text_weaker(&page, all);
    for (int i = 0; i < all->n_columns; i++)
        free(heads[i]);
    free(heads);
}
