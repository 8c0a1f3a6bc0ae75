/* The class: students x exercises. The table is renewed as a whole, the search stays. */
#include "frame.h"

#include <string.h>
#include <time.h>

static void column_link(Buf *out, const ClassPage *page, const char *key, bool falls)
{
    bool chosen = strcmp(page->sort, key) == 0;
    bool descending = chosen ? !page->descending : falls;
    html_add(out, "<a href=\"/class?sort=%u%s", key, descending ? "&amp;desc=1" : "");
    if (*page->search)
        html_add(out, "&amp;q=%u", page->search);
    if (*page->section)
        html_add(out, "&amp;section=%u", page->section);
    html_add(out, "%s\" data-swap>", page->left ? "&amp;left=1" : "");
}

/* `falls`: the first click sorts downward, as figures want it. */
static void column(Buf *out, const ClassPage *page, const char *key, const char *shown, bool falls)
{
    const char *order = strcmp(page->sort, key) != 0 ? ""
                        : page->descending           ? " aria-sort=\"descending\""
                                                     : " aria-sort=\"ascending\"";
    bool section = strcmp(key, "section") == 0;
    html_add(out, "<th scope=\"col\"%s%s>",
             falls     ? " class=\"number\""
             : section ? " class=\"section-head\""
                       : "",
             order);
    column_link(out, page, key, falls);
    html_add(out, "%t</a></th>", shown);
}

static void exercise_column(Buf *out, const ClassPage *page, const ExerciseName *exercise)
{
    bool chosen = strcmp(page->sort, exercise->id) == 0;
    html_add(out, "<th scope=\"col\" class=\"number\"%s>",
             !chosen            ? ""
             : page->descending ? " aria-sort=\"descending\""
                                : " aria-sort=\"ascending\"");
    column_link(out, page, exercise->id, true);
    buf_str(out, "<abbr title=\"");
    html_text(out, exercise->title);
    buf_str(out, "\">Ex. ");
    part_number(out, exercise->id);
    html_add(out, "</abbr></a> <span class=\"of\">/ %p</span></th>", exercise->max_halves);
}

static void head(Buf *out, const ClassPage *page)
{
    buf_str(out, "<thead><tr>");
    column(out, page, "name", "Student", false);
    if (page->n_sections > 0)
        column(out, page, "section", "Section", false);
    for (int i = 0; i < page->n_exercises; i++)
        exercise_column(out, page, &page->exercises[i]);
    column(out, page, "total", "Total", true);
    column(out, page, "pushed", "Last push", false);
    column(out, page, "state", "State", false);
    buf_str(out, "</tr></thead>\n");
}

/* More than a stub as it was given out. */
static bool is_begun(const ClassCell *cell)
{
    return cell->tried && (cell->halves > 0 || cell->latest != CAME_STUB);
}

static bool is_less(const ClassCell *cell)
{
    return cell->latest_halves < cell->halves;
}

static bool is_late(const ClassCell *cell)
{
    return cell->late && is_begun(cell);
}

/* A stub, what does not compile, and a program that earned nothing are three things to see to. */
static void points_of(Buf *out, const ClassCell *cell)
{
    if (cell->halves > 0 || cell->latest == CAME_GRADED)
        html_points(out, cell->halves);
    else
        html_add(out, "<span class=\"came\">%s</span>", part_came(cell->latest));
}

static void cell(Buf *out, const ClassRow *row, const ClassCell *cell, const char *exercise)
{
    if (!cell->tried) {
        buf_str(out, "<td class=\"number none\">–</td>");
        return;
    }
    bool begun = is_begun(cell);
    html_add(out, "<td class=\"number %s%s\">", begun ? "share " : "none",
             begun ? share_class(cell->halves, cell->max_halves) : "");
    if (cell->best_id)
        html_add(out, "<a href=\"/submission/%D#%u\">",
                 is_less(cell) ? cell->best_id : row->latest_id, exercise);
    points_of(out, cell);
    if (cell->best_id)
        buf_str(out, "</a>");
    if (is_late(cell))
        buf_str(out, "<span class=\"late\" title=\"handed in after it was due\">late</span>");
    if (cell->weaker)
        buf_str(out, "<span class=\"less\" title=\"weaker promise\">*<span class=\"unseen\">"
                     " weaker promise</span></span>");
    if (is_less(cell))
        html_add(out,
                 "<a class=\"less\" href=\"/submission/%D#%u\" title=\"the latest: %p%s%s\">↓<span "
                 "class=\"unseen\"> latest %p %s</span></a>",
                 row->latest_id, exercise, cell->latest_halves,
                 cell->latest == CAME_GRADED ? "" : ", ", part_came(cell->latest),
                 cell->latest_halves, part_came(cell->latest));
    buf_str(out, "</td>");
}

