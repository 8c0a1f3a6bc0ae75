#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "report/text_parts.h"

enum { COMPARED_MOST = 16 };

static const char *points(int halves)
{
    static char text[4][16];
    static unsigned at;
    return report_points(halves, text[at++ % 4], sizeof *text);
}

/* --- the head --- */

static void head(Page *page, const Result *result)
{
    page_ink(page, INK_STRONG);
    if (result->submission && *result->submission)
        page_wordsf(page, "%s:", result->submission);
    page_wordsf(page, "%s of %s points", points(result->halves), points(result->max_halves));
    page_ink(page, INK_PLAIN);
    int unseen = result->max_halves - result->observable_max_halves;
    if (unseen > 0) {
        page_end(page);
        page_wordsf(page,
                    "%s of the %s points could not be judged here and do not count against it.",
                    points(unseen), points(result->max_halves));
    }
    if (result->practice) {
        page_end(page);
        page_words(page, "Practice (--own): no sandbox, not for the record.", 0);
    }
    page_end(page);
    page_blank(page);
}

/* --- an exercise --- */

static bool all_well(const ExerciseResult *exercise)
{
    if (exercise->status != EX_GRADED)
        return false;
    for (int i = 0; i < exercise->n_checks; i++)
        if (exercise->checks[i].status != CHECK_PASS)
            return false;
    return true;
}

/* Did only this machine, or the grader, keep it from full points? */
static bool short_by_us(const ExerciseResult *exercise)
{
    return exercise->status == EX_GRADED && exercise->halves == exercise->observable_max_halves;
}

static void exercise_line(Page *page, const ExerciseResult *exercise, int id_columns)
{
    bool well = all_well(exercise) || short_by_us(exercise);
    bool ours = exercise->status == EX_ERROR;
    page_ink(page, well ? INK_GOOD : ours || exercise->halves ? INK_PART : INK_BAD);
    page_glyph(page, well ? GLYPH_PASS : ours ? GLYPH_ERROR : GLYPH_FAIL);
    page_ink(page, INK_PLAIN);
    page_ink(page, INK_STRONG);
    page_piece(page, exercise->id);
    page_ink(page, INK_PLAIN);
    page_to(page, id_columns + 4);
    page_wordsf(page, "%s/%s", points(exercise->halves), points(exercise->max_halves));
    page_to(page, id_columns + 14);
    page_piece(page, exercise->title);
    page_end(page);
}

static void missing(Page *page, const Result *result, const ExerciseResult *exercise)
{
    page_to(page, 2);
    page_wordsf(page, "Missing: there is no folder %s in %s.", exercise->id,
                result->submission && *result->submission ? result->submission : "the submission");
    page_end(page);
}

static const CheckResult *build_check(const ExerciseResult *exercise)
{
    for (int i = 0; i < exercise->n_checks; i++)
        if (exercise->checks[i].id && strcmp(exercise->checks[i].id, "build") == 0)
            return &exercise->checks[i];
    return NULL;
}

static void compiler_lines(Page *page, const char *text, int most)
{
    for (; text && *text && most > 0; most--) {
        size_t len = strcspn(text, "\n");
        char *line = x_strndup(text, len);
        page_to(page, 4);
        page_piece(page, line);
        page_end(page);
        free(line);
        text += len + (text[len] == '\n');
    }
}

static void compiler_note(Page *page, const Evidence *note)
{
    page_to(page, 4);
    page_indent(page, 6);
    if (note->file && note->line > 0)
        page_wordsf(page, "%s:%d:", note->file, note->line);
    else if (note->file)
        page_wordsf(page, "%s:", note->file);
    page_words(page, note->text, 3);
    page_end(page);
    if (!note->source)
        return;
    page_to(page, 6);
    page_ink(page, INK_DIM);
    page_glyph(page, GLYPH_BAR);
    page_piece(page, note->source);
    page_ink(page, INK_PLAIN);
    page_end(page);
}

/* The reason in a line; nothing where the notes below begin with the same words. */
static const char *build_reason(const CheckResult *build)
{
    const char *reason = build->seen && *build->seen ? build->seen : build->message;
    const char *note = build->n_evidence > 0 ? build->evidence[0].text : NULL;
    return note && *note && reason && strstr(reason, note) ? "" : reason;
}

