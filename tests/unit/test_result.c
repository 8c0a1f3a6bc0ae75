#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sample_result.h"

static void sums_of_checks(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    assert_int_equal(result.exercises[0].max_halves, 32);
    assert_int_equal(result.halves, 64);
    assert_int_equal(result.max_halves, 64);
    assert_int_equal(result.observable_max_halves, 64);
    sample_fail(sample_check(&result.exercises[0], "retry-interval"), 3, "20 ms", "100 ms");
    sample_wait(sample_check(&result.exercises[0], "data-whole"), "nonblocking");
    result_total(&result);
    assert_int_equal(result.exercises[0].halves, 32 - 3 - 6);
    assert_int_equal(result.halves, 64 - 3 - 6);
    assert_int_equal(result.observable_max_halves, 64);
    result_release(&result);
}

static void what_cannot_be_seen_is_not_observable(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    sample_unseen(sample_check(&result.exercises[0], "nonblocking"));
    result_total(&result);
    assert_int_equal(result.exercises[0].max_halves, 32);
    assert_int_equal(result.exercises[0].observable_max_halves, 24);
    assert_int_equal(result.exercises[0].halves, 24);
    assert_int_equal(result.observable_max_halves, 56);
    assert_false(result.broken);
    result_release(&result);
}

static void an_error_costs_nothing_and_is_known(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    CheckResult *check = sample_check(&result.exercises[1], "peer-gone");
    check->status = CHECK_ERROR;
    check->halves = 4; /* whatever stands there does not count */
    result_total(&result);
    assert_true(result.broken);
    assert_int_equal(result.exercises[1].halves, 28);
    assert_int_equal(result.exercises[1].observable_max_halves, 28);
    sample_pass(check);
    result_total(&result);
    assert_true(result.broken);
    result.broken = false;
    result.exercises[0].status = EX_ERROR;
    result_total(&result);
    assert_true(result.broken);
    result_release(&result);
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(check_status_name(CHECK_PASS), "pass");
    assert_string_equal(check_status_name(CHECK_ERROR), "error");
    assert_null(skip_reason_name(SKIP_NONE));
    assert_string_equal(skip_reason_name(SKIP_PREREQUISITE), "prerequisite");
    assert_string_equal(skip_reason_name(SKIP_UNOBSERVABLE), "unobservable");
    assert_string_equal(exercise_status_name(EX_BUILD_FAILED), "build_failed");
    assert_string_equal(exercise_status_name(EX_MISSING), "missing");
}

static void release_is_safe_twice(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    sample_timeline(&result.exercises[0].timeline);
    sample_trace(&result, "read(4)", 7);
    sample_cite(&result.exercises[0].checks[0], "a.c", 1, "text", NULL);
    result_release(&result);
    assert_int_equal(result.n_exercises, 0);
    result_release(&result);
    CheckResult check = {.id = x_strdup("build")};
    check_result_release(&check);
    check_result_release(&check);
    assert_null(check.id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_of_checks),
        cmocka_unit_test(what_cannot_be_seen_is_not_observable),
        cmocka_unit_test(an_error_costs_nothing_and_is_known),
        cmocka_unit_test(names),
        cmocka_unit_test(release_is_safe_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
