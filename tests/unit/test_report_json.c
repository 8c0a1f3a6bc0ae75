/* The JSON report against the contract. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "written_report.h"

static json_t *parsed(Result *result)
{
    char *text = written("json", result, &plain);
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fprintf(stderr, "%s at %d\n", error.text, error.line);
    assert_non_null(root);
    assert_lacks(text, "##[");
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
    result.exercises[0].checks[2].runs = 3;
    result.exercises[0].checks[2].failed_runs = 2;
    result.exercises[0].checks[0].runs = 1;
    json_t *root = parsed(&result);
    assert_int_equal(json_integer_value(json_object_get(check_of(root, 0, 2), "failed_runs")), 2);
    assert_int_equal(json_integer_value(json_object_get(check_of(root, 0, 2), "runs")), 3);
    assert_null(json_object_get(check_of(root, 0, 0), "runs"));
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
        cmocka_unit_test(the_contract_example),
        cmocka_unit_test(every_state_in_json),
        cmocka_unit_test(unknown_figures_are_null),
        cmocka_unit_test(json_is_valid_whatever_it_holds),
        cmocka_unit_test(long_text_is_cut_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
