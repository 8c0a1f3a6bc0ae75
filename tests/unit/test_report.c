/* The text report, and the table of formats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "written_report.h"

static const ReportStyle ascii = {.ascii = true, .width = 80};

/* --- formats and points --- */

static void the_table_of_formats(void **state)
{
    (void)state;
    assert_non_null(report_format("text"));
    assert_non_null(report_format("json"));
    assert_null(report_format("Text"));
    assert_null(report_format(""));
    for (int i = 0; i < report_formats_len; i++)
        assert_ptr_equal(report_format(report_formats[i].name), &report_formats[i]);
}

static void points_as_people_write_them(void **state)
{
    (void)state;
    char text[16];
    assert_string_equal(report_points(0, text, sizeof text), "0");
    assert_string_equal(report_points(1, text, sizeof text), "0.5");
    assert_string_equal(report_points(40, text, sizeof text), "20");
    assert_string_equal(report_points(25, text, sizeof text), "12.5");
    assert_string_equal(report_points(-1, text, sizeof text), "-0.5");
}

/* --- text --- */

static void short_when_all_is_well(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    char *text = written("text", &result, &plain);
    assert_string_equal(text, "assignments: 32 of 32 points\n"
                              "\n"
                              "✓ ex1_nonblocking  16/16     Raw non-blocking socket\n"
                              "✓ ex2_event_loop   16/16     Event loop\n");
    free(text);
    sample_timeline(&result.exercises[1].timeline);
    text = written("text", &result, &plain);
    assert_has(text, "x10,000 connections: 5.8 CPUs");
    assert_lacks(text, "Next:");
    assert_fit(text, 80);
    free(text);
    result_release(&result);
}

static void a_failed_check_says_all(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    fail_nonblocking(&result.exercises[0]);
    CheckResult *gone = sample_check(&result.exercises[0], "peer-gone");
    sample_fail(gone, 2, "exit status 0", "a failure status within a second");
    gone->runs = 3;
    gone->failed_runs = 2;
    char *text = written("text", &result, &plain);
    assert_has(text, "assignments: 22 of 32 points\n");
    assert_has(text, "✗ ex1_nonblocking  6/16 ");
    assert_has(text, "  ✗ nonblocking 0/4  Makes the connection non-blocking\n"
                     "    saw       the connection stayed blocking\n"
                     "    expected  O_NONBLOCK before the first read\n"
                     "    why       A loop without a sleep burns a whole core and gains nothing.\n"
                     "    at        nonblocking.c:42: read(4, ...) = -1 EAGAIN\n"
                     "              │ n = read(connection, buffer, sizeof buffer);\n"
                     "    replay    start your program with 9000, then\n"
                     "              build/grader/grader peer ex1_nonblocking/data-later 9000\n");
    assert_has(text, "  ✗ peer-gone 1/2  Fails when the peer leaves (2 of 3 runs)\n");
    assert_has(text, "    replay    data-later, as above\n");
    assert_has(text,
               "2 checks wait for nonblocking (5 points): would-block-line, retry-interval\n");
    assert_lacks(text, "data-whole"); /* passed */
    assert_has(text,
               "\nNext: nonblocking of ex1_nonblocking (nonblocking.c:42) expects: O_NONBLOCK");
    assert_has(text, "2 other checks wait for it.");
    assert_int_equal(count(text, "Next:"), 1);
    assert_fit(text, 80);
    free(text);
    text = written("text", &result, &ascii);
    for (const char *at = text; *at; at++)
        assert_true((unsigned char)*at < 0x80);
    assert_has(text, "  x nonblocking 0/4");
    free(text);
    result_release(&result);
}

/* The one that most points hang on, not the first and not the dearest alone. */
static void next_is_what_most_hangs_on(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    ExerciseResult *exercise = &result.exercises[0];
    sample_fail(sample_check(exercise, "build"), 0, "2 warnings", "none");
    sample_fail(sample_check(exercise, "data-whole"), 0, "\"hel\"", "\"hello\"");
    sample_fail(sample_check(exercise, "would-block-line"), 2, "3 lines", "9 lines");
    sample_wait(sample_check(exercise, "nonblocking"), "would-block-line");
    char *text = written("text", &result, &plain);
    assert_has(text,
               "Next: would-block-line of ex1_nonblocking expects: 9 lines; 1 other check waits");
    free(text);
    /* Of two that are worth the same, the first. */
    sample_pass(sample_check(exercise, "nonblocking"));
    sample_fail(sample_check(exercise, "retry-interval"), 0, "20 ms", "100 ms");
    text = written("text", &result, &plain);
    assert_has(text, "Next: retry-interval of ex1_nonblocking expects: 100 ms.");
    free(text);
    result_release(&result);
}

