#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../browser/sample_submission.h"

typedef void (*Drawer)(Buf *out, const Frame *frame);

static void draw_class(Buf *out, const Frame *frame)
{
    ClassPage page = sample_class(40);
    page.search = SAMPLE_EVIL;
    page.section = SAMPLE_EVIL;
    page.any_due = true;
    pages_class(out, frame, &page);
}

static void draw_nobody(Buf *out, const Frame *frame)
{
    ClassPage page = sample_class(0);
    pages_class(out, frame, &page);
}

static void draw_failures(Buf *out, const Frame *frame)
{
    FailuresPage page = sample_failures();
    pages_failures(out, frame, &page);
}

static void draw_student(Buf *out, const Frame *frame)
{
    StudentPage page = sample_student(40);
    page.shown = page.section = page.push_url = SAMPLE_EVIL;
    pages_student(out, frame, &page);
}

static void draw_newcomer(Buf *out, const Frame *frame)
{
    StudentPage page = sample_student(0);
    pages_student(out, frame, &page);
}

static void draw_submission(Buf *out, const Frame *frame)
{
    Result result;
    SubmissionPage page = sample_submission(&result);
    pages_submission(out, frame, &page);
    result_release(&result);
}

static void draw_exercise(Buf *out, const Frame *frame)
{
    ExercisePage page = sample_exercise_page(false);
    page.exercise.title = SAMPLE_EVIL;
    pages_exercise(out, frame, &page);
}

static void draw_hidden(Buf *out, const Frame *frame)
{
    ExercisePage page = sample_exercise_page(true);
    pages_exercise(out, frame, &page);
}

static void draw_activity(Buf *out, const Frame *frame)
{
    ActivityPage page = sample_activity();
    page.of_sections = frame->role == ROLE_TA;
    pages_activity(out, frame, &page);
}

static void draw_signin(Buf *out, const Frame *frame)
{
    pages_signin(out, frame, &(SigninPage){.error = SAMPLE_EVIL, .name = SAMPLE_EVIL});
}

static void draw_claim(Buf *out, const Frame *frame)
{
    pages_claim(out, frame,
                &(ClaimPage){.secret = SAMPLE_EVIL,
                             .name = SAMPLE_EVIL,
                             .shown = SAMPLE_EVIL,
                             .error = SAMPLE_EVIL});
}

static void draw_account(Buf *out, const Frame *frame)
{
    pages_account(out, frame,
                  &(AccountPage){.name = SAMPLE_EVIL,
                                 .shown = SAMPLE_EVIL,
                                 .push_url = SAMPLE_EVIL,
                                 .token = SAMPLE_EVIL,
                                 .token_s = 1});
}

static void draw_their_account(Buf *out, const Frame *frame)
{
    pages_account(out, frame,
                  &(AccountPage){.name = SAMPLE_EVIL,
                                 .shown = SAMPLE_EVIL,
                                 .push_url = SAMPLE_EVIL,
                                 .token = "",
                                 .token_s = 1,
                                 .seen_by_staff = true});
}

static void draw_message(Buf *out, const Frame *frame)
{
    pages_message(out, frame, &(MessagePage){404, SAMPLE_EVIL, SAMPLE_EVIL});
}

static const struct {
    const char *name;
    Drawer draw;
} drawers[] = {
    {"class", draw_class},       {"nobody", draw_nobody},     {"failures", draw_failures},
    {"student", draw_student},   {"newcomer", draw_newcomer}, {"submission", draw_submission},
    {"exercise", draw_exercise}, {"hidden", draw_hidden},     {"activity", draw_activity},
    {"signin", draw_signin},     {"claim", draw_claim},       {"account", draw_account},
    {"message", draw_message}};
enum { DRAWERS = sizeof drawers / sizeof *drawers };

/* --- whole documents --- */

static const char *current = ""; /* for what a failure says */

static int count(const char *text, const char *what)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        n++;
    return n;
}

/* The name of the element whose tag begins here; its length. */
static size_t name_length(const char *tag)
{
    return strspn(tag, "abcdefghijklmnopqrstuvwxyz0123456789");
}

