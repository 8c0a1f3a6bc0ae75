/* Queue, workers, errors of ours, and what an instructor can do about them. */
#include "frame.h"

static void figure(Buf *out, const char *name, int value)
{
    html_add(out, "<div><dt>%s</dt><dd>%d</dd></div>", name, value);
}

static void figures(Buf *out, const ActivityPage *page)
{
    buf_str(out, "<dl class=\"figures\">");
    figure(out, "waiting", page->queued);
    figure(out, "graded in the last hour", page->graded_last_hour);
    buf_str(out, "<div><dt>median wait</dt><dd>");
    if (page->median_wait_s < 0)
        buf_str(out, "–");
    else
        html_span(out, page->median_wait_s);
    buf_str(out, "</dd></div><div><dt>median grading</dt><dd>");
    html_figure(out, page->median_run_ms < 0 ? -1 : (double)page->median_run_ms / 1e3);
    html_add(out, "%s</dd></div>", page->median_run_ms < 0 ? "" : " s");
    figure(out, "pushes an hour for each student", page->pushes_an_hour);
    figure(out, "live viewers", page->live);
    buf_str(out, "</dl>\n");
}

static void worker(Buf *out, const Frame *frame, const WorkerLine *line)
{
    html_add(out, "<li class=\"%s\"><span class=\"of\">%d</span> ", line->job ? "runs" : "idle",
             line->number);
    if (line->job) {
        part_student(out, line->student);
        buf_str(out, " <span class=\"of\">for ");
        html_for(out, line->since_s, frame->now_s);
        buf_str(out, "</span>");
    } else {
        buf_str(out, "idle");
    }
    buf_str(out, "</li>");
}

static void jobs(Buf *out, const Frame *frame, const char *title, const JobLine *lines, int n,
                 unsigned columns, const char *none)
{
    html_add(out, "<h2>%s</h2>\n", title);
    if (n == 0)
        html_add(out, "<p class=\"empty\">%s</p>\n", none);
    else
        part_jobs(out, frame, title, lines, n, columns);
}

static void controls(Buf *out, const Frame *frame)
{
    buf_str(out, "<h2>Controls</h2>\n<div class=\"pair\">");
    form_begin(out, frame, "/activity/pause", "card");
    html_add(out, "<p>%s</p><button name=\"paused\" value=\"%d\">%s</button></form>",
             frame->paused ? "Grading is paused. Pushes are taken and wait."
                           : "Grading runs. A pause lets what runs end; pushes are still taken.",
             frame->paused ? 0 : 1, frame->paused ? "Go on grading" : "Pause grading");
    form_begin(out, frame, "/activity/banner", "card");
    html_add(out,
             "<label for=\"banner\">A word to all, on every page (empty: none)</label>"
             "<input id=\"banner\" name=\"text\" value=\"%t\" maxlength=\"500\" "
             "autocomplete=\"off\"><button>Set</button></form></div>\n",
             frame->banner);
}

static void errors(Buf *out, const Frame *frame, const ActivityPage *page)
{
    jobs(out, frame, "Our failures", page->errors, page->n_errors,
         JOBS_STUDENT | JOBS_ERROR | JOBS_RETRY, "");
    if (page->n_errors < 2)
        return;
    form_begin(out, frame, "/activity/retry", "");
    buf_str(out, "<button name=\"job\" value=\"all\">Try all again</button></form>\n");
}

void pages_activity(Buf *out, const Frame *frame, const ActivityPage *page)
{
    frame_begin(out, frame, "Activity", PLACE_ACTIVITY, true);
    buf_str(out, "<h1>Activity</h1>\n<div id=\"activity\" data-live>\n");
    figures(out, page);
    if (page->of_sections)
        buf_str(out, "<p class=\"of\">The figures are of the whole course. Names and results below "
                     "are of your sections.</p>\n");
    if (page->n_errors > 0)
        errors(out, frame, page);
    part_repositories(out, frame, page->repos, page->n_repos);
    buf_str(out, "<h2>Workers</h2>\n<ul class=\"workers\">");
    for (int i = 0; i < page->n_workers; i++)
        worker(out, frame, &page->workers[i]);
    buf_str(out, "</ul>\n");
    jobs(out, frame, "Queue", page->queue, page->n_queue, JOBS_STUDENT, "Nothing waits.");
    if (page->queued > page->n_queue)
        html_add(out, "<p class=\"of\">The first %d of %d.</p>\n", page->n_queue, page->queued);
    jobs(out, frame, "Just ended", page->recent, page->n_recent, JOBS_STUDENT | JOBS_RESULT,
         "Nothing has been graded yet.");
    buf_str(out, "</div>\n");
    if (frame->role == ROLE_INSTRUCTOR)
        controls(out, frame);
    frame_end(out, frame);
}