static void colour_only_where_wanted(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    fail_nonblocking(&result.exercises[0]);
    char *text = written("text", &result, &plain);
    assert_null(strchr(text, '\033'));
    free(text);
    text = written("text", &result, &(ReportStyle){.colour = true, .width = 80});
    assert_non_null(strstr(text, "\033[31m"));
    assert_non_null(strstr(text, "\033[0m"));
    free(text);
    result_release(&result);
}

/* Exercise 1 as it was given out. `todo` NULL: without a TODO. */
static ExerciseResult *a_stub(Result *result, const char *todo, int step)
{
    sample_result(result);
    ExerciseResult *exercise = &result->exercises[0];
    for (int i = 0; i < exercise->n_checks; i++)
        sample_fail(&exercise->checks[i], 0, "nobody was accepted", "a connection accepted");
    for (int i = 0; i < 2; i++) {
        sample_wait(&exercise->checks[i], "");
        sample_set(&exercise->checks[i].message, "counts once another check passes");
    }
    exercise->first_todo = todo ? x_strdup(todo) : NULL;
    exercise->todo = step;
    return exercise;
}

static void a_stub_gets_its_first_step(void **state)
{
    (void)state;
    Result result;
    ExerciseResult *exercise = a_stub(&result, NULL, 0);
    /* No TODO is left in it: somebody's own program, and no stub. */
    char *text = written("text", &result, &plain);
    assert_lacks(text, "TODO");
    assert_has(text, "expected");
    free(text);
    exercise->first_todo = x_strdup("poller.c");
    exercise->todo = 2;
    text = written("text", &result, &plain);
    assert_has(text, "Go on with TODO 2 in");
    assert_has(text, "assignments/ex1_nonblocking/README.md");
    assert_has(text, "Next: open ex1_nonblocking/poller.c at TODO 2");
    assert_int_equal(count(text, "✗"), 2); /* the exercise and one check */
    assert_lacks(text, "expected");
    assert_fit(text, 80);
    free(text);
    result_release(&result);
}

static void a_program_of_steps_gets_the_next_one(void **state)
{
    (void)state;
    Result result;
    ExerciseResult *exercise = a_stub(&result, "poller.c", 2);
    char *text;
    /* One behaviour, and it is a program like any other. */
    sample_pass(sample_check(exercise, "peer-gone"));
    for (int i = 0; i < exercise->n_checks; i++)
        exercise->checks[i].todo = exercise->checks[i].status == CHECK_FAIL ? 2 : 0;
    text = written("text", &result, &plain);
    assert_int_equal(count(text, "expected"), 4);
    assert_has(text, "Next: TODO 2 in ex1_nonblocking/poller.c. Then ");
    free(text);
    /* A line that is cited comes before the step: its comment may have been left there. */
    CheckResult *check = sample_check(exercise, "nonblocking");
    check->n_evidence = 1;
    check->evidence[0] = (Evidence){
        .file = x_strdup("poller.c"), .line = 42, .text = x_strdup("read(4) = -1 EAGAIN")};
    check->max_halves = 40;
    text = written("text", &result, &plain);
    assert_has(text, "Next: nonblocking of ex1_nonblocking (poller.c:42) expects:");
    assert_has(text, "that is TODO 2");
    free(text);
    free(check->evidence[0].text);
    check->evidence[0].text = x_strdup("read(4) = -1 EAGAIN, called from main.c:7");
    text = written("text", &result, &plain);
    assert_has(text, "called from main.c:7)");
    free(text);
    check->said = x_strdup("x: TODO 2: to do"); /* here it stopped: no doubt */
    text = written("text", &result, &plain);
    assert_has(text, "Next: TODO 2 in ex1_nonblocking/poller.c. Then ");
    free(text);
    check->said[0] = 0;
    CheckResult *done = sample_check(exercise, "would-block-line");
    done->todo = 0; /* its comment is gone: that step is done, and wrong */
    text = written("text", &result, &plain);
    assert_has(text, "Next: would-block-line of ex1_nonblocking expects:");
    free(text);
    result_release(&result);
}

/* What later steps are for is one line, where that is shorter; the next step's comes first. */
static void what_later_steps_are_for_is_one_line(void **state)
{
    (void)state;
    Result result;
    ExerciseResult *exercise = a_stub(&result, "poller.c", 2);
    sample_pass(sample_check(exercise, "peer-gone"));
    sample_check(exercise, "nonblocking")->max_halves = 40;
    int last = -1, later = 0;
    for (int i = 0; i < exercise->n_checks; i++)
        if (exercise->checks[i].status == CHECK_FAIL) {
            exercise->checks[i].todo = 3;
            last = i;
            later++;
        }
    exercise->checks[last].todo = 2;
    char *text = written("text", &result, &plain);
    assert_int_equal(count(text, "expected"), 1);
    assert_has(text, "checks fail for want of later steps than TODO 2");
    char *next = x_printf("poller.c. Then %s expects:", exercise->checks[last].id);
    assert_has(text, next);
    assert_fit(text, 80);
    free(next);
    free(text);
    exercise->todo = 3; /* the other ones' turn: that one is fixed last */
    text = written("text", &result, &plain);
    assert_int_equal(count(text, "expected"), later);
    free(text);
    result_release(&result);
}

