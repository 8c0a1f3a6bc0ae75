/* Of what the store keeps: which result counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "scratch_store.h"

static void the_first_best_is_kept(void **state)
{
    Scratch *scratch = *state;
    Store *store = opened(scratch);
    static const struct {
        const char *student;
        int lost;
        int64_t started_s;
    } adds[] = {{"bob", 6, 100}, {"bob", 2, 200}, {"ada", 1, 250},
                {"bob", 2, 300}, {"bob", 4, 400}, {"bob", 5, 350}};
    for (size_t i = 0; i < sizeof adds / sizeof *adds; i++)
        assert_int_equal(scratch_add(store, adds[i].student, adds[i].lost, adds[i].started_s, NULL,
                                     &scratch->fault),
                         0);
    static const char wanted[] = "ada ex1 31/32 31/32 x1 250 250 #3\n"
                                 "ada ex2 32/32 32/32 x1 250 250 #3\n"
                                 "bob ex1 30/32 28/32 x5 200 400 #2\n"
                                 "bob ex2 32/32 32/32 x5 100 400 #1\n";
    Seen seen = {""};
    assert_int_equal(store_scores(store, NULL, NULL, see, &seen, &scratch->fault), 0);
    assert_string_equal(seen.text, wanted);
    /* Weighed by rules that change nothing, the slow way says the same. */
    CourseRules none;
    course_rules_init(&none);
    seen = (Seen){""};
    assert_int_equal(store_scores(store, &none, NULL, see, &seen, &scratch->fault), 0);
    assert_string_equal(seen.text, wanted);
    store_close(store);
}

static int add_weighed(Store *store, const char *bad, int halves, int64_t started_s, Fault *fault)
{
    Result result;
    sample_result(&result);
    result.started_s = started_s;
    sample_fail(sample_check(&result.exercises[0], bad), halves, "this", "that");
    result_total(&result);
    int status = store_add(store, "ada", &result, NULL, fault);
    result_release(&result);
    return status;
}

static void rules_choose_the_best_anew(void **state)
{
    Scratch *scratch = *state;
    Store *store = opened(scratch);
    assert_int_equal(add_weighed(store, "nonblocking", 4, 100, &scratch->fault), 0); /* -4 */
    assert_int_equal(add_weighed(store, "build", 0, 200, &scratch->fault), 0);       /* -2: best */
    CourseWeight weights[] = {{(char[]){"ex1_nonblocking"}, (char[]){"build"}, 20},
                              {(char[]){"ex1_nonblocking"}, (char[]){"nonblocking"}, 1}};
    CourseRules rules = {weights, 2};
    Seen seen = {""};
    assert_int_equal(store_scores(store, NULL, NULL, see, &seen, &scratch->fault), 0);
    assert_string_equal(seen.text, "ada ex1 30/32 30/32 x2 200 200 #2\n"
                                   "ada ex2 32/32 32/32 x2 100 200 #1\n");
    seen = (Seen){""};
    assert_int_equal(store_scores(store, &rules, NULL, see, &seen, &scratch->fault), 0);
    /* 32 - 2 + 20 - 8 + 1 = 43; half of nonblocking's 1 is 0; without build 23. */
    assert_string_equal(seen.text, "ada ex1 42/43 23/43 x2 100 200 #1\n"
                                   "ada ex2 32/32 32/32 x2 100 200 #1\n");
    store_close(store);
}

