/* Reports from outside: what the grader writes is taken as it stands, nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "result_json.h"
#include "result_read.h"
#include "sample_result.h"

static Fault fault;

/* In every state that a report may be in. */
static json_t *sample(void)
{
    Result result;
    sample_result(&result);
    ExerciseResult *first = &result.exercises[0], *second = &result.exercises[1];
    sample_fail(sample_check(first, "retry-interval"), 3, "20 ms", "100 ms");
    sample_cite(sample_check(first, "retry-interval"), "a.c", 42, "read(4) = -1 EAGAIN", "read(");
    sample_cite(sample_check(first, "retry-interval"), NULL, 0, "nanosleep(...)", NULL);
    sample_wait(sample_check(first, "data-whole"), "retry-interval");
    sample_unseen(sample_check(first, "peer-gone"));
    sample_check(first, "retry-interval")->said = x_strdup("last words");
    sample_check(first, "retry-interval")->runs = 3;
    sample_check(first, "retry-interval")->failed_runs = 2;
    first->cpu = (CpuFigures){true, 580, -1, 10.5, 61000};
    sample_set(&first->compiler, "a.c:1: warning: unused \"x\"");
    second->status = EX_BUILD_FAILED;
    for (int i = 0; i < second->n_checks; i++)
        sample_wait(&second->checks[i], "build");
    sample_fail(&second->checks[0], 0, "no", "yes");
    result_total(&result);
    json_t *value = result_json(&result);
    result_release(&result);
    return value;
}

static int took(const char *text)
{
    Result result;
    fault.text[0] = '\0';
    int status = result_read(&result, text, strlen(text), &fault);
    result_release(&result);
    return status;
}

static void the_same_again(void **state)
{
    (void)state;
    Result result;
    json_t *value = sample();
    char *text = json_dumps(value, RESULT_JSON_FLAGS);
    if (result_read(&result, text, strlen(text), &fault))
        fail_msg("%s", fault.text);
    json_t *again = result_json(&result);
    char *second = json_dumps(again, RESULT_JSON_FLAGS);
    assert_string_equal(second, text);
    assert_int_equal(result.halves, 32 - 3 - 6 - 4);
    json_decref(value);
    json_decref(again);
    free(text);
    free(second);
    result_release(&result);
}

/* The sample with one thing changed, written as a jansson path of keys and indices. */
static void refused(const char *path, json_t *value_taken, const char *says)
{
    json_t *report = sample(), *at = report;
    char *keys = x_strdup(path), *rest = keys, *key, *last = NULL;
    while ((key = strsep(&rest, "/")) != NULL) {
        if (!rest)
            last = key;
        else
            at = json_is_array(at) ? json_array_get(at, (size_t)atoi(key))
                                   : json_object_get(at, key);
    }
    if (json_is_array(at))
        json_array_insert_new(at, (size_t)atoi(last), value_taken);
    else if (value_taken)
        json_object_set_new(at, last, value_taken);
    else
        json_object_del(at, last);
    char *text = json_dumps(report, 0);
    int status = took(text);
    if (status != -1 || !strstr(fault.text, says))
        fail_msg("%s: %s \"%s\", not \"%s\"", path, status ? "says" : "taken:", fault.text, says);
    free(text);
    free(keys);
    json_decref(report);
}

static void changed(void **state)
{
    (void)state;
    refused("schema", json_integer(2), "schema is not 1");
    refused("schema", json_real(1.0), "schema is not 1");
    refused("schema", NULL, "schema is not 1");
    refused("extra", json_true(), "a key that no report has");
    refused("practice", json_true(), "a key that no report has");
    refused("score", json_integer(20), "score is not the sum");
    refused("max_score", json_integer(33), "max_score is not the sum");
    refused("observable_max_score", json_integer(32), "observable_max_score is not the sum");
    refused("score", json_real(18.25), "score is no number of points");
    refused("score", json_integer(-1), "score is no number of points");
    refused("score", json_string("18"), "score is no number of points");
    refused("exercises", json_object(), "is no list");
    refused("exercises", json_array(), "is empty");
    refused("exercises/0", json_null(), "exercises[0] is no object");
    refused("exercises/0/id", json_string("../ex1"), "exercises[0].id is none of ours");
    refused("exercises/0/id", json_string(""), "exercises[0].id is empty");
    refused("exercises/0/id", json_string("ex2_event_loop"), "exercises[1].id is there twice");
    refused("exercises/0/status", json_string("error"), "exercises[0].status");
    refused("exercises/0/error", json_string("x"), "a key that no report has");
    refused("exercises/0/score", json_integer(16), "exercises[0].score is not the sum");
    refused("exercises/0/compiler", json_integer(1), "compiler is no text");
    refused("exercises/0/cpu/note", json_integer(1), "a key that no report has");
    refused("exercises/0/cpu/reaction_us", json_integer(-2), "is no figure");
    refused("exercises/0/cpu/reaction_us", NULL, "is no figure");
    refused("exercises/0/checks/0/id", json_string("listening"), "checks[1].id is there twice");
    refused("exercises/0/checks/0/status", json_string("PASS"), "checks[0].status");
    refused("exercises/0/checks/0/status", json_string("error"), "checks[0].status");
    refused("exercises/0/checks/0/score", json_integer(2), "score is more than max_score");
    refused("exercises/0/checks/0/score", json_integer(0), "score is not full");
    refused("exercises/0/checks/5/score", json_integer(1), "score is given for a check");
    refused("exercises/0/checks/0/title", NULL, "checks[0].title is missing");
    refused("exercises/0/checks/0/reason", json_string("luck"), "checks[0].reason");
    refused("exercises/0/checks/0/reason", json_string("unobservable"),
            "reason is given for a check that was not skipped");
    refused("exercises/0/checks/4/evidence/0/line", json_integer(-1), "line is no count");
    refused("exercises/0/checks/4/evidence/0/secret", json_true(), "a key that no report has");
    refused("exercises/0/checks/4/runs", json_real(1.5), "runs is no count");
}

