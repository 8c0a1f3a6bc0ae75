/* The page of one submission. */
#include "drawn_page.h"

#include "pages/submission.h"

static void cited_lines_are_marked_and_reached(void **state)
{
    (void)state;
    char *page = drawn(draw_submission, ROLE_STUDENT, "");
    assert_non_null(strstr(page, "<a class=\"place\" href=\"#src0-14\">nonblocking.c:14</a>"));
    assert_non_null(strstr(page, "<mark class=\"l\" id=\"src0-14\" data-n=\"14\">    nanosleep("));
    assert_int_equal(count(page, "<mark "), 2);
    assert_non_null(strstr(page, "lines 1 to 9</summary>"));
    assert_non_null(strstr(page, "lines 19 to 35</summary>"));
    assert_int_equal(count(page, " data-n=\"47\""), 2); /* the last line, of both long files */
    assert_int_equal(count(page, " data-n=\"48\""), 0);
    free(page);
}

enum { LARGE_LINES = 20000, LARGE_CITED = 19000 };

/* As hostile as a source can be: of each byte most HTML. */
static void draw_large(Buf *out, const Frame *frame)
{
    static const int cited[] = {LARGE_CITED};
    Result result;
    SubmissionPage page = sample_submission(&result);
    Buf text;
    buf_init(&text, 1 << 20);
    for (int i = 1; i <= LARGE_LINES; i++)
        buf_printf(&text, i == LARGE_CITED ? "the cited one %2000d\n" : "%d\n", i);
    SourceFile sources[] = {
        {.exercise = "ex1_nonblocking", .name = "first.c", .text = text.data, .len = text.len},
        page.sources[0],
        {.exercise = "ex4_reactor",
         .name = "reactor.c",
         .text = text.data,
         .len = text.len,
         .cited = cited,
         .n_cited = 1},
        {.exercise = "ex4_reactor", .name = "no_room.c", .text = "", .left_out = true}};
    page.sources = sources;
    page.n_sources = 4;
    page.more_sources = true;
    pages_submission(out, frame, &page);
    result_release(&result);
    buf_release(&text);
}

/* What the checks cite is shown, wherever it stands; of the rest what fits, and that is said. */
static void a_large_source_is_not_all_shown(void **state)
{
    (void)state;
    char *page = drawn(draw_large, ROLE_STUDENT, "");
    assert_non_null(strstr(page, "<mark class=\"l\" id=\"src1-14\""));
    assert_non_null(strstr(page, "<mark class=\"l\" id=\"src2-19000\""));
    assert_non_null(strstr(page, "data-n=\"18996\"")); /* with what stands around it */
    assert_non_null(strstr(page, " …\n</mark>"));
    assert_non_null(strstr(page, "to 20000 are left out: this page shows about 256 KiB"));
    assert_non_null(strstr(page, "to 18995 are left out"));
    assert_non_null(strstr(page, "There are more source files"));
    assert_int_equal(count(page, "left out: there are too many"), 1);
    assert_true(count(page, "data-n=") > 1000);
    assert_true(count(page, "data-n=") < SOURCES_DRAWN / LINE_COST);
    assert_true(strlen(page) < 20 * SOURCES_DRAWN);
    free(page);
}

static void draw_one_of(Buf *out, const Frame *frame, int64_t id)
{
    SubmissionPage page = {.id = id,
                           .latest = 3,
                           .student = "ada",
                           .shown = "",
                           .commit = "",
                           .message = "",
                           .repository = "",
                           .run_url = "",
                           .grader = ""};
    pages_submission(out, frame, &page);
}

static void draw_older(Buf *out, const Frame *frame)
{
    draw_one_of(out, frame, 1);
}

static void draw_latest(Buf *out, const Frame *frame)
{
    draw_one_of(out, frame, 3);
}

static void the_latest_one_waits_for_the_next(void **state)
{
    (void)state;
    assert_shows(draw_latest, ROLE_STUDENT, "", "data-events=", true);
    assert_shows(draw_latest, ROLE_STUDENT, "", "There is a newer one", false);
    assert_shows(draw_older, ROLE_STUDENT, "", "data-events=", false);
    assert_shows(draw_older, ROLE_STUDENT, "", "<a href=\"/submission/3\">submission 3</a>", true);
}

