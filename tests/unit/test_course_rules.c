#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "course_rules.h"
#include "sample_result.h"

static const CourseItem items[] = {
    {"ex1_nonblocking", "build"},          {"ex1_nonblocking", "nonblocking"},
    {"ex1_nonblocking", "retry-interval"}, {"ex1_nonblocking", "data-whole"},
    {"ex2_event_loop", "build"},           {"ex2_event_loop", "data-whole"},
};
enum { ITEMS = sizeof items / sizeof *items };

static int parse(CourseRules *rules, const char *text, Fault *fault)
{
    *fault = (Fault){""};
    return course_rules_parse(rules, "course.json", text, strlen(text), items, ITEMS, fault);
}

static void weights_override(void **state)
{
    (void)state;
    CourseRules rules;
    Fault fault;
    assert_int_equal(parse(&rules,
                           "{\"weights\": {\"ex1_nonblocking\": {\"retry-interval\": 5, \"build\": "
                           "0}, \"ex2_event_loop\": {\"data-whole\": 7.5}}}",
                           &fault),
                     0);
    assert_int_equal(course_rules_weight(&rules, "ex1_nonblocking", "retry-interval", 6), 10);
    assert_int_equal(course_rules_weight(&rules, "ex1_nonblocking", "build", 2), 0);
    assert_int_equal(course_rules_weight(&rules, "ex1_nonblocking", "data-whole", 6), 6);
    assert_int_equal(course_rules_weight(&rules, "ex2_event_loop", "data-whole", 6), 15);
    assert_int_equal(course_rules_weight(NULL, "ex2_event_loop", "data-whole", 6), 6);
    course_rules_release(&rules);
    course_rules_release(&rules);
    assert_int_equal(parse(&rules, "{}", &fault), 0);
    assert_int_equal(rules.n_weights, 0);
    course_rules_release(&rules);
}

static void each_mistake_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } mistakes[] = {
        {"", "course.json:1:"},
        {"{\n\"weights\": {,}}", "course.json:2:"},
        {"{} x", "course.json:1:"},
        {"[]", "a course's rules must be an object"},
        {"5", "course.json:1:"},
        {"{\"weights\": []}", "\"weights\" must be an object"},
        {"{\"wieghts\": {}}", "\"wieghts\" is not a rule"},
        {"{\"weights\": {}, \"weights\": {}}", "duplicate"},
        {"{\"weights\": {\"ex1_nonblocking\": {\"build\": 1, \"build\": 2}}}", "duplicate"},
        {"{\"weights\": {\"ex9\": {}}}",
         "there is no exercise \"ex9\"; there are ex1_nonblocking, ex2_event_loop"},
        {"{\"weights\": {\"ex1_nonblocking\": 5}}", "ex1_nonblocking must be an object"},
        {"{\"weights\": {\"ex2_event_loop\": {\"nonblocking\": 5}}}",
         "ex2_event_loop has no check \"nonblocking\"; it has build, data-whole"},
        {"{\"weights\": {\"ex1_nonblocking\": {\"a\\n\\u001b[31m\": 5}}}",
         "no check \"a\\n\\x1b[31m\""},
        {"{\"weights\": {\"ex1_nonblocking\": {\"build\": \"5\"}}}", "the weight of build"},
        {"{\"weights\": {\"ex1_nonblocking\": {\"build\": null}}}", "the weight of build"},
        {"{\"weights\": {\"ex1_nonblocking\": {\"build\": -0.5}}}", "from 0 to 100"},
        {"{\"weights\": {\"ex1_nonblocking\": {\"build\": 0.25}}}", "steps of 0.5"},
        {"{\"weights\": {\"ex1_nonblocking\": {\"build\": 100.5}}}", "from 0 to 100"},
        {"{\"weights\": {\"ex1_nonblocking\": {\"build\": 9223372036854775807}}}", "from 0 to 100"},
        {"{\"weights\": {\"ex1_nonblocking\": {\"build\": 1e400}}}", "course.json:1:"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        CourseRules rules;
        Fault fault;
        assert_int_equal(parse(&rules, mistakes[i].text, &fault), -1);
        if (!strstr(fault.text, mistakes[i].says)) {
            fprintf(stderr, "%s\n  said: %s\n", mistakes[i].text, fault.text);
            fail();
        }
        assert_null(strchr(fault.text, '\n'));
        assert_null(strchr(fault.text, '\033'));
        assert_int_equal(rules.n_weights, 0);
        assert_null(rules.weights);
    }
}

/* A mistake after good weights leaves none of them behind. */
static void all_or_nothing(void **state)
{
    (void)state;
    CourseRules rules;
    Fault fault;
    assert_int_equal(parse(&rules,
                           "{\"weights\": {\"ex1_nonblocking\": {\"build\": 1, \"data-whole\": 2}, "
                           "\"ex2_event_loop\": {\"build\": true}}}",
                           &fault),
                     -1);
    assert_int_equal(rules.n_weights, 0);
}

