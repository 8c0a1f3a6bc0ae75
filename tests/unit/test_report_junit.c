/* JUnit XML, against tests/unit/junit.xsd where xmllint is at hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "written_report.h"

/* Characters that XML 1.0 takes, references that it knows. */
static void assert_characters(const char *text)
{
    for (const char *at = text; *at; at++) {
        unsigned char c = (unsigned char)*at;
        assert_true(c >= 0x20 || c == '\n' || c == '\t');
        if (c == '&')
            assert_true(strncmp(at, "&lt;", 4) == 0 || strncmp(at, "&gt;", 4) == 0 ||
                        strncmp(at, "&amp;", 5) == 0 || strncmp(at, "&quot;", 6) == 0 ||
                        strncmp(at, "&#39;", 5) == 0 || strncmp(at, "&#10;", 5) == 0 ||
                        strncmp(at, "&#9;", 4) == 0 || strncmp(at, "&#58;", 5) == 0 ||
                        strncmp(at, "&#35;", 5) == 0);
    }
}

static bool have_xmllint(void)
{
    return system("command -v xmllint >/dev/null 2>&1") == 0;
}

static void assert_valid(const char *text)
{
    assert_characters(text);
    if (!have_xmllint())
        return;
    char path[] = "/tmp/junit.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    char *command =
        x_printf("xmllint --nonet --noout --quiet --schema tests/unit/junit.xsd %s >&2", path);
    int status = system(command);
    free(command);
    unlink(path);
    if (status)
        fprintf(stderr, "%s\n", text);
    assert_int_equal(status, 0);
}

static void every_state(void **state)
{
    (void)state;
    if (!have_xmllint())
        print_message("xmllint is not here: characters are looked at, the schema is not\n");
    Result result;
    sample_result(&result);
    fail_nonblocking(&result.exercises[0]);
    sample_unseen(&result.exercises[0].checks[6]);
    sample_set(&result.exercises[0].compiler, "a.c:3: warning: <x>");
    result.exercises[1].checks[2].status = CHECK_ERROR;
    char *text = written("junit", &result, &plain);
    assert_valid(text);
    assert_has(text, "<testsuites name=\"grader\" tests=\"14\" failures=\"1\" errors=\"1\" "
                     "skipped=\"3\" time=\"1.100\">");
    assert_has(text, "<testsuite name=\"ex1_nonblocking\" tests=\"7\" failures=\"1\" errors=\"0\" "
                     "skipped=\"3\" time=\"0.870\" timestamp=\"2023-11-14T22:13:20\">");
    assert_has(text, "<testcase classname=\"ex1_nonblocking\" name=\"build\" time=\"0\"/>");
    assert_has(text, "<failure type=\"check\" message=\"the connection stayed blocking; expected "
                     "O_NONBLOCK before the first read\">");
    assert_has(text, "<skipped message=\"waits for nonblocking: it never reads\"/>");
    assert_has(text, "<error type=\"grader\" message=\"");
    assert_has(text, "<system-err>a.c:3: warning: &lt;x&gt;</system-err>");
    free(text);
    result_release(&result);
}

static void practice_is_marked(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    char *text = written("junit", &result, &plain);
    assert_lacks(text, "practice");
    free(text);
    result.practice = true;
    text = written("junit", &result, &plain);
    assert_valid(text);
    assert_has(text, "<testsuites name=\"grader, practice (--own): no sandbox");
    assert_has(text, "<property name=\"practice\" value=\"true\"/>");
    free(text);
    result_release(&result);
}

static void no_exercise_at_all(void **state)
{
    (void)state;
    Result result;
    result_init(&result);
    char *text = written("junit", &result, &plain);
    assert_valid(text);
    free(text);
}

static void hostile_text(void **state)
{
    (void)state;
    for (int n = 0; n < NASTY; n++) {
        Result result;
        sample_result(&result);
        make_nasty(&result, n);
        char *text = written("junit", &result, &plain);
        assert_valid(text);
        assert_lacks(text, "<script>");
        assert_lacks(text, "\n::");
        assert_lacks(text, "##[");
        free(text);
        result_release(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_state),
        cmocka_unit_test(practice_is_marked),
        cmocka_unit_test(no_exercise_at_all),
        cmocka_unit_test(hostile_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
