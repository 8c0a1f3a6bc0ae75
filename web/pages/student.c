/* One student: best and latest, what waits, the curve, what changed each time. The
 * student's own page is the same one in other words. */
#include "frame.h"
#include "svg.h"

#include <stdlib.h>
#include <string.h>

static bool own_view(const Frame *frame)
{
    return !frame_staff(frame);
}

static void how_to_push(Buf *out, const StudentPage *page, bool first)
{
    html_add(out,
             "<details class=\"card\"%s><summary>How to push</summary>"
             "<p>In the folder that holds your work, on branch <code>main</code>:</p>"
             "<pre class=\"command\" tabindex=\"0\"><code>git remote add course %t\n"
             "git push course main</code></pre>",
             first ? " open" : "", page->push_url);
    html_add(out,
             "<p>Your user name is <code>%t</code>, the password is your token "
             "(<a href=\"/account\">Account</a>). The verdict comes back in the same "
             "terminal, and here. Only the branch <code>main</code> is graded; while a push "
             "waits, a newer one takes its place in the queue.</p></details>\n",
             page->name);
}

static void exercise_row(Buf *out, const Frame *frame, const ExerciseName *exercise,
                         const ClassCell *cell, int64_t latest)
{
    html_add(out, "<tr><th scope=\"row\"><a href=\"/exercise/%u\">", exercise->id);
    part_number(out, exercise->id);
    html_add(out, " %t</a>", exercise->title);
    part_due(out, frame, exercise);
    buf_str(out, "</th>");
    if (!cell->tried) {
        html_add(out,
                 "<td class=\"none\">not handed in <span class=\"of\">/ %p</span></td>"
                 "<td class=\"none number\">–</td><td class=\"number\">0</td></tr>\n",
                 exercise->max_halves);
        return;
    }
    buf_str(out, "<td class=\"best\">");
    if (cell->best_id)
        html_add(out, "<a href=\"/submission/%D#%u\">", cell->best_id, exercise->id);
    part_score(out, cell->halves, cell->max_halves);
    if (cell->weaker)
        part_weaker(out);
    if (cell->by_due && cell->due_halves < cell->halves)
        html_add(out, "<span class=\"of due over\">by the due date: %p</span>", cell->due_halves);
    html_add(out, "%s</td><td class=\"number%s\">", cell->best_id ? "</a>" : "",
             cell->latest_halves < cell->halves ? " less" : "");
    if (latest)
        html_add(out, "<a href=\"/submission/%D#%u\">", latest, exercise->id);
    if (cell->latest == CAME_GRADED)
        html_points(out, cell->latest_halves);
    else
        buf_str(out, part_came(cell->latest));
    if (latest)
        buf_str(out, "</a>");
    html_add(out, "</td><td class=\"number\">%d</td></tr>\n", cell->attempts);
}

/* The newest submission that has this exercise (or, where it is missing now, the newest); 0: none
 * of those that are listed. */
static int64_t latest_with(const StudentPage *page, int exercise)
{
    if (page->cells[exercise].latest == CAME_MISSING && page->n_history > 0)
        return page->history[0].id;
    for (int i = 0; i < page->n_history; i++)
        if (page->history[i].cells[exercise] >= 0)
            return page->history[i].id;
    return 0;
}

/* What did not pass when it was handed in last, each leading to what was seen of it. */
static void still_to_do(Buf *out, const StudentPage *page)
{
    enum { MOST = 12 };
    if (page->n_still == 0)
        return;
    html_add(out, "<h2>Still to do</h2>\n<ul class=\"still\">");
    for (int i = 0; i < page->n_still && i < MOST; i++) {
        const StillRow *row = &page->still[i];
        buf_str(out, "<li><span class=\"of\">Ex. ");
        part_number(out, row->exercise);
        if (row->submission && *row->check)
            html_add(out,
                     "</span> <a href=\"/submission/%D#%u-%u\">%t</a> <code class=\"of\">%t</code>"
                     "</li>",
                     row->submission, row->exercise, row->check, row->title, row->check);
        else if (row->submission)
            html_add(out, "</span> <a href=\"/submission/%D#%u\">%t</a></li>", row->submission,
                     row->exercise, row->title);
        else
            html_add(out, "</span> %t</li>", row->title);
    }
    if (page->n_still > MOST)
        html_add(out, "<li class=\"of\">and %d more</li>", page->n_still - MOST);
    buf_str(out, "</ul>\n");
}

