/* One exercise: how the class does, without names; hidden while it would tell on somebody. */
#include "frame.h"
#include "svg.h"

#include <string.h>

static void others(Buf *out, const ExercisePage *page)
{
    buf_str(out, "<nav class=\"exercises\" aria-label=\"Exercises\"><ul>");
    for (int i = 0; i < page->n_exercises; i++) {
        const ExerciseName *other = &page->exercises[i];
        html_add(out, "<li><a href=\"/exercise/%u\"%s>", other->id,
                 strcmp(other->id, page->exercise.id) == 0 ? " aria-current=\"page\"" : "");
        part_number(out, other->id);
        html_add(out, " %t</a></li>", other->title);
    }
    buf_str(out, "</ul></nav>\n");
}

static void due(Buf *out, const Frame *frame, const ExercisePage *page)
{
    if (page->exercise.due_s == 0)
        return;
    buf_str(out, "<p class=\"lead\">");
    part_due(out, frame, &page->exercise);
    buf_str(out, "</p>\n");
}

static void own(Buf *out, const ExercisePage *page)
{
    if (page->own_halves < 0)
        return;
    html_add(out, "<p>Your best is <strong>%p</strong> of %p, after %d attempt%s.</p>\n",
             page->own_halves, page->exercise.max_halves, page->own_attempts,
             html_plural(page->own_attempts));
}

static void distribution(Buf *out, const ExercisePage *page)
{
    static const char *const tenths[] = {"0–9 %", "10–", "20–", "30–", "40–", "50–",
                                         "60–",   "70–", "80–", "90–", "full"};
    enum { TENTHS = sizeof tenths / sizeof *tenths };
    int mine = page->own_halves < 0 || page->exercise.max_halves <= 0
                   ? -1
                   : (int)((int64_t)page->own_halves * 10 / page->exercise.max_halves);
    Bars bars = {.counts = page->histogram,
                 .labels = tenths,
                 .n = page->n_histogram < TENTHS ? page->n_histogram : TENTHS,
                 .own = mine,
                 .says = "Students by their best share of the points, in per cent"};
    html_add(out,
             "<section class=\"card\"><h2>Points</h2><p class=\"of\">Students by their best, "
             "in per cent of %p points</p>",
             page->exercise.max_halves);
    svg_bars(out, &bars);
    buf_str(out, "</section>\n");
}

static void attempts(Buf *out, const ExercisePage *page)
{
    static const char *const counts[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10+"};
    enum { COUNTS = sizeof counts / sizeof *counts };
    int full = 0;
    for (int i = 0; i < page->n_to_full; i++)
        full += page->to_full[i];
    html_add(out,
             "<section class=\"card\"><h2>Attempts to full score</h2><p class=\"of\">%d of %d "
             "student%s got there</p>",
             full, page->students, html_plural(page->students));
    Bars bars = {.counts = page->to_full,
                 .labels = counts,
                 .n = page->n_to_full < COUNTS ? page->n_to_full : COUNTS,
                 .own = -1,
                 .says = "Students by the attempts they needed"};
    svg_bars(out, &bars);
    buf_str(out, "</section>\n");
}

/* For staff: which of its checks the class fails, each leading to who. */
static void stuck(Buf *out, const Frame *frame, const ExercisePage *page)
{
    if (!frame_staff(frame))
        return;
    buf_str(out, "<section class=\"card\"><h2>Stuck on</h2>");
    if (page->n_stuck == 0)
        buf_str(out, "<p class=\"empty\">Nobody: no latest submission fails a check of it.</p>");
    buf_str(out, "<ol class=\"stuck\">\n");
    for (int i = 0; i < page->n_stuck; i++) {
        const FailureRow *row = &page->stuck[i];
        html_add(out,
                 "<li><a href=\"/failures#%u-%u\">%t</a> <span class=\"of\">%d of %d<span "
                 "class=\"unseen\"> students</span></span>",
                 row->exercise, row->check, row->title, row->stuck, row->tried);
        part_bar(out, row->stuck, row->tried, "broke");
        buf_str(out, "</li>\n");
    }
    buf_str(out, "</ol></section>\n");
}

void pages_exercise(Buf *out, const Frame *frame, const ExercisePage *page)
{
    frame_begin(out, frame, page->exercise.title, PLACE_NONE, true);
    others(out, page);
    buf_str(out, "<div id=\"exercise\" data-live>\n<h1>Exercise ");
    part_number(out, page->exercise.id);
    html_add(out, ": %t</h1>\n", page->exercise.title);
    if (!page->hidden)
        html_add(out, "<p class=\"lead\">%d student%s handed it in.</p>\n", page->students,
                 html_plural(page->students));
    due(out, frame, page);
    own(out, page);
    if (page->hidden) {
        html_add(out,
                 "<p class=\"empty\">The figures appear once %d students have handed it "
                 "in: fewer would tell who has what.</p>\n",
                 (int)DISTRIBUTION_LEAST);
    } else {
        buf_str(out, "<div class=\"pair\">");
        distribution(out, page);
        attempts(out, page);
        buf_str(out, "</div>");
    }
    stuck(out, frame, page);
    buf_str(out, "</div>\n");
    frame_end(out, frame);
}
