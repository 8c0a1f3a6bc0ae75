/* The pages: whole documents, and who sees what. */
#include "drawn_page.h"

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

static void draw_much_changed(Buf *out, const Frame *frame)
{
    static const char *const names[] = {"ex1_a/1", "ex1_a/2", "ex1_a/3", "ex1_a/4",
                                        "ex1_a/5", "ex1_a/6", "ex2_b/7", "ex2_b/" SAMPLE_EVIL};
    StudentPage page = sample_student(40);
    HistoryRow row = page.history[0];
    row.changes.gained = names;
    row.changes.n_gained = 8;
    row.again = true;
    page.history = &row;
    page.n_history = 1;
    pages_student(out, frame, &page);
}

static void draw_newcomer(Buf *out, const Frame *frame)
{
    StudentPage page = sample_student(0);
    pages_student(out, frame, &page);
}

static void draw_exercise(Buf *out, const Frame *frame)
{
    ExercisePage page = sample_exercise_page(false);
    page.exercise.title = SAMPLE_EVIL;
    pages_exercise(out, frame, &page);
}

static void draw_exercise_for_staff(Buf *out, const Frame *frame)
{
    FailuresPage failures = sample_failures();
    ExercisePage page = sample_exercise_page(false);
    page.stuck = failures.rows;
    page.n_stuck = failures.n_rows;
    pages_exercise(out, frame, &page);
}

static void draw_scenario(Buf *out, const Frame *frame)
{
    pages_scenario(
        out, frame,
        &(ScenarioPage){.exercise = sample_exercises[0],
                        .name = SAMPLE_EVIL,
                        .script = "# " SAMPLE_EVIL "\nA send \"" SAMPLE_EVIL "\"\nno end"});
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
} drawers[] = {{"class", draw_class},       {"nobody", draw_nobody},
               {"failures", draw_failures}, {"student", draw_student},
               {"newcomer", draw_newcomer}, {"submission", draw_submission},
               {"exercise", draw_exercise}, {"hidden", draw_hidden},
               {"activity", draw_activity}, {"signin", draw_signin},
               {"claim", draw_claim},       {"account", draw_account},
               {"message", draw_message},   {"stuck", draw_exercise_for_staff},
               {"scenario", draw_scenario}, {"changed", draw_much_changed}};
enum { DRAWERS = sizeof drawers / sizeof *drawers };

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

static void students_see_their_own_alone(void **state)
{
    (void)state;
    assert_shows(draw_exercise_for_staff, ROLE_STUDENT, "", "/failures#", false);
    assert_shows(draw_exercise_for_staff, ROLE_TA, "", "/failures#", true);
    assert_shows(draw_exercise_for_staff, ROLE_TA, "ada", "/failures#", false);
    assert_shows(
        draw_much_changed, ROLE_STUDENT, "",
        "<summary>2 more</summary><a href=\"/submission/41#ex2_b-7\">Ex. 2 7</a>, <a href=\"",
        true);
    assert_shows(draw_much_changed, ROLE_STUDENT, "", "graded again", true);
    assert_shows(draw_scenario, ROLE_STUDENT, "", "id=\"L2\" data-n=\"2\">A send", true);
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
    assert_shows(draw_class, ROLE_INSTRUCTOR, "", ">late</span>", true);
    assert_shows(draw_class, ROLE_INSTRUCTOR, "", "late: the best was pushed after", true);
    assert_shows(draw_nobody, ROLE_INSTRUCTOR, "", "late:", false);
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
    assert_shows(draw_activity, ROLE_TA, "", "value=\"all\">Try all again</button>", true);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_for_every_role),
        cmocka_unit_test(students_see_their_own_alone),
        cmocka_unit_test(instructors_alone_pause),
        cmocka_unit_test(due_dates_are_shown),
        cmocka_unit_test(nobody_makes_a_token_for_others),
        cmocka_unit_test(few_are_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
