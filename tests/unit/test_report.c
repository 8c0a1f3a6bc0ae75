#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/text.h"
#include "report/page.h"
#include "report/report.h"
#include "sample_result.h"

static const ReportStyle plain = {false, false, 80};
static const ReportStyle ascii = {false, true, 80};

static char *written(const char *format, Result *result, const ReportStyle *style)
{
    Buf out;
    buf_init(&out, REPORT_MOST);
    result_total(result);
    report_format(format)->write(&out, result, style);
    assert_false(out.full);
    return buf_take(&out);
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        fprintf(stderr, "not in the report: %s\n--- report\n%s---\n", part, text);
        fail();
    }
}

static void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part)) {
        fprintf(stderr, "in the report: %s\n--- report\n%s---\n", part, text);
        fail();
    }
}

static int count(const char *text, const char *part)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

/* Valid UTF-8, no control character but the line end, no line too wide or with
 * blanks at its end. */
static void assert_fit(const char *text, int width)
{
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n");
        if (page_columns(line, len) > width || (len && line[len - 1] == ' ')) {
            fprintf(stderr, "a line of %d columns: %.*s|\n", page_columns(line, len), (int)len,
                    line);
            fail();
        }
        for (size_t i = 0, n; i < len; i += n) {
            n = text_utf8(line + i, len - i);
            assert_true(n > 0);
            assert_true((unsigned char)line[i] >= 0x20);
        }
        line += len + (line[len] == '\n');
    }
}

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

static void fail_nonblocking(ExerciseResult *exercise)
{
    CheckResult *check = sample_check(exercise, "nonblocking");
    sample_fail(check, 0, "the connection stayed blocking", "O_NONBLOCK before the first read");
    sample_cite(check, "nonblocking.c", 42, "read(4, ...) = -1 EAGAIN",
                "n = read(connection, buffer, sizeof buffer);");
    sample_wait(sample_check(exercise, "would-block-line"), "nonblocking");
    sample_wait(sample_check(exercise, "retry-interval"), "nonblocking");
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
                     "    replay    start your program on port 9000, then\n"
                     "              build/grader/grader peer ex1_nonblocking/data-later 9000\n");
    assert_has(text, "  ✗ peer-gone 1/2  Fails when the peer leaves (2 of 3 runs)\n");
    assert_has(text, "    replay    data-later, as above\n");
    assert_has(text,
               "2 checks wait for nonblocking (5 points): would-block-line, retry-interval\n");
    assert_lacks(text, "data-whole"); /* passed */
    assert_has(text, "\nNext: nonblocking of ex1_nonblocking (nonblocking.c:42) wants O_NONBLOCK");
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
               "Next: would-block-line of ex1_nonblocking wants 9 lines; 1 other check waits");
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
    text = written("text", &result, &(ReportStyle){true, false, 80});
    assert_non_null(strstr(text, "\033[31m"));
    assert_non_null(strstr(text, "\033[0m"));
    free(text);
    result_release(&result);
}

static void a_stub_gets_its_first_step(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    ExerciseResult *exercise = &result.exercises[0];
    for (int i = 0; i < exercise->n_checks; i++)
        sample_fail(&exercise->checks[i], 0, "nobody was accepted", "a connection accepted");
    for (int i = 0; i < 2; i++) {
        sample_wait(&exercise->checks[i], "");
        sample_set(&exercise->checks[i].message, "counts once another check passes");
    }
    char *text = written("text", &result, &plain);
    assert_has(text, "TODO 1 in nonblocking.c");
    assert_has(text, "assignments/ex1_nonblocking/README.md");
    assert_has(text, "Next: open ex1_nonblocking/nonblocking.c at TODO 1");
    assert_int_equal(count(text, "✗"), 2); /* the exercise and one check */
    assert_lacks(text, "expected");
    assert_fit(text, 80);
    free(text);
    /* One behaviour, and it is a program like any other. */
    sample_pass(sample_check(exercise, "peer-gone"));
    text = written("text", &result, &plain);
    assert_lacks(text, "TODO");
    assert_int_equal(count(text, "expected"), 4);
    free(text);
    result_release(&result);
}