static void student(Buf *out, const Frame *frame, const ClassPage *page, const ClassRow *row)
{
    html_add(out, "<tr><th scope=\"row\"><a href=\"/student/%u\"><bdi>%t</bdi></a>", row->name,
             *row->shown ? row->shown : row->name);
    if (*row->shown && strcmp(row->shown, row->name) != 0)
        html_add(out, " <span class=\"of\">%t</span>", row->name);
    buf_str(out, "</th>");
    if (page->n_sections > 0)
        html_add(out, "<td class=\"section\"><bdi>%t</bdi></td>", row->section);
    for (int i = 0; i < page->n_exercises; i++)
        cell(out, row, &row->cells[i], page->exercises[i].id);
    if (row->pushed_s)
        html_add(out, "<td class=\"number total\">%p</td><td>", row->halves);
    else
        buf_str(out, "<td class=\"number none\">–</td><td>");
    html_ago(out, row->pushed_s, frame->now_s);
    buf_str(out, "</td><td>");
    if (row->state == JOB_DONE && row->latest_id) {
        html_add(out, "<a href=\"/submission/%D\">", row->latest_id);
        part_state(out, row->state, row->place);
        buf_str(out, "</a>");
    } else {
        part_state(out, row->state, row->place);
    }
    buf_str(out, "</td></tr>\n");
}

static bool any(const ClassPage *page, bool (*is)(const ClassCell *cell))
{
    for (int i = 0; i < page->n_rows; i++)
        for (int k = 0; k < page->n_exercises; k++)
            if (is(&page->rows[i].cells[k]))
                return true;
    return false;
}

static void search(Buf *out, const ClassPage *page)
{
    html_add(out,
             "<form class=\"search\" role=\"search\" action=\"/class\" data-swap>"
             "<label for=\"q\">Find a student</label>"
             "<input id=\"q\" type=\"search\" name=\"q\" value=\"%t\" autocomplete=\"off\">"
             "<input type=\"hidden\" name=\"sort\" value=\"%t\">",
             page->search, page->sort);
    if (page->descending)
        buf_str(out, "<input type=\"hidden\" name=\"desc\" value=\"1\">");
    if (*page->section)
        html_add(out, "<input type=\"hidden\" name=\"section\" value=\"%t\">", page->section);
    if (page->left)
        buf_str(out, "<input type=\"hidden\" name=\"left\" value=\"1\">");
    buf_str(out, "<button>Find</button></form>\n");
}

static bool has_begun(const ClassPage *page, const ClassRow *row)
{
    for (int i = 0; i < page->n_exercises; i++)
        if (is_begun(&row->cells[i]))
            return true;
    return false;
}

/* What everybody together did: pushed at all, full score, waiting now. */
static void summary(Buf *out, const ClassPage *page)
{
    int pushed = 0, full = 0, waiting = 0, idle = 0;
    for (int i = 0; i < page->n_rows; i++) {
        const ClassRow *row = &page->rows[i];
        pushed += row->pushed_s > 0;
        idle += !has_begun(page, row);
        full += row->max_halves > 0 && row->halves >= row->max_halves;
        waiting += row->state == JOB_QUEUED || row->state == JOB_RUNNING;
    }
    html_add(out, "<p class=\"summary\">%d student%s", page->n_rows, html_plural(page->n_rows));
    if (page->n_rows != page->n_all)
        html_add(out, " of %d", page->n_all);
    html_add(out, " · %d pushed · %d with full score", pushed, full);
    if (idle > 0)
        html_add(out, " · %d not begun", idle);
    if (waiting > 0)
        html_add(out, " · %d being graded or queued", waiting);
    buf_str(out, "</p>\n");
}

static void exercise_links(Buf *out, const ClassPage *page)
{
    buf_str(out, "<nav class=\"exercises\" aria-label=\"Exercises\"><ul>");
    for (int i = 0; i < page->n_exercises; i++) {
        html_add(out, "<li><a href=\"/exercise/%u\">", page->exercises[i].id);
        part_number(out, page->exercises[i].id);
        html_add(out, " %t", page->exercises[i].title);
        if (page->exercises[i].due_s) { /* the page is kept: nothing that ages */
            buf_str(out, " <span class=\"of\">due ");
            html_time(out, page->exercises[i].due_s);
            buf_str(out, "</span>");
        }
        buf_str(out, "</a></li>");
    }
    buf_str(out, "</ul></nav>\n");
}