static void exercises(Buf *out, const Frame *frame, const StudentPage *page)
{
    buf_str(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Exercises\">"
                 "<table class=\"exercises\"><thead><tr><th scope=\"col\">Exercise</th>"
                 "<th scope=\"col\">Best</th><th scope=\"col\" class=\"number\">Latest</th>"
                 "<th scope=\"col\" class=\"number\">Attempts</th></tr></thead><tbody>\n");
    for (int i = 0; i < page->n_exercises; i++)
        exercise_row(out, frame, &page->exercises[i], &page->cells[i], latest_with(page, i));
    buf_str(out, "</tbody></table></div>\n");
}

static void waiting(Buf *out, const Frame *frame, const StudentPage *page)
{
    if (page->n_jobs == 0)
        return;
    bool broke = false;
    for (int i = 0; i < page->n_jobs; i++)
        broke = broke || *page->jobs[i].error;
    buf_str(out, "<h2>Under way</h2>\n");
    part_jobs(out, frame, "Pushes under way", page->jobs, page->n_jobs,
              frame_staff(frame) && broke ? JOBS_ERROR : 0);
}

/* --- history --- */

static void history_row(Buf *out, const Frame *frame, const StudentPage *page,
                        const HistoryRow *row)
{
    buf_str(out, "<tr><th scope=\"row\">");
    html_add(out, "<a href=\"/submission/%D\">", row->id);
    html_ago(out, row->at_s, frame->now_s);
    buf_str(out, "</a></th>");
    html_add(out, "<td class=\"number total\">%p</td>", row->halves);
    for (int i = 0; i < page->n_exercises; i++)
        if (row->cells[i] < 0)
            buf_str(out, "<td class=\"number none\">–</td>");
        else
            html_add(out, "<td class=\"number share %s\">%p</td>",
                     share_class(row->cells[i], page->exercises[i].max_halves), row->cells[i]);
    buf_str(out, "<td class=\"words\">");
    bool first = page->n_history == page->n_all && row == &page->history[page->n_history - 1];
    int n = row->changes.n_gained;
    if (first && n > 0) /* everything is new in the first one */
        html_add(out, "<ul class=\"changes\"><li class=\"gained\">%d check%s passed</li></ul>", n,
                 html_plural(n));
    else
        part_changes(out, &row->changes, row->id);
    if (row->again)
        buf_str(out, "<span class=\"of\">graded again</span> ");
    if (*row->commit) {
        buf_str(out, "<code class=\"commit\">");
        html_text_n(out, row->commit, strnlen(row->commit, 8));
        html_add(out, "</code> <bdi>%t</bdi>", row->message);
    }
    if (row->weaker)
        part_weaker(out);
    buf_str(out, "</td></tr>\n");
}

static void history_table(Buf *out, const Frame *frame, const StudentPage *page)
{
    buf_str(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"History\">"
                 "<table class=\"history\"><thead><tr><th scope=\"col\">Submission</th>"
                 "<th scope=\"col\" class=\"number\">Points</th>");
    for (int i = 0; i < page->n_exercises; i++) {
        html_add(out, "<th scope=\"col\" class=\"number\"><abbr title=\"%t\">Ex. ",
                 page->exercises[i].title);
        part_number(out, page->exercises[i].id);
        buf_str(out, "</abbr></th>");
    }
    buf_str(out, "<th scope=\"col\">What changed</th></tr></thead><tbody>\n");
    for (int i = 0; i < page->n_history; i++)
        history_row(out, frame, page, &page->history[i]);
    buf_str(out, "</tbody></table></div>\n");
    if (page->n_history < page->n_all)
        html_add(out, "<p class=\"of\">The newest %d of %d.</p>\n", page->n_history, page->n_all);
}