static void unbuilt(ExerciseResult *exercise, ExerciseStatus status)
{
    exercise->status = status;
    for (int i = 1; i < exercise->n_checks; i++)
        sample_wait(&exercise->checks[i], "build");
    sample_fail(&exercise->checks[0], 0, "2 errors", "a program that compiles");
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
    assert_has(text, "    nonblocking.c:17: error: expected ';'\n      │ return 0\n");
    assert_has(text, "Next: make ex1_nonblocking compile: begin at nonblocking.c:17");
    assert_lacks(text, "wait for build");
    assert_fit(text, 80);
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

static const char *const nasty[] = {
    "\033[31mred\033[0m \007\r\b",
    "\xff\xfe\xc3",
    "a\u202eb\u200bc",
    "::error file=x::y",
    "##[error]z ##vso[task.complete]",
    "<script>alert(1)</script>",
    "%s%n%d",
    "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
    "日本語のとても長い名前が続いていて行の終わりまで行ってもまだ終わらないのでどこかで切らないとい"
    "けない",
    "line one\n::set-output name=a::b\nline three\t\ttabs",
};
enum { NASTY = sizeof nasty / sizeof *nasty };

static void make_nasty(Result *result, int n)
{
    ExerciseResult *exercise = &result->exercises[0];
    CheckResult *check = sample_check(exercise, "nonblocking");
    char *many = x_printf("%s %s ::a %s\n::b %s ::c", nasty[n], nasty[n], nasty[(n + 3) % NASTY],
                          nasty[(n + 1) % NASTY]);
    sample_fail(check, 1, many, nasty[n]);
    sample_cite(check, nasty[n], 7, many, nasty[n]);
    sample_cite(check, NULL, 0, nasty[n], many);
    sample_set(&result->submission, nasty[n]);
    sample_set(&exercise->compiler, many);
    result->exercises[1].status = EX_ERROR;
    sample_set(&result->exercises[1].error, many);
    free(many);
}

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
                char *text = written("text", &result, &(ReportStyle){false, plain_only, width});
                assert_fit(text, width);
                assert_inert(text);
                free(text);
            }
            result_release(&result);
        }
}

/* --- json --- */

static json_t *parsed(Result *result)
{
    char *text = written("json", result, &plain);
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fprintf(stderr, "%s at %d\n", error.text, error.line);
    assert_non_null(root);
    free(text);
    return root;
}

static void the_contract_example(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    result.n_exercises = 1;
    ExerciseResult *exercise = &result.exercises[0];
    for (int i = 1; i < exercise->n_checks; i++)
        check_result_release(&exercise->checks[i]);
    exercise->n_checks = 1;
    exercise->cpu = (CpuFigures){true, 580.4, 559.6, 9.99, 61000};
    exercise->checks[0].halves = exercise->checks[0].max_halves = 25;
    sample_cite(&exercise->checks[0], "nonblocking.c", 42, "read(4, ...) = -1 EAGAIN", NULL);
    sample_cite(&exercise->checks[0], NULL, 0, "poll", "poll(0, 0, 100);");
    char *text = written("json", &result, &plain);
    assert_string_equal(text, "{\n"
                              "  \"schema\": 1,\n"
                              "  \"score\": 12.5,\n"
                              "  \"max_score\": 12.5,\n"
                              "  \"observable_max_score\": 12.5,\n"
                              "  \"exercises\": [\n"
                              "    {\n"
                              "      \"id\": \"ex1_nonblocking\",\n"
                              "      \"status\": \"graded\",\n"
                              "      \"score\": 12.5,\n"
                              "      \"max_score\": 12.5,\n"
                              "      \"observable_max_score\": 12.5,\n"
                              "      \"cpu\": {\n"
                              "        \"idle_cpu_us_per_s\": 580,\n"
                              "        \"reference_idle_cpu_us_per_s\": 560,\n"
                              "        \"idle_wakeups_per_s\": 10.0,\n"
                              "        \"reaction_us\": 61000\n"
                              "      },\n"
                              "      \"checks\": [\n"
                              "        {\n"
                              "          \"id\": \"build\",\n"
                              "          \"title\": \"Compiles without a warning\",\n"
                              "          \"status\": \"pass\",\n"
                              "          \"score\": 12.5,\n"
                              "          \"max_score\": 12.5,\n"
                              "          \"message\": \"as it should be\",\n"
                              "          \"evidence\": [\n"
                              "            {\n"
                              "              \"file\": \"nonblocking.c\",\n"
                              "              \"line\": 42,\n"
                              "              \"text\": \"read(4, ...) = -1 EAGAIN\"\n"
                              "            },\n"
                              "            {\n"
                              "              \"file\": \"\",\n"
                              "              \"line\": null,\n"
                              "              \"text\": \"poll\",\n"
                              "              \"source\": \"poll(0, 0, 100);\"\n"
                              "            }\n"
                              "          ]\n"
                              "        }\n"
                              "      ]\n"
                              "    }\n"
                              "  ]\n"
                              "}\n");
    free(text);
    result.n_exercises = 2;
    result_release(&result);
}