static void parts_are_scaled_down_to_halves(void **state)
{
    (void)state;
    static const struct {
        int halves, max_halves, weight, earned;
    } cases[] = {
        {0, 6, 10, 0},  {6, 6, 10, 10}, {3, 6, 10, 5},    {4, 10, 6, 2}, {5, 6, 2, 1},
        {5, 6, 1, 0},   {6, 6, 0, 0},   {3, 6, 0, 0},     {1, 2, 1, 0},  {0, 0, 10, 0},
        {7, 6, 10, 10}, {-1, 6, 10, 0}, {1, 2, 200, 100},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(course_rules_earned(cases[i].halves, cases[i].max_halves, cases[i].weight),
                         cases[i].earned);
    /* Below the full points stays below, whatever the weight. */
    for (int full = 1; full <= 14; full++)
        for (int part = 0; part < full; part++)
            for (int weight = 1; weight <= 2 * COURSE_WEIGHT_MOST; weight++)
                assert_true(course_rules_earned(part, full, weight) < weight);
}

static void applied_to_a_result(void **state)
{
    (void)state;
    Result result;
    CourseRules rules;
    Fault fault;
    sample_result(&result);
    sample_fail(sample_check(&result.exercises[0], "retry-interval"), 3, "20 ms", "100 ms");
    sample_unseen(sample_check(&result.exercises[0], "data-whole"));
    assert_int_equal(parse(&rules,
                           "{\"weights\": {\"ex1_nonblocking\": {\"retry-interval\": 5, \"build\": "
                           "0, \"data-whole\": 10}}}",
                           &fault),
                     0);
    course_rules_apply(&rules, &result);
    const ExerciseResult *exercise = &result.exercises[0];
    assert_int_equal(sample_check(&result.exercises[0], "retry-interval")->halves, 5);
    assert_int_equal(sample_check(&result.exercises[0], "retry-interval")->status, CHECK_FAIL);
    assert_int_equal(sample_check(&result.exercises[0], "build")->status, CHECK_PASS);
    assert_int_equal(exercise->max_halves, 32 - 2 + 4 + 14);
    assert_int_equal(exercise->observable_max_halves, 32 - 2 + 4 - 6);
    assert_int_equal(exercise->halves, 32 - 2 - 6 + 5 - 6);
    assert_int_equal(result.max_halves, exercise->max_halves + 32);
    course_rules_apply(NULL, &result);
    assert_int_equal(result.max_halves, exercise->max_halves + 32);
    course_rules_release(&rules);
    result_release(&result);
}

/* --- files --- */

static char *file_with(const char *text, size_t len)
{
    char *path = x_strdup("/tmp/test-course-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), (ssize_t)len);
    close(fd);
    return path;
}

static void read_from_files(void **state)
{
    (void)state;
    static const char text[] = "{\"weights\": {\"ex2_event_loop\": {\"build\": 2}}}";
    CourseRules rules;
    Fault fault = {""};
    char *path = file_with(text, sizeof text - 1);
    assert_int_equal(course_rules_read(&rules, path, items, ITEMS, &fault), 0);
    assert_int_equal(course_rules_weight(&rules, "ex2_event_loop", "build", 2), 4);
    course_rules_release(&rules);
    unlink(path);
    assert_int_equal(course_rules_read(&rules, path, items, ITEMS, &fault), -1);
    assert_non_null(strstr(fault.text, "No such file"));
    assert_non_null(strstr(fault.text, path));
    free(path);
    assert_int_equal(course_rules_read(&rules, "/tmp", items, ITEMS, &fault), -1);
    assert_non_null(strstr(fault.text, "/tmp"));
    assert_int_equal(course_rules_read(&rules, "/dev/zero", items, ITEMS, &fault), -1);

    size_t len = COURSE_RULES_BYTES + 1;
    char *large = x_calloc(1, len);
    memset(large, ' ', len);
    memcpy(large, "{}", 2);
    path = file_with(large, len);
    assert_int_equal(course_rules_read(&rules, path, items, ITEMS, &fault), -1);
    assert_non_null(strstr(fault.text, "65536 bytes"));
    assert_int_equal(truncate(path, (off_t)len - 1), 0);
    assert_int_equal(course_rules_read(&rules, path, items, ITEMS, &fault), 0);
    course_rules_release(&rules);
    unlink(path);
    free(path);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_override),    cmocka_unit_test(each_mistake_is_named),
        cmocka_unit_test(all_or_nothing),      cmocka_unit_test(parts_are_scaled_down_to_halves),
        cmocka_unit_test(applied_to_a_result), cmocka_unit_test(read_from_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