static void history(Buf *out, const Frame *frame, const StudentPage *page)
{
    buf_str(out, "<h2>History</h2>\n");
    if (page->n_history == 0) {
        buf_str(out, "<p class=\"empty\">Nothing is graded yet.</p>\n");
        return;
    }
    svg_curve(out, page->history, page->n_history, page->n_exercises, page->max_halves);
    history_table(out, frame, page);
}

static void heading(Buf *out, const Frame *frame, const StudentPage *page)
{
    if (own_view(frame))
        buf_str(out, "<h1>Your work</h1>\n");
    else
        html_add(out, "<h1><bdi>%t</bdi></h1>\n", *page->shown ? page->shown : page->name);
    if (page->left_s) {
        buf_str(out, "<p class=\"notice\">Has left the course (");
        html_time(out, page->left_s);
        html_add(
            out,
            "), and is in no class table and no grades. <code>courseweb roster restore %t</code> "
            "brings them back.</p>\n",
            page->name);
    }
    html_add(out,
             "<p class=\"lead\"><span class=\"big\">%p</span> of %p points, the best of each "
             "exercise",
             page->halves, page->max_halves);
    if (own_view(frame) && page->pushes_an_hour > 0)
        html_add(out, " · %d of %d pushes this hour", page->pushes_this_hour, page->pushes_an_hour);
    if (frame_staff(frame)) {
        html_add(out, " · <code>%t</code>", page->name);
        if (*page->section)
            html_add(out, " · section <bdi>%t</bdi>", page->section);
    }
    buf_str(out, "</p>\n");
}

/* Staff never see a token: they hand on a link, with which the student makes one. */
static void made_link(Buf *out, const StudentPage *page)
{
    if (*page->signin_link)
        html_add(
            out,
            "<div class=\"card notice fresh\" role=\"status\"><h2>A sign-in link for "
            "<code>%t</code></h2><p><code class=\"secret\" id=\"link\" tabindex=\"0\">%t</code> "
            "<button type=\"button\" data-copy=\"link\" hidden>Copy</button></p>"
            "<p>It is shown this once, and signs in once within two days: hand it to this student "
            "and nobody else. It leads to the page where the token is made.</p></div>\n",
            page->name, page->signin_link);
}

static void staff_links(Buf *out, const Frame *frame, const StudentPage *page)
{
    char *action = x_printf("/student/%s/link", page->name);
    buf_str(out, "<div class=\"actions\">");
    form_begin(out, frame, action, "");
    buf_str(out, "<button>Make a sign-in link for this student</button></form>\n");
    free(action);
    form_begin(out, frame, "/view-as", "");
    html_add(out,
             "<button name=\"name\" value=\"%t\">See what this student sees</button></form>"
             "</div>\n",
             page->name);
}

void pages_student(Buf *out, const Frame *frame, const StudentPage *page)
{
    const char *name = *page->shown ? page->shown : page->name;
    frame_begin(out, frame, own_view(frame) ? "Your work" : name, PLACE_HOME, true);
    made_link(out, page);
    html_add(out, "<div id=\"student\" data-student=\"%t\" data-live>\n", page->name);
    heading(out, frame, page);
    waiting(out, frame, page);
    exercises(out, frame, page);
    still_to_do(out, page);
    history(out, frame, page);
    buf_str(out, "</div>\n");
    if (own_view(frame))
        how_to_push(out, page, page->n_all == 0);
    else if (!page->left_s)
        staff_links(out, frame, page);
    frame_end(out, frame);
}