static const json_t *check_of(const json_t *root, int exercise, int check)
{
    const json_t *checks = json_object_get(
        json_array_get(json_object_get(root, "exercises"), (size_t)exercise), "checks");
    return json_array_get(checks, (size_t)check);
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void every_state_in_json(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    fail_nonblocking(&result.exercises[0]);
    sample_unseen(&result.exercises[0].checks[6]);
    unbuilt(&result.exercises[1], EX_BUILD_FAILED);
    json_t *root = parsed(&result);
    assert_null(json_object_get(root, "practice"));
    assert_int_equal(json_integer_value(json_object_get(root, "observable_max_score")), 30);
    const json_t *check = check_of(root, 0, 2);
    assert_string_equal(text_of(check, "status"), "fail");
    assert_string_equal(text_of(check, "seen"), "the connection stayed blocking");
    assert_string_equal(text_of(check, "scenario"), "data-later");
    assert_null(json_object_get(check, "reason"));
    check = check_of(root, 0, 3);
    assert_string_equal(text_of(check, "status"), "skip");
    assert_string_equal(text_of(check, "reason"), "prerequisite");
    assert_string_equal(text_of(check, "cause"), "nonblocking");
    check = check_of(root, 0, 6);
    assert_string_equal(text_of(check, "reason"), "unobservable");
    assert_int_equal(json_integer_value(json_object_get(check, "score")), 0);
    const json_t *second = json_array_get(json_object_get(root, "exercises"), 1);
    assert_string_equal(text_of(second, "status"), "build_failed");
    assert_true(json_is_null(json_object_get(second, "cpu")));
    assert_int_equal(json_array_size(json_object_get(second, "checks")), SAMPLE_CHECKS);
    json_decref(root);
    result.practice = true;
    root = parsed(&result);
    assert_true(json_is_true(json_object_get(root, "practice")));
    json_decref(root);
    result_release(&result);
}

static void unknown_figures_are_null(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    result.exercises[0].cpu = (CpuFigures){true, 0, -1, 0.0 / 0.0, 1e300};
    json_t *root = parsed(&result);
    const json_t *cpu =
        json_object_get(json_array_get(json_object_get(root, "exercises"), 0), "cpu");
    assert_int_equal(json_object_size(cpu), 4);
    assert_int_equal(json_integer_value(json_object_get(cpu, "idle_cpu_us_per_s")), 0);
    assert_true(json_is_null(json_object_get(cpu, "reference_idle_cpu_us_per_s")));
    assert_true(json_is_null(json_object_get(cpu, "idle_wakeups_per_s")));
    assert_true(json_is_null(json_object_get(cpu, "reaction_us")));
    json_decref(root);
    result_release(&result);
}

static void json_is_valid_whatever_it_holds(void **state)
{
    (void)state;
    for (int n = 0; n < NASTY; n++) {
        Result result;
        sample_result(&result);
        make_nasty(&result, n);
        json_t *root = parsed(&result);
        assert_null(strchr(text_of(check_of(root, 0, 2), "message"), '\033'));
        json_decref(root);
        result_release(&result);
    }
}

/* Longer than any bound: cut, at the edge of a character, and still JSON. */
static void long_text_is_cut_whole(void **state)
{
    (void)state;
    for (int shift = 0; shift < 4; shift++) {
        Result result;
        sample_result(&result);
        char *text = x_calloc(1, 400001);
        memset(text, 'x', (size_t)shift);
        for (int i = shift; i + 4 <= 400000; i += 4)
            memcpy(text + i, "\xf0\x9f\x90\x9f", 4);
        sample_set(&result.exercises[0].checks[0].message, text);
        sample_set(&result.exercises[0].compiler, text);
        json_t *root = parsed(&result);
        const char *message = text_of(check_of(root, 0, 0), "message");
        assert_true(strlen(message) <= 2048 && strlen(message) > 2040);
        assert_null(strchr(message, '\\'));
        json_decref(root);
        free(text);
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
        cmocka_unit_test(a_failed_build_shows_the_first_errors),
        cmocka_unit_test(a_missing_folder_is_named),
        cmocka_unit_test(our_failure_is_ours),
        cmocka_unit_test(what_cannot_be_seen_is_folded),
        cmocka_unit_test(hostile_text_is_inert),
        cmocka_unit_test(the_contract_example),
        cmocka_unit_test(every_state_in_json),
        cmocka_unit_test(unknown_figures_are_null),
        cmocka_unit_test(json_is_valid_whatever_it_holds),
        cmocka_unit_test(long_text_is_cut_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
