/* TAP, read by a small strict reader of version 14. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "written_report.h"

/* --- the reader --- */

typedef struct Tap {
    int plan, points, failed, skipped, documents;
    bool bailed;
    char first_failed[1024];
} Tap;

/* An escaped `#` is none; returns the directive behind the description, NULL if there is none. */
static const char *directive(const char *text)
{
    for (; *text; text++) {
        if (*text == '\\') {
            assert_true(text[1] == '#' || text[1] == '\\');
            text++;
        } else if (*text == '#') {
            return text + 1 + strspn(text + 1, " ");
        }
    }
    return NULL;
}

static void read_point(Tap *tap, const char *line)
{
    bool failed = strncmp(line, "not ", 4) == 0;
    line += failed ? 4 : 0;
    assert_memory_equal(line, "ok ", 3);
    char *end;
    assert_int_equal(strtol(line + 3, &end, 10), ++tap->points);
    assert_memory_equal(end, " - ", 3);
    const char *what = directive(end + 3);
    if (what)
        assert_memory_equal(what, "SKIP", 4);
    tap->skipped += what != NULL;
    if (failed && tap->failed++ == 0)
        snprintf(tap->first_failed, sizeof tap->first_failed, "%s", end + 3);
}

/* The YAML that we write: `key: value` with a number or a quoted string, one list of maps. */
static void read_yaml(const char *line)
{
    size_t indent = strspn(line, " ");
    line += indent;
    if (strncmp(line, "- ", 2) == 0) {
        assert_int_equal(indent, 4);
        line += 2;
    } else {
        assert_true(indent == 2 || indent == 6);
    }
    size_t key = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
    assert_true(key > 0 && line[key] == ':');
    const char *value = line + key + 1;
    if (!*value) {
        assert_string_equal(line, "evidence:");
        return;
    }
    assert_true(*value++ == ' ');
    json_t *json = json_loads(value, JSON_DECODE_ANY, NULL);
    assert_true(json_is_string(json) || json_is_number(json));
    json_decref(json);
}

static void read_line(Tap *tap, const char *line, bool *yaml)
{
    if (*yaml && strcmp(line, "  ...") == 0)
        *yaml = false;
    else if (*yaml)
        read_yaml(line);
    else if (strcmp(line, "  ---") == 0)
        *yaml = ++tap->documents;
    else if (strncmp(line, "ok ", 3) == 0 || strncmp(line, "not ok ", 7) == 0)
        read_point(tap, line);
    else if (strncmp(line, "1..", 3) == 0)
        tap->plan = atoi(line + 3);
    else if (strncmp(line, "Bail out!", 9) == 0)
        tap->bailed = true;
    else
        assert_true(*line == '#');
}

static Tap read_tap(Result *result)
{
    Tap tap = {.plan = -1};
    bool yaml = false;
    char *text = written("tap", result, &plain);
    assert_lacks(text, "##[");
    assert_lacks(text, "##vso[");
    static const char head[] = "TAP version 14\n";
    assert_memory_equal(text, head, sizeof head - 1);
    for (char *line = text + sizeof head - 1, *next; *line; line = next) {
        size_t len = strcspn(line, "\n");
        assert_true(line[len] == '\n');
        line[len] = 0;
        next = line + len + 1;
        for (size_t i = 0; i < len; i++)
            assert_true((unsigned char)line[i] >= 0x20);
        read_line(&tap, line, &yaml);
    }
    assert_false(yaml);
    assert_int_equal(tap.plan, tap.points);
    free(text);
    return tap;
}

/* --- tests --- */

static void every_state(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    Tap tap = read_tap(&result);
    assert_int_equal(tap.points, 2 * SAMPLE_CHECKS);
    assert_int_equal(tap.failed + tap.skipped, 0);
    fail_nonblocking(&result.exercises[0]);
    sample_cite(sample_check(&result.exercises[0], "nonblocking"), NULL, 0, "accept(3) = 4", NULL);
    sample_unseen(&result.exercises[0].checks[6]);
    tap = read_tap(&result);
    assert_int_equal(tap.failed, 1);
    assert_int_equal(tap.documents, 1);
    assert_int_equal(tap.skipped, 3);
    assert_false(tap.bailed);
    assert_string_equal(tap.first_failed,
                        "ex1_nonblocking/nonblocking: Makes the connection non-blocking");
    result.exercises[1].checks[0].status = CHECK_ERROR;
    tap = read_tap(&result);
    assert_true(tap.bailed);
    assert_int_equal(tap.failed, 1);
    assert_int_equal(tap.skipped, 4);
    result_release(&result);
}

static void practice_is_marked(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    char *text = written("tap", &result, &plain);
    assert_lacks(text, "Practice");
    free(text);
    result.practice = true;
    text = written("tap", &result, &plain);
    assert_has(text, "\n# Practice (--own): no sandbox");
    free(text);
    assert_int_equal(read_tap(&result).points, 2 * SAMPLE_CHECKS);
    result_release(&result);
}

static void a_description_is_no_directive(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    sample_set(&result.exercises[0].checks[0].title, "a # SKIP \\ # TODO b");
    char *text = written("tap", &result, &plain);
    assert_has(text, "ok 1 - ex1_nonblocking/build: a \\# SKIP \\\\ \\# TODO b\n");
    free(text);
    assert_int_equal(read_tap(&result).skipped, 0);
    result_release(&result);
}

static void hostile_text(void **state)
{
    (void)state;
    for (int n = 0; n < NASTY; n++) {
        Result result;
        sample_result(&result);
        make_nasty(&result, n);
        sample_set(&result.exercises[0].checks[1].title, nasty[n]);
        Tap tap = read_tap(&result);
        assert_int_equal(tap.points, 2 * SAMPLE_CHECKS);
        assert_int_equal(tap.failed, 1);
        assert_int_equal(tap.skipped, 0);
        result_release(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state),
        cmocka_unit_test(practice_is_marked),
        cmocka_unit_test(a_description_is_no_directive),
        cmocka_unit_test(hostile_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