/* At the top, before anything is unfolded. */
static void where_it_went_wrong_stands_first(void **state)
{
    (void)state;
    char *page = drawn(draw_submission, ROLE_STUDENT, "");
    const char *first = strstr(page, "nonblocking.c:40"), *section = strstr(page, "<section");
    assert_true(first && section && first < section);
    free(page);
}

static void what_changed_leads_to_its_check(void **state)
{
    (void)state;
    assert_shows(draw_submission, ROLE_STUDENT, "", "Since <a href=\"/submission/41\">", true);
    assert_shows(draw_submission, ROLE_STUDENT, "",
                 "<span class=\"unseen\">no longer passes: </span>"
                 "<a href=\"/submission/42#ex1_nonblocking-pauses-between\">",
                 true);
    assert_shows(draw_older, ROLE_STUDENT, "", "Since <a", false); /* there is none before it */
}

/* One that was due before, one that was due later, and two that never are. */
static void late_is_what_came_after_its_date(void **state)
{
    (void)state;
    char *page = drawn(draw_submission, ROLE_STUDENT, "");
    assert_int_equal(count(page, "handed in late, by "), 1);
    assert_non_null(strstr(page, "handed in late, by 2 h 6 min<"));
    free(page);
}

static void a_submission_of_nothing(void **state)
{
    (void)state;
    Buf out;
    buf_init(&out, PAGES_HTML_MOST);
    Frame frame = sample_frame(ROLE_STUDENT);
    ExerciseResult missing = {.id = (char *)"ex1_nonblocking",
                              .title = (char *)"Raw",
                              .status = EX_MISSING,
                              .max_halves = 40};
    static const SourceFile empty = {.exercise = "ex1_nonblocking", .name = "a.c", .text = ""};
    SubmissionPage page = {.id = 1,
                           .student = "ada",
                           .shown = "",
                           .commit = "",
                           .message = "",
                           .repository = "",
                           .run_url = "",
                           .grader = "",
                           .exercises = &missing,
                           .n_exercises = 1,
                           .begin = &(Begin){false, NULL},
                           .due_s = &(int64_t){0},
                           .sources = &empty,
                           .n_sources = 1};
    pages_submission(&out, &frame, &page);
    assert_document("nothing", out.data);
    assert_non_null(strstr(out.data, "There is no folder"));
    buf_release(&out);
}

static void a_lane_that_runs_out_of_its_time(void **state)
{
    (void)state;
    Timeline timeline = {.length_us = 1000, .data_us = 5000};
    Lane *lane = sample_lane(&timeline, SAMPLE_EVIL, -1, -1, -1);
    sample_span(lane, SPAN_ASLEEP, -50, INT64_MAX, NULL);
    sample_span(lane, SPAN_DATA, INT64_MAX, INT64_MAX, NULL);
    ExerciseResult exercise = {.id = (char *)"ex9", .title = (char *)"", .timeline = timeline};
    SubmissionPage page = {.id = 1,
                           .student = "",
                           .shown = "",
                           .commit = "",
                           .message = "",
                           .repository = "",
                           .run_url = "",
                           .grader = "",
                           .exercises = &exercise,
                           .n_exercises = 1,
                           .begin = &(Begin){false, NULL},
                           .due_s = &(int64_t){0}};
    Frame frame = sample_frame(ROLE_STUDENT);
    Buf out;
    buf_init(&out, PAGES_HTML_MOST);
    pages_submission(&out, &frame, &page);
    assert_document("lane", out.data);
    assert_non_null(strstr(out.data, "d=\"M0 19h10000\""));
    buf_release(&out);
    free(lane->spans);
    free(lane->name);
    free(timeline.lanes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cited_lines_are_marked_and_reached),
        cmocka_unit_test(a_large_source_is_not_all_shown),
        cmocka_unit_test(the_latest_one_waits_for_the_next),
        cmocka_unit_test(where_it_went_wrong_stands_first),
        cmocka_unit_test(what_changed_leads_to_its_check),
        cmocka_unit_test(late_is_what_came_after_its_date),
        cmocka_unit_test(a_submission_of_nothing),
        cmocka_unit_test(a_lane_that_runs_out_of_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
