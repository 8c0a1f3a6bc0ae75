/* results.json against what Gradescope's autograder specification takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "written_report.h"

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static bool one_of(const char *text, const char *const *words)
{
    for (; text && *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static const char *const visibilities[] = {"visible", "hidden", "after_due_date", "after_published",
                                           NULL};
static const char *const formats[] = {"text", "html", "simple_format", "md", "ansi", NULL};
static const char *const statuses[] = {"passed", "failed", NULL};
static const char *const top_keys[] = {"score",
                                       "execution_time",
                                       "output",
                                       "output_format",
                                       "test_output_format",
                                       "visibility",
                                       "tests",
                                       "leaderboard",
                                       "extra_data",
                                       "stdout_visibility",
                                       "test_name_format",
                                       NULL};
static const char *const test_keys[] = {"score",       "max_score",  "status",     "name",
                                        "name_format", "number",     "output",     "output_format",
                                        "tags",        "visibility", "extra_data", NULL};

static void assert_test(const json_t *test)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)test, key, value) assert_true(one_of(key, test_keys));
    assert_non_null(text_of(test, "name"));
    assert_non_null(text_of(test, "output"));
    assert_true(one_of(text_of(test, "visibility"), visibilities));
    assert_string_equal(text_of(test, "output_format"), "text");
    const json_t *score = json_object_get(test, "score"),
                 *most = json_object_get(test, "max_score");
    assert_true((score == NULL) == (most == NULL));
    if (score) {
        assert_true(one_of(text_of(test, "status"), statuses));
        assert_true(json_number_value(score) <= json_number_value(most));
    }
}

/* Parsed, and held against the specification. */
static json_t *parsed(Result *result)
{
    char *text = written("gradescope", result, &plain);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *value;
    const char *key;
    size_t i;
    assert_non_null(root);
    assert_lacks(text, "##[");
    json_object_foreach(root, key, value) assert_true(one_of(key, top_keys));
    assert_true(one_of(text_of(root, "visibility"), visibilities));
    assert_true(one_of(text_of(root, "stdout_visibility"), visibilities));
    assert_true(one_of(text_of(root, "output_format"), formats));
    assert_true(result->broken || json_is_number(json_object_get(root, "score")));
    json_array_foreach(json_object_get(root, "tests"), i, value) assert_test(value);
    free(text);
    return root;
}

static const json_t *test_at(const json_t *root, size_t i)
{
    return json_array_get(json_object_get(root, "tests"), i);
}

static void scores_and_words(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    fail_nonblocking(&result.exercises[0]);
    sample_timeline(&result.exercises[1].timeline);
    sample_fail(sample_check(&result.exercises[1], "data-whole"), 3, "half", "all");
    json_t *root = parsed(&result);
    assert_true(json_number_value(json_object_get(root, "score")) == 21.5);
    assert_int_equal(json_array_size(json_object_get(root, "tests")), 2 * SAMPLE_CHECKS);
    assert_string_equal(text_of(test_at(root, 0), "status"), "passed");
    const json_t *failed = test_at(root, 2);
    assert_string_equal(text_of(failed, "name"),
                        "ex1_nonblocking/nonblocking: Makes the connection non-blocking");
    assert_string_equal(text_of(failed, "status"), "failed");
    assert_has(text_of(failed, "output"), "nonblocking.c:42: read(4, ...) = -1 EAGAIN");
    assert_has(text_of(root, "output"), "Next: nonblocking of ex1_nonblocking");
    assert_has(text_of(root, "output"), "● data or event");
    assert_true(json_number_value(json_object_get(test_at(root, SAMPLE_CHECKS + 5), "score")) ==
                1.5);
    json_decref(root);
    result_release(&result);
}

/* No points and no status: nothing that says that it was wrong. */
static void what_was_not_judged_has_no_points(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    sample_unseen(&result.exercises[0].checks[6]);
    json_t *root = parsed(&result);
    assert_null(json_object_get(test_at(root, 6), "max_score"));
    assert_null(json_object_get(test_at(root, 6), "status"));
    assert_non_null(json_object_get(test_at(root, 5), "score"));
    json_decref(root);
    result_release(&result);
}

/* Neither here nor at a test: a missing score is the sum of those. */
static void where_the_grader_failed_there_is_no_score(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    result.exercises[1].checks[3].status = CHECK_ERROR;
    json_t *root = parsed(&result), *test;
    size_t i;
    assert_null(json_object_get(root, "score"));
    assert_null(text_of(test_at(root, SAMPLE_CHECKS + 3), "status"));
    assert_string_equal(text_of(test_at(root, 0), "status"), "passed");
    assert_has(text_of(root, "output"), "there is no score, and it costs no points");
    json_array_foreach(json_object_get(root, "tests"), i, test)
    {
        assert_null(json_object_get(test, "score"));
        assert_null(json_object_get(test, "max_score"));
    }
    json_decref(root);
    result_release(&result);
}

static void hostile_text(void **state)
{
    (void)state;
    for (int n = 0; n < NASTY; n++) {
        Result result;
        sample_result(&result);
        make_nasty(&result, n);
        json_t *root = parsed(&result);
        assert_null(strchr(text_of(test_at(root, 2), "output"), '\033'));
        json_decref(root);
        result_release(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_and_words),
        cmocka_unit_test(what_was_not_judged_has_no_points),
        cmocka_unit_test(where_the_grader_failed_there_is_no_score),
        cmocka_unit_test(hostile_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