static void build_failed(Page *page, const ExerciseResult *exercise)
{
    const CheckResult *build = build_check(exercise);
    const char *reason = build ? build_reason(build) : "the compiler failed";
    page_to(page, 2);
    page_indent(page, 2);
    page_wordsf(page, "It does not build, so nothing was run: %s%s", reason ? reason : "",
                reason && *reason ? "." : "");
    page_end(page);
    if (build && build->n_evidence > 0)
        for (int i = 0; i < build->n_evidence && i < 3; i++)
            compiler_note(page, &build->evidence[i]);
    else
        compiler_lines(page, exercise->compiler, 6);
}

/* A wall of red teaches nobody who has not begun: one step, and what was seen. */
static void stub(Page *page, const ExerciseResult *exercise)
{
    char *file = text_main_file(exercise);
    page_to(page, 2);
    page_indent(page, 2);
    page_wordsf(page,
                "It builds, but nothing that earns points is there yet. Go on with TODO %d in %s; "
                "the steps are in assignments/%s/README.md.",
                exercise->todo, file, exercise->id);
    page_end(page);
    free(file);
    int key = result_key_check(exercise);
    if (key >= 0)
        text_check(page, exercise, key, true);
}

static void failed_checks(Page *page, const ExerciseResult *exercise)
{
    for (int i = 0; i < exercise->n_checks; i++)
        if (exercise->checks[i].status == CHECK_FAIL && text_is_shown(exercise, i)) {
            page_blank(page);
            text_check(page, exercise, i, false);
        }
    text_later_steps(page, exercise);
    text_folded(page, exercise);
}

static void broken(Page *page, const ExerciseResult *exercise)
{
    page_to(page, 2);
    page_indent(page, 2);
    page_wordsf(page, "The grader could not do its work: %s.",
                exercise->error && *exercise->error ? exercise->error : "no reason was noted");
    page_words(page,
               "This is no fault of the submission and costs it no points; `grader doctor` "
               "says what this machine lacks.",
               0);
    page_end(page);
    failed_checks(page, exercise);
}

static void exercise_details(Page *page, const Result *result, const ExerciseResult *exercise)
{
    if (exercise->status == EX_MISSING)
        missing(page, result, exercise);
    else if (exercise->status == EX_BUILD_FAILED)
        build_failed(page, exercise);
    else if (exercise->status == EX_ERROR)
        broken(page, exercise);
    else if (result_is_stub(exercise))
        stub(page, exercise);
    else
        failed_checks(page, exercise);
    page_blank(page);
}

static int widest_id(const Result *result)
{
    int widest = 0;
    for (int i = 0; i < result->n_exercises; i++) {
        const char *id = result->exercises[i].id ? result->exercises[i].id : "";
        int columns = page_columns(id, strlen(id));
        widest = columns > widest ? columns : widest;
    }
    return widest < 30 ? widest : 30;
}

/* Those whose idle wait is measured are compared: one picture. The others tell
 * another story, each its own. */
void text_timelines(Page *page, const Result *result, const ReportStyle *style)
{
    const Timeline *compared[COMPARED_MOST];
    int n = 0;
    for (int i = 0; i < result->n_exercises; i++) {
        const ExerciseResult *exercise = &result->exercises[i];
        if (exercise->timeline.n_lanes > 0 && exercise->halves > 0 && exercise->cpu.known &&
            n < COMPARED_MOST)
            compared[n++] = &exercise->timeline;
    }
    if (n > 0) {
        page_blank(page);
        report_timelines(page->out, compared, n, style);
    }
    for (int i = 0; i < result->n_exercises; i++) {
        const ExerciseResult *exercise = &result->exercises[i];
        if (exercise->timeline.n_lanes == 0 || exercise->halves == 0 || exercise->cpu.known)
            continue;
        page_blank(page);
        report_timeline(page->out, &exercise->timeline, style);
    }
}

void report_text(Buf *out, const Result *result, const ReportStyle *style)
{
    ReportStyle within = style ? *style : (ReportStyle){0};
    if (within.width <= 0 || within.width > PAGE_USUAL)
        within.width = PAGE_USUAL;
    Page page;
    page_init(&page, out, &within);
    head(&page, result);
    int id_columns = widest_id(result);
    for (int i = 0; i < result->n_exercises; i++) {
        const ExerciseResult *exercise = &result->exercises[i];
        bool well = all_well(exercise);
        if (!well)
            page_blank(&page);
        exercise_line(&page, exercise, id_columns);
        if (!well)
            exercise_details(&page, result, exercise);
    }
    text_timelines(&page, result, &within);
    text_next(&page, result);
}