static void as_it_stood_at_a_date(void **state)
{
    Scratch *scratch = *state;
    Store *store = opened(scratch);
    for (int i = 1; i <= 3; i++) /* better each time */
        assert_int_equal(scratch_add(store, "ada", 8 - 2 * i, 100 * i, NULL, &scratch->fault), 0);
    /* The last waited for its turn since before the second one began. */
    assert_int_equal(
        store_run(store, "UPDATE submission SET submitted_s = 150 WHERE id = 3", &scratch->fault),
        0);
    static const struct {
        int64_t until_s;
        const char *text;
    } rows[] = {
        {99, ""},
        {100, "ada ex1 26/32 26/32 x1 100 100 #1\n"},
        {149, "ada ex1 26/32 26/32 x1 100 100 #1\n"},
        {150, "ada ex1 30/32 30/32 x2 150 150 #3\n"}, /* when it was handed in, not graded */
        {200, "ada ex1 30/32 30/32 x3 150 150 #3\n"},
        {0, "ada ex1 30/32 30/32 x3 150 150 #3\n"},
    };
    CourseRules none;
    course_rules_init(&none);
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        Seen seen = {""};
        assert_int_equal(store_scores(store, i % 2 ? &none : NULL,
                                      &(StoreUntil){.all_s = rows[i / 2].until_s}, see, &seen,
                                      &scratch->fault),
                         0);
        char *second = strstr(seen.text, "ada ex2"); /* it is always the same */
        if (second)
            *second = 0;
        assert_string_equal(seen.text, rows[i / 2].text);
    }
    store_close(store);
}

/* Only ada's exercise 1 is due, at 150; the context says for whom it is. */
static int64_t due_at_150(void *context, const char *student, const char *exercise)
{
    return strcmp(student, context) == 0 && strncmp(exercise, "ex1", 3) == 0 ? 150 : 0;
}

static void each_by_its_own_date(void **state)
{
    Scratch *scratch = *state;
    Store *store = opened(scratch);
    for (int i = 1; i <= 2; i++) {
        assert_int_equal(scratch_add(store, "ada", 8 - 2 * i, 100 * i, NULL, &scratch->fault), 0);
        assert_int_equal(scratch_add(store, "bob", 8 - 2 * i, 100 * i, NULL, &scratch->fault), 0);
    }
    assert_int_equal(scratch_add(store, "eve", 0, 200, NULL, &scratch->fault), 0);
    Seen seen = {""};
    StoreUntil until = {.due_s = due_at_150, .context = (void *)(uintptr_t) "ada"};
    assert_int_equal(store_scores(store, NULL, &until, see, &seen, &scratch->fault), 0);
    assert_non_null(strstr(seen.text, "ada ex1 26/32 26/32 x1"));
    assert_non_null(strstr(seen.text, "ada ex2 32/32 32/32 x2"));
    assert_non_null(strstr(seen.text, "bob ex1 28/32 28/32 x2"));
    /* Who handed in too late has no row, and the other exercise counts all the same. */
    seen = (Seen){""};
    until.context = (void *)(uintptr_t) "eve";
    assert_int_equal(store_scores(store, NULL, &until, see, &seen, &scratch->fault), 0);
    assert_null(strstr(seen.text, "eve ex1"));
    assert_non_null(strstr(seen.text, "eve ex2"));
    store_close(store);
}

static void our_errors_are_no_attempts(void **state)
{
    Scratch *scratch = *state;
    Store *store = opened(scratch);
    Result result;
    sample_result(&result);
    result.exercises[0].status = EX_ERROR;
    result_total(&result);
    assert_int_equal(store_add(store, "ada", &result, NULL, &scratch->fault), 0);
    result_release(&result);
    CourseRules none;
    course_rules_init(&none);
    for (int weighed = 0; weighed < 2; weighed++) {
        Seen seen = {""};
        assert_int_equal(
            store_scores(store, weighed ? &none : NULL, NULL, see, &seen, &scratch->fault), 0);
        assert_string_equal(seen.text, "ada ex2 32/32 32/32 x1 1700000000 1700000000 #1\n");
    }
    assert_int_equal(scratch_number(scratch, "SELECT count(*) FROM exercise"), 2);
    store_close(store);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_first_best_is_kept), TEST(rules_choose_the_best_anew), TEST(as_it_stood_at_a_date),
        TEST(each_by_its_own_date),   TEST(our_errors_are_no_attempts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