static void a_failed_build_shows_the_first_errors(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    ExerciseResult *exercise = &result.exercises[0];
    unbuilt(exercise, EX_BUILD_FAILED);
    sample_set(&exercise->compiler, "one\ntwo\n");
    char *text = written("text", &result, &plain);
    assert_has(text, "    one\n    two\n");
    free(text);
    sample_cite(&exercise->checks[0], "nonblocking.c", 17, "error: expected ';'", "return 0");
    text = written("text", &result, &plain);
    assert_has(text, "  It does not build, so nothing was run: 2 errors.\n"
                     "    nonblocking.c:17: error: expected ';'\n      │ return 0\n");
    assert_has(text, "Next: make ex1_nonblocking compile: begin at nonblocking.c:17");
    assert_lacks(text, "wait for build");
    assert_fit(text, 80);
    free(text);
    /* Not twice the same words. */
    sample_set(&exercise->checks[0].seen, "nonblocking.c:17: error: expected ';'");
    text = written("text", &result, &plain);
    assert_int_equal(count(text, "expected ';'"), 1);
    free(text);
    result_release(&result);
}

static void a_missing_folder_is_named(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    unbuilt(&result.exercises[1], EX_MISSING);
    char *text = written("text", &result, &plain);
    assert_has(text, "✗ ex2_event_loop   0/16 ");
    assert_has(text, "Missing: there is no folder ex2_event_loop in assignments.");
    assert_has(text, "Next: make the folder ex2_event_loop;");
    free(text);
    result_release(&result);
}

static void our_failure_is_ours(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    result.exercises[1].status = EX_ERROR;
    sample_set(&result.exercises[1].error, "no tracer here; install strace");
    for (int i = 2; i < SAMPLE_CHECKS; i++)
        result.exercises[1].checks[i].status = CHECK_ERROR;
    char *text = written("text", &result, &plain);
    assert_has(text, "no tracer here; install strace");
    assert_has(text, "costs it no points");
    assert_has(text, "14 of the 32 points could not be judged here");
    assert_has(text, "grader doctor");
    assert_lacks(text, "✗");
    free(text);
    result_release(&result);
}

static void what_cannot_be_seen_is_folded(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    sample_unseen(sample_check(&result.exercises[0], "nonblocking"));
    sample_unseen(sample_check(&result.exercises[0], "peer-gone"));
    result.practice = true;
    char *text = written("text", &result, &plain);
    assert_has(text, "2 checks can't be seen on this machine, which costs no points (6 points):");
    assert_has(text, "Practice (--own)");
    assert_lacks(text, "✗");
    assert_lacks(text, "Next:");
    free(text);
    result_release(&result);
}

/* --- hostile text --- */

/* What a CI system takes for a command: `::` first on a line, `##[` anywhere. */
static void assert_inert(const char *text)
{
    assert_lacks(text, "##[");
    assert_lacks(text, "##vso[");
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        assert_true(strncmp(line + strspn(line, " "), "::", 2) != 0);
    }
}

static void hostile_text_is_inert(void **state)
{
    (void)state;
    for (int n = 0; n < NASTY; n++)
        for (int width = 40; width <= 80; width += 8) {
            Result result;
            sample_result(&result);
            make_nasty(&result, n);
            for (int plain_only = 0; plain_only < 2; plain_only++) {
                char *text =
                    written("text", &result, &(ReportStyle){.ascii = plain_only, .width = width});
                assert_fit(text, width);
                assert_inert(text);
                free(text);
            }
            result_release(&result);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_of_formats),
        cmocka_unit_test(points_as_people_write_them),
        cmocka_unit_test(short_when_all_is_well),
        cmocka_unit_test(a_failed_check_says_all),
        cmocka_unit_test(next_is_what_most_hangs_on),
        cmocka_unit_test(colour_only_where_wanted),
        cmocka_unit_test(a_stub_gets_its_first_step),
        cmocka_unit_test(a_program_of_steps_gets_the_next_one),
        cmocka_unit_test(what_later_steps_are_for_is_one_line),
        cmocka_unit_test(a_failed_build_shows_the_first_errors),
        cmocka_unit_test(a_missing_folder_is_named),
        cmocka_unit_test(our_failure_is_ours),
        cmocka_unit_test(what_cannot_be_seen_is_folded),
        cmocka_unit_test(hostile_text_is_inert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