static void too_much(void **state)
{
    (void)state;
    char *huge = x_calloc(1, RESULT_READ_BYTES + 2);
    memset(huge, 'x', RESULT_READ_BYTES + 1);
    assert_int_equal(took(huge), -1);
    assert_non_null(strstr(fault.text, "KiB"));
    huge[9000] = '\0';
    refused("exercises/0/checks/0/message", json_string(huge), "message is too long");
    free(huge);
    json_t *many = json_array();
    for (int i = 0; i <= RESULT_EXERCISES_MOST; i++)
        json_array_append_new(many, json_object());
    refused("exercises", many, "too many entries");
    many = json_array();
    for (int i = 0; i <= RESULT_CHECKS_MOST; i++)
        json_array_append_new(many, json_object());
    refused("exercises/0/checks", many, "too many entries");
    many = json_array();
    for (int i = 0; i < 9; i++)
        json_array_append_new(many, json_object());
    refused("exercises/0/checks/0/evidence", many, "too many entries");
}

static void no_json(void **state)
{
    (void)state;
    static const char *const odd[] = {"",
                                      "null",
                                      "[]",
                                      "{",
                                      "{\"schema\":1,\"schema\":1}",
                                      "{} {}",
                                      "{\"a\":\"\\u0000\"}",
                                      "[[[[[[[[[[[[[[[[[[[[",
                                      "{\"schema\":1}x",
                                      "\xff"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        if (took(odd[i]) != -1 || !strstr(fault.text, "no report of the grader"))
            fail_msg("%s: %s", odd[i], fault.text);
    Fault why;
    assert_null(json_strict("{\"a\":[[]]}", 10, 2, &why));
    assert_non_null(strstr(why.text, "2 levels"));
    json_t *fine = json_strict("{\"[[[\":\"\\\"[[[\"}", 15, 1, &why);
    assert_non_null(fine);
    json_decref(fine);
}

/* Text of a submission's is inert when it comes back. */
static void inert(void **state)
{
    (void)state;
    Result result;
    json_t *report = sample();
    json_t *check = json_array_get(
        json_object_get(json_array_get(json_object_get(report, "exercises"), 0), "checks"), 4);
    json_object_set_new(check, "message", json_string("\033[31mred\xe2\x80\xae"));
    char *text = json_dumps(report, 0);
    assert_int_equal(result_read(&result, text, strlen(text), &fault), 0);
    assert_string_equal(result.exercises[0].checks[4].message, "\\x1b[31mred\\u{202e}");
    result_release(&result);
    free(text);
    json_decref(report);
}

static const char list[] =
    "{\"exercises\":[{\"id\":\"ex1_nonblocking\",\"checks\":["
    "{\"id\":\"build\",\"max_score\":1},{\"id\":\"listening\",\"max_score\":1},"
    "{\"id\":\"nonblocking\",\"max_score\":4},{\"id\":\"would-block-line\",\"max_score\":2},"
    "{\"id\":\"retry-interval\",\"max_score\":3},{\"id\":\"data-whole\",\"max_score\":3},"
    "{\"id\":\"peer-gone\",\"max_score\":2}]}]}";

static void listed(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    assert_int_equal(result_listed(&result, list, &fault), -1);
    assert_non_null(strstr(fault.text, "ex2_event_loop is none of this course"));
    result.n_exercises = 1;
    assert_int_equal(result_listed(&result, list, &fault), 0);
    result.exercises[0].checks[3].max_halves = 5;
    assert_int_equal(result_listed(&result, list, &fault), -1);
    result.exercises[0].checks[3].max_halves = 4;
    sample_set(&result.exercises[0].checks[3].id, "free");
    assert_int_equal(result_listed(&result, list, &fault), -1);
    assert_non_null(strstr(fault.text, "no check free"));
    sample_set(&result.exercises[0].checks[3].id, "would-block-line");
    result.exercises[0].n_checks = 6;
    assert_int_equal(result_listed(&result, list, &fault), -1);
    assert_non_null(strstr(fault.text, "7 checks here, and 6"));
    assert_int_equal(result_listed(&result, "", &fault), -1);
    result.exercises[0].n_checks = 7;
    result.n_exercises = 2;
    result_release(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_again), cmocka_unit_test(changed), cmocka_unit_test(too_much),
        cmocka_unit_test(no_json),        cmocka_unit_test(inert),   cmocka_unit_test(listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