/* What the gradebook takes in. */
static void grades(Buf *out, const Frame *frame, const ClassPage *page)
{
    char zone[32] = "";
    struct tm local;
    time_t now = (time_t)frame->now_s;
    if (!frame_staff(frame) || page->left)
        return;
    strftime(zone, sizeof zone, "%Z", localtime_r(&now, &local));
    buf_str(out, "<details class=\"grades\"><summary>Grades for the gradebook</summary>"
                 "<form action=\"/grades\">");
    if (*page->section)
        html_add(out, "<input type=\"hidden\" name=\"section\" value=\"%t\">", page->section);
    html_add(out,
             "<label for=\"format\">For</label><select id=\"format\" name=\"format\">"
             "<option value=\"csv\">a spreadsheet (CSV)</option>"
             "<option value=\"canvas\">Canvas</option><option value=\"moodle\">Moodle</option>"
             "<option value=\"json\">a program (JSON)</option></select>"
             "<label for=\"until\">What was pushed by (%t; empty: all)</label>"
             "<input id=\"until\" name=\"until\" type=\"datetime-local\">",
             zone);
    if (page->any_due)
        buf_str(out, "<label><input type=\"checkbox\" name=\"due\" value=\"1\" checked> by the due "
                     "dates</label>");
    html_add(out,
             "<button>Download</button></form><p class=\"of\">The best of each exercise, of %s%t. "
             "Who has handed nothing in has empty cells. Canvas and Moodle get the roster's "
             "identifiers.</p></details>\n",
             *page->section ? "section " : "", *page->section ? page->section : "all whom you see");
}

/* Another section keeps the order and the search. */
static void sections(Buf *out, const ClassPage *page)
{
    Buf path;
    buf_init(&path, 4096);
    html_add(&path, "/class?sort=%u%s%s", page->sort, page->descending ? "&desc=1" : "",
             page->left ? "&left=1" : "");
    if (*page->search)
        html_add(&path, "&q=%u", page->search);
    part_sections(out, path.data, page->sections, page->n_sections, page->section);
    buf_release(&path);
}

/* They are listed on a page of their own and nowhere else; their work stays. */
static void who_left(Buf *out, const ClassPage *page)
{
    if (page->left)
        buf_str(out, "<p><a href=\"/class\">Back to the class</a></p>\n");
    else if (page->n_left > 0)
        html_add(
            out,
            "<p class=\"of\"><a href=\"/class?left=1\">%d student%s</a> left the course.</p>\n",
            page->n_left, html_plural(page->n_left));
}

void pages_class(Buf *out, const Frame *frame, const ClassPage *page)
{
    const char *title = page->left ? "Who has left" : "Class";
    frame_begin(out, frame, title, PLACE_CLASS, true);
    html_add(out, "<h1>%s</h1>\n<div class=\"tools\">", title);
    search(out, page);
    sections(out, page);
    buf_str(out, "</div>\n<div id=\"class\" data-live>\n");
    summary(out, page);
    buf_str(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Students and "
                 "their points\"><table class=\"class\"><caption class=\"unseen\">Best points of "
                 "each student for each exercise</caption>");
    head(out, page);
    buf_str(out, "<tbody>\n");
    for (int i = 0; i < page->n_rows; i++)
        student(out, frame, page, &page->rows[i]);
    buf_str(out, "</tbody></table></div>\n");
    if (any(page, is_less))
        buf_str(out,
                "<p class=\"of\">↓ the latest push has less than the best, which counts.</p>\n");
    if (any(page, is_late))
        buf_str(out, "<p class=\"of\">late: the best was pushed after the due date. Grades by the "
                     "due dates take the best before it.</p>\n");
    if (page->n_rows == 0)
        html_add(out, "<p class=\"empty\">%s</p>\n",
                 page->n_all == 0 && page->left ? "Nobody has left."
                 : page->n_all == 0 ? "Nobody is in the class yet: <code>courseweb roster import "
                                      "FILE.csv</code> brings them in."
                                    : "Nobody of that name.");
    buf_str(out, "</div>\n");
    grades(out, frame, page);
    who_left(out, page);
    exercise_links(out, page);
    frame_end(out, frame);
}
