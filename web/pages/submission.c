/* One submission, every exercise below the other. */
#include "submission.h"

#include <stdlib.h>
#include <string.h>

#include "result_next.h"

static void where_from(Buf *out, const Frame *frame, const SubmissionPage *page)
{
    buf_str(out, "<p class=\"lead\">");
    if (frame_staff(frame))
        html_add(out, "<a href=\"/student/%u\"><bdi>%t</bdi></a> · ", page->student,
                 *page->shown ? page->shown : page->student);
    buf_str(out, "handed in ");
    html_time(out, page->at_s);
    if (*page->commit) {
        buf_str(out, " · <code class=\"commit\">");
        html_text_n(out, page->commit, strnlen(page->commit, 12));
        html_add(out, "</code> <bdi>%t</bdi>", page->message);
    }
    if (*page->run_url)
        html_add(out, " · <a href=\"%t\" rel=\"noreferrer\">the run</a> in <bdi>%t</bdi>",
                 page->run_url, page->repository);
    if (page->weaker) {
        buf_str(out, " · ");
        part_weaker(out);
    }
    buf_str(out, "</p>\n");
}

static bool is_latest(const SubmissionPage *page)
{
    return !page->latest || page->latest == page->id;
}

/* Renewed while the page is open: the next push may be graded meanwhile. */
static void neighbours(Buf *out, const SubmissionPage *page)
{
    buf_str(out, "<nav class=\"steps\" id=\"steps\" data-live aria-label=\"Submissions\"><ul>");
    if (page->previous)
        html_add(out, "<li><a rel=\"prev\" href=\"/submission/%D\">← earlier</a></li>",
                 page->previous);
    if (page->next)
        html_add(out, "<li><a rel=\"next\" href=\"/submission/%D\">later →</a></li>", page->next);
    if (page->latest && page->latest != page->id && page->latest != page->next)
        html_add(out, "<li><a href=\"/submission/%D\">the latest</a></li>", page->latest);
    html_add(out, "<li><a href=\"/submission/%D/report.json\" download>report.json</a></li>",
             page->id);
    buf_str(out, "</ul></nav>\n");
}

static void newer(Buf *out, const SubmissionPage *page)
{
    buf_str(out, "<div id=\"newer\" data-live>");
    if (!is_latest(page))
        html_add(out,
                 "<p class=\"notice\">There is a newer one: <a href=\"/submission/%D\">submission "
                 "%D</a>.</p>",
                 page->latest, page->latest);
    buf_str(out, "</div>\n");
}

static void score(Buf *out, const SubmissionPage *page)
{
    html_add(out, "<p class=\"lead\"><span class=\"big\">%p</span> of %p points", page->halves,
             page->max_halves);
    if (page->observable_max_halves < page->max_halves)
        html_add(out, " (this machine could see %p of them)", page->observable_max_halves);
    buf_str(out, "</p>\n");
}

static void since(Buf *out, const SubmissionPage *page)
{
    if (!page->previous)
        return;
    bool same = page->changes.n_gained + page->changes.n_lost == 0;
    html_add(out,
             "<div class=\"since\"><p class=\"of\">%s <a href=\"/submission/%D\">submission "
             "%D</a>%s</p>",
             same ? "The same checks pass as in" : "Since", page->previous, page->previous,
             same ? "." : ":");
    part_changes(out, &page->changes, page->id);
    buf_str(out, "</div>\n");
}

static const char *fell_short(const ExerciseResult *exercise)
{
    switch (exercise->status) {
    case EX_MISSING:
        return "not handed in";
    case EX_BUILD_FAILED:
        return "does not compile";
    case EX_ERROR:
        return "our failure";
    default:
        return "";
    }
}

static void first_fault(Buf *out, const CheckResult *key)
{
    const Evidence *place = key ? result_place(key) : NULL;
    if (!key)
        return;
    html_add(out, "<span class=\"of\">✗ <code>%t</code>", key->id);
    if (place)
        html_add(out, " %t:%d", place->file, place->line);
    buf_str(out, "</span>");
}

/* It is graded all the same. */
static void late(Buf *out, const SubmissionPage *page, int exercise)
{
    int64_t due_s = page->due_s[exercise];
    if (due_s == 0 || page->at_s <= due_s || page->begin[exercise].stub ||
        page->exercises[exercise].status == EX_MISSING)
        return;
    buf_str(out, "<span class=\"of due over\">handed in late, by ");
    html_span(out, page->at_s - due_s);
    buf_str(out, "</span>");
}

static void overview(Buf *out, const SubmissionPage *page)
{
    buf_str(out, "<ul class=\"overview\">");
    for (int i = 0; i < page->n_exercises; i++) {
        const ExerciseResult *exercise = &page->exercises[i];
        html_add(out, "<li><a class=\"card\" href=\"#%u\"><span class=\"name\">", exercise->id);
        part_number(out, exercise->id);
        html_add(out, " %t</span>", exercise->title);
        part_score(out, exercise->halves, exercise->max_halves);
        if (page->begin[i].stub)
            html_add(out, "<span class=\"of\">not begun: TODO %d</span>", exercise->todo);
        else if (*fell_short(exercise))
            html_add(out, "<span class=\"of\">%s</span>", fell_short(exercise));
        else
            first_fault(out, page->begin[i].key);
        late(out, page, i);
        buf_str(out, "</a></li>");
    }
    buf_str(out, "</ul>\n");
}