static bool stands_alone(const char *name, size_t len)
{
    static const char *const names[] = {"meta", "link", "input", "br", "img"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return true;
    return false;
}

/* The end of a tag, quoted values passed over; also looks for what the policy forbids. */
static const char *tag_end(const char *at)
{
    bool quoted = false;
    for (; *at && (quoted || *at != '>'); at++) {
        if (*at == '"')
            quoted = !quoted;
        if (!quoted && at[0] == ' ' && at[1] == 'o' && at[2] == 'n')
            fail_msg("%s: a handler in a tag: %.60s", current, at);
        if (!quoted && strncmp(at, " style=", 7) == 0)
            fail_msg("%s: a style in a tag: %.60s", current, at);
    }
    assert_true(*at == '>');
    return at + 1;
}

/* Every element that opens is closed, in order; no tag but of ours. */
static void assert_nested(const char *page)
{
    enum { DEEPEST = 64 };
    const char *open[DEEPEST];
    int depth = 0;
    for (const char *at = strchr(page + 1, '<'); at; at = strchr(at, '<')) {
        bool closes = at[1] == '/';
        const char *name = at + 1 + closes;
        size_t len = name_length(name), opened;
        if (len == 0)
            fail_msg("%s: no tag: %.60s", current, at);
        at = tag_end(name);
        if (closes) {
            assert_true(depth > 0);
            opened = name_length(open[--depth]);
            if (opened != len || memcmp(open[depth], name, len) != 0)
                fail_msg("%s: </%.*s> closes <%.*s> near %.80s", current, (int)len, name,
                         (int)opened, open[depth], at);
        } else if (!stands_alone(name, len) && at[-2] != '/') {
            assert_true(depth < DEEPEST);
            open[depth++] = name;
        }
    }
    assert_int_equal(depth, 0);
}

static const char *value_of(const char *at)
{
    static char value[4096];
    size_t len = strcspn(at, "\"");
    assert_true(len < sizeof value);
    memcpy(value, at, len);
    value[len] = 0;
    return value;
}

/* No id twice; what points to an id of the page finds it. */
static void assert_ids(const char *page)
{
    char wanted[4200];
    for (const char *at = page; (at = strstr(at, " id=\"")); at += 5) {
        snprintf(wanted, sizeof wanted, " id=\"%s\"", value_of(at + 5));
        if (count(page, wanted) != 1)
            fail_msg("%s: %d elements have %s", current, count(page, wanted), wanted);
    }
    for (const char *at = page; (at = strstr(at, " href=\"#")); at += 8) {
        snprintf(wanted, sizeof wanted, " id=\"%s\"", value_of(at + 8));
        if (!strstr(page, wanted))
            fail_msg("%s: nothing has %s", current, wanted);
    }
}

static void assert_document(const char *name, const char *page)
{
    current = name;
    assert_int_equal(strncmp(page, "<!doctype html>\n", 16), 0);
    assert_nested(page);
    assert_ids(page);
    assert_int_equal(count(page, "<main"), 1);
    assert_int_equal(count(page, "<h1>"), 1);
    assert_int_equal(count(page, "<script"), 1); /* app.js */
    assert_int_equal(count(page, "<style"), 0);
    assert_int_equal(count(page, "<img"), 0);
    assert_int_equal(count(page, "javascript:"), 0);
    int posts = count(page, "method=\"post\""),
        open = count(page, "action=\"/signin\"") + count(page, "action=\"/claim\"");
    assert_int_equal(count(page, "name=\"csrf\""), posts - open);
}

static void every_page_for_every_role(void **state)
{
    (void)state;
    Buf out;
    buf_init(&out, PAGES_HTML_MOST);
    for (Role role = ROLE_NONE; role <= ROLE_INSTRUCTOR; role++)
        for (int i = 0; i < DRAWERS; i++) {
            Frame frame = sample_frame(role);
            frame.course = frame.banner = SAMPLE_EVIL;
            frame.viewer = frame.csrf = role == ROLE_NONE ? "" : SAMPLE_EVIL;
            frame.paused = true;
            frame.view_as = role == ROLE_TA ? SAMPLE_EVIL : "";
            drawers[i].draw(&out, &frame);
            assert_false(out.full);
            assert_document(drawers[i].name, out.data);
            buf_clear(&out);
        }
    buf_release(&out);
}

/* --- who sees what --- */

static char *drawn(Drawer draw, Role role, const char *view_as)
{
    Buf out;
    buf_init(&out, PAGES_HTML_MOST);
    Frame frame = sample_frame(role);
    frame.view_as = view_as;
    draw(&out, &frame);
    return buf_take(&out);
}

static void assert_shows(Drawer draw, Role role, const char *view_as, const char *what, bool shows)
{
    char *page = drawn(draw, role, view_as);
    if ((strstr(page, what) != NULL) != shows)
        fail_msg("role %d: \"%s\" %s", (int)role, what, shows ? "is not there" : "is there");
    free(page);
}

static void students_see_their_own_alone(void **state)
{
    (void)state;
    assert_shows(draw_student, ROLE_STUDENT, "", "href=\"/class\"", false);
    assert_shows(draw_student, ROLE_STUDENT, "", "/view-as", false);
    assert_shows(draw_student, ROLE_STUDENT, "", "Your work", true);
    assert_shows(draw_student, ROLE_TA, "", "href=\"/class\"", true);
    assert_shows(draw_student, ROLE_TA, "", "/view-as", true);
    assert_shows(draw_student, ROLE_STUDENT, "", "/student/ada/link", false);
    assert_shows(draw_student, ROLE_TA, "", "/student/ada/link", true);
    assert_shows(draw_student, ROLE_INSTRUCTOR, "ada", "href=\"/class\"", false);
    assert_shows(draw_student, ROLE_INSTRUCTOR, "ada", "Back to your own view", true);
    assert_shows(draw_submission, ROLE_STUDENT, "", "href=\"/student/", false);
    assert_shows(draw_submission, ROLE_TA, "", "href=\"/student/ada\"", true);
}

static void due_dates_are_shown(void **state)
{
    (void)state;
    assert_shows(draw_student, ROLE_STUDENT, "", "was due <time", true);
    assert_shows(draw_student, ROLE_STUDENT, "", ", in 4 d</span>", true);
    assert_shows(draw_class, ROLE_INSTRUCTOR, "", ">due <time", true);
    assert_shows(draw_class, ROLE_INSTRUCTOR, "", "by the due dates", true);
    assert_shows(draw_class, ROLE_INSTRUCTOR, "", "in 4 d", false); /* it is kept */
}

static void nobody_makes_a_token_for_others(void **state)
{
    (void)state;
    assert_shows(draw_account, ROLE_STUDENT, "", "/account/token", true);
    assert_shows(draw_their_account, ROLE_INSTRUCTOR, "ada", "/account/token", false);
    assert_shows(draw_their_account, ROLE_INSTRUCTOR, "ada", "git remote add", true);
}

static void instructors_alone_pause(void **state)
{
    (void)state;
    assert_shows(draw_activity, ROLE_TA, "", "/activity/pause", false);
    assert_shows(draw_activity, ROLE_INSTRUCTOR, "", "/activity/pause", true);
    assert_shows(draw_activity, ROLE_TA, "", "/activity/retry", true);
    assert_shows(draw_activity, ROLE_TA, "", "of the whole course", true);
    assert_shows(draw_activity, ROLE_INSTRUCTOR, "", "of the whole course", false);
}

static void few_are_not_shown(void **state)
{
    (void)state;
    assert_shows(draw_exercise, ROLE_STUDENT, "", "266 students", true);
    assert_shows(draw_hidden, ROLE_STUDENT, "", "<svg", false);
    assert_shows(draw_hidden, ROLE_STUDENT, "", "3 students", false);
    assert_shows(draw_hidden, ROLE_INSTRUCTOR, "", "<svg", false);
}

/* --- the submission's page --- */

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
    const char *first = strstr(page, "nonblocking.c:14"), *section = strstr(page, "<section");
    assert_true(first && section && first < section);
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
                           .n_exercises = 1};
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
        cmocka_unit_test(every_page_for_every_role),
        cmocka_unit_test(students_see_their_own_alone),
        cmocka_unit_test(instructors_alone_pause),
        cmocka_unit_test(due_dates_are_shown),
        cmocka_unit_test(nobody_makes_a_token_for_others),
        cmocka_unit_test(the_latest_one_waits_for_the_next),
        cmocka_unit_test(where_it_went_wrong_stands_first),
        cmocka_unit_test(few_are_not_shown),
        cmocka_unit_test(cited_lines_are_marked_and_reached),
        cmocka_unit_test(a_submission_of_nothing),
        cmocka_unit_test(a_lane_that_runs_out_of_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
