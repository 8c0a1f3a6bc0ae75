/* What the class is stuck on: the checks most latest submissions fail. */
#include "frame.h"

static void names(Buf *out, const FailureRow *row)
{
    html_add(out, "<ul class=\"names\">");
    for (int i = 0; i < row->n_names; i++)
        if (row->latest && row->latest[i])
            html_add(out, "<li><a href=\"/submission/%D#%u-%u\"><bdi>%t</bdi></a></li>",
                     row->latest[i], row->exercise, row->check, row->shown[i]);
        else
            html_add(out, "<li><a href=\"/student/%u\"><bdi>%t</bdi></a></li>", row->names[i],
                     row->shown[i]);
    if (row->stuck > row->n_names)
        html_add(out, "<li class=\"of\">and %d more</li>", row->stuck - row->n_names);
    buf_str(out, "</ul>");
}

static void how_long(Buf *out, const Frame *frame, const FailureRow *row)
{
    buf_str(out, "<p class=\"of\">");
    if (row->median_s >= 0) {
        buf_str(out, "for ");
        html_span(out, row->median_s);
    }
    if (row->median_s >= 0 && row->stuck > 1)
        buf_str(out, " in the median");
    if (row->since_s > 0 && row->stuck > 1) {
        buf_str(out, ", the longest for ");
        html_span(out, frame->now_s - row->since_s);
    }
    buf_str(out, "</p>");
}

static void failure(Buf *out, const Frame *frame, const FailureRow *row)
{
    html_add(out,
             "<li class=\"card failure\" id=\"%u-%u\"><div class=\"count\"><p><strong>%d</strong> "
             "<span class=\"of\">of %d</span><span class=\"unseen\"> who tried are stuck"
             "</span></p>",
             row->exercise, row->check, row->stuck, row->tried);
    part_bar(out, row->stuck, row->tried, "broke");
    html_add(out, "</div><div><h2>%t</h2><p class=\"of\"><a href=\"/exercise/%u\">Exercise ",
             row->title, row->exercise);
    part_number(out, row->exercise);
    html_add(out, "</a> · <code>%t</code></p>", row->check);
    if (*row->message) {
        buf_str(out, "<p class=\"message\"><bdi>");
        part_message(out, row->exercise, row->message);
        buf_str(out, "</bdi></p>");
    }
    if (*row->message && row->told > 0 && row->told < row->stuck)
        html_add(out, "<p class=\"of\">so %d of the %d; the others were told other things</p>",
                 row->told, row->stuck);
    how_long(out, frame, row);
    names(out, row);
    buf_str(out, "</div></li>\n");
}

void pages_failures(Buf *out, const Frame *frame, const FailuresPage *page)
{
    frame_begin(out, frame, "Stuck on", PLACE_FAILURES, true);
    buf_str(out, "<h1>What the class is stuck on</h1>\n"
                 "<p class=\"lead\">Checks that students’ latest submissions fail, the most "
                 "students first. Who has had the full points of an exercise is not "
                 "counted.</p>\n");
    part_sections(out, "/failures", page->sections, page->n_sections, page->section);
    buf_str(out, "<div id=\"failures\" data-live>\n");
    if (page->n_rows == 0)
        buf_str(out, "<p class=\"empty\">Nobody is stuck: no latest submission fails a check.</p>");
    buf_str(out, "<ol class=\"failures\">\n");
    for (int i = 0; i < page->n_rows; i++)
        failure(out, frame, &page->rows[i]);
    buf_str(out, "</ol></div>\n");
    frame_end(out, frame);
}