static void compiler(Buf *out, const ExerciseResult *exercise)
{
    if (!exercise->compiler || !*exercise->compiler)
        return;
    html_add(out,
             "<details%s><summary>What the compiler said</summary><pre tabindex=\"0\">%t"
             "</pre></details>\n",
             exercise->status == EX_BUILD_FAILED ? " open" : "", exercise->compiler);
}

static void traces(Buf *out, const SubmissionPage *page, const ExerciseResult *exercise)
{
    int n = 0;
    for (int i = 0; i < page->n_traces; i++) {
        const TraceFile *trace = &page->traces[i];
        if (strcmp(trace->exercise, exercise->id) != 0)
            continue;
        if (n++ == 0)
            buf_str(out, "<details><summary>Raw traces</summary><ul class=\"traces\">");
        html_add(out,
                 "<li><a href=\"/submission/%D/trace/%u/%u\" download>%t</a> "
                 "<span class=\"of\">",
                 page->id, trace->exercise, trace->scenario, trace->scenario);
        html_bytes(out, trace->bytes);
        buf_str(out, "</span></li>");
    }
    if (n > 0)
        buf_str(out, "</ul></details>\n");
}

/* A wall of red teaches nobody who has not begun. */
static void not_begun(Buf *out, const ExerciseResult *exercise, bool stub)
{
    if (stub)
        html_add(out,
                 "<p class=\"notice\">It builds, but nothing that earns points is there yet. Go on "
                 "with TODO %d in <code>%t</code>; the steps are in "
                 "<code>assignments/%t/README.md</code>.</p>\n",
                 exercise->todo, exercise->first_todo, exercise->id);
}

static void exercise_part(Buf *out, const Frame *frame, const SubmissionPage *page, int i,
                          Room *room)
{
    const ExerciseResult *exercise = &page->exercises[i];
    html_add(out,
             "<section class=\"exercise\" id=\"%u\" aria-labelledby=\"h-%u\"><h2 id=\"h-%u\">"
             "Exercise ",
             exercise->id, exercise->id, exercise->id);
    part_number(out, exercise->id);
    html_add(out, ": %t <span class=\"of\">%p / %p</span></h2>\n", exercise->title,
             exercise->halves, exercise->max_halves);
    if (exercise->status == EX_MISSING)
        html_add(out,
                 "<p class=\"empty\">There is no folder <code>%t</code> in this "
                 "submission.</p>\n",
                 exercise->id);
    if (exercise->status == EX_ERROR)
        html_add(out,
                 "<p class=\"notice broke\">Something of ours failed here, and it costs no "
                 "points: <bdi>%t</bdi></p>\n",
                 exercise->error ? exercise->error : "");
    if (exercise->status == EX_BUILD_FAILED)
        compiler(out, exercise);
    bool stub = page->begin[i].stub;
    not_begun(out, exercise, stub);
    if (stub)
        html_add(out, "<details><summary>All %d checks</summary>\n", exercise->n_checks);
    if (exercise->status != EX_MISSING)
        submission_checks(out, page, exercise);
    if (stub)
        buf_str(out, "</details>\n");
    submission_run(out, exercise, i, frame_staff(frame));
    submission_sources(out, page, exercise, room);
    if (exercise->status != EX_BUILD_FAILED)
        compiler(out, exercise);
    traces(out, page, exercise);
    buf_str(out, "</section>\n");
}

/* Where to begin: in the first exercise that has something to do. */
static void next(Buf *out, const SubmissionPage *page)
{
    for (int i = 0; i < page->n_exercises; i++) {
        const ExerciseResult *exercise = &page->exercises[i];
        const CheckResult *key = page->begin[i].key;
        bool stub = page->begin[i].stub;
        if (exercise->status != EX_MISSING && !key && !stub)
            continue;
        html_add(out, "<p class=\"notice next\"><strong>Next</strong>, in exercise ");
        part_number(out, exercise->id);
        if (exercise->status == EX_MISSING)
            html_add(out, ": hand in the folder <code>%t</code>.", exercise->id);
        else if (stub)
            html_add(out, ": <a href=\"#%u\">TODO %d in %t</a>.", exercise->id, exercise->todo,
                     exercise->first_todo);
        else
            html_add(out, ": <a href=\"#%u-%u\">%t</a>", exercise->id, key->id,
                     key->title ? key->title : key->id);
        const Evidence *place = key && !stub ? result_place(key) : NULL;
        if (place)
            html_add(out, " (%t:%d)", place->file, place->line);
        buf_str(out, "</p>\n");
        return;
    }
}

void pages_submission(Buf *out, const Frame *frame, const SubmissionPage *page)
{
    char *title = x_printf("%s, submission %lld", *page->shown ? page->shown : page->student,
                           (long long)page->id);
    frame_begin(out, frame, title, PLACE_NONE, is_latest(page));
    free(title);
    html_add(out, "<div class=\"heading\"><h1>Submission %D</h1>\n", page->id);
    neighbours(out, page);
    buf_str(out, "</div>");
    newer(out, page);
    where_from(out, frame, page);
    score(out, page);
    since(out, page);
    next(out, page);
    overview(out, page);
    Room room = submission_room(page);
    for (int i = 0; i < page->n_exercises; i++)
        exercise_part(out, frame, page, i, &room);
    if (page->more_sources)
        buf_str(out, "<p class=\"of\">There are more source files than are shown here.</p>\n");
    html_add(out, "<p class=\"of\">Graded by version %t", page->grader);
    if (page->wall_us > 0) {
        buf_str(out, " in ");
        html_figure(out, (double)page->wall_us / 1e6);
        buf_str(out, " s");
    }
    buf_str(out, ".</p>\n");
    frame_end(out, frame);
}
