/* Annotations as the runner of GitHub Actions reads them, and the job summary. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "written_report.h"

static const ReportStyle here = {.width = 80, .prefix = "assignments"};

/* --- a small reader of the runner's rules --- */

typedef struct Command {
    char name[32], file[512], title[2048], message[16384];
    int line;
} Command;

static void decoded(const char *text, size_t len, char *into, size_t size)
{
    static const struct {
        const char *code;
        char c;
    } known[] = {{"%0D", '\r'}, {"%0A", '\n'}, {"%3A", ':'}, {"%2C", ','}, {"%25", '%'}};
    size_t at = 0;
    for (size_t i = 0; i < len && at + 1 < size; i++) {
        char c = text[i];
        for (size_t k = 0; k < 5; k++)
            if (len - i >= 3 && strncmp(text + i, known[k].code, 3) == 0) {
                c = known[k].c;
                i += 2;
                break;
            }
        into[at++] = c;
    }
    into[at] = 0;
}

static void read_property(Command *command, const char *text, size_t len)
{
    char value[2048];
    const char *equals = memchr(text, '=', len);
    assert_non_null(equals);
    decoded(equals + 1, len - (size_t)(equals + 1 - text), value, sizeof value);
    if (strncmp(text, "file=", 5) == 0)
        snprintf(command->file, sizeof command->file, "%.500s", value);
    else if (strncmp(text, "line=", 5) == 0)
        command->line = atoi(value);
    else if (strncmp(text, "title=", 6) == 0)
        snprintf(command->title, sizeof command->title, "%s", value);
    else
        fail();
}

/* Is this line a command to the runner? Blanks before it do not count. */
static bool read_command(const char *line, size_t len, Command *command)
{
    *command = (Command){.line = 0};
    while (len && (*line == ' ' || *line == '\t'))
        line++, len--;
    if (len < 4 || strncmp(line, "::", 2) != 0)
        return false;
    const char *rest = line + 2, *end = line + len;
    const char *stop = rest;
    while (stop + 1 < end && strncmp(stop, "::", 2) != 0)
        stop++;
    if (stop + 1 >= end)
        return false;
    size_t name = strcspn(rest, " :");
    assert_true(name < sizeof command->name);
    memcpy(command->name, rest, name);
    for (const char *at = rest + name; at < stop;) {
        at += strspn(at, " ,");
        size_t part = strcspn(at, ",");
        part = at + part > stop ? (size_t)(stop - at) : part;
        read_property(command, at, part);
        at += part;
    }
    decoded(stop + 2, (size_t)(end - stop - 2), command->message, sizeof command->message);
    return true;
}

enum { COMMANDS = 64 };
typedef struct Commands {
    Command items[COMMANDS];
    int n;
} Commands;

static Commands commands;

static void read_report(Result *result, const ReportStyle *style)
{
    char *text = written("github", result, style);
    commands.n = 0;
    assert_lacks(text, "##[");
    assert_lacks(text, "##vso[");
    for (const char *line = text; *line;) {
        size_t len = strcspn(line, "\n");
        assert_true(commands.n < COMMANDS);
        if (read_command(line, len, &commands.items[commands.n]))
            commands.n++;
        line += len + (line[len] == '\n');
    }
    free(text);
}

static int count_kind(const char *name)
{
    int n = 0;
    for (int i = 0; i < commands.n; i++)
        n += strcmp(commands.items[i].name, name) == 0;
    return n;
}

/* --- annotations --- */

static void a_failed_check_at_its_line(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    fail_nonblocking(&result.exercises[0]);
    read_report(&result, &here);
    assert_int_equal(commands.n, 2);
    const Command *command = &commands.items[0];
    assert_string_equal(command->name, "error");
    assert_string_equal(command->file, "assignments/ex1_nonblocking/nonblocking.c");
    assert_int_equal(command->line, 42);
    assert_string_equal(command->title, "nonblocking 0/4: Makes the connection non-blocking");
    assert_string_equal(command->message,
                        "saw: the connection stayed blocking\n"
                        "expected: O_NONBLOCK before the first read\n"
                        "here: read(4, ...) = -1 EAGAIN\n"
                        "why: A loop without a sleep burns a whole core and gains nothing.");
    assert_string_equal(commands.items[1].name, "notice");
    assert_string_equal(commands.items[1].title, "23 of 32 points");
    read_report(&result, &plain);
    assert_string_equal(commands.items[0].file, "ex1_nonblocking/nonblocking.c");
    result_release(&result);
}

static void part_of_the_points_is_a_warning(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    sample_fail(sample_check(&result.exercises[1], "data-whole"), 3, "half of it", "all of it");
    read_report(&result, &here);
    assert_string_equal(commands.items[0].name, "warning");
    assert_string_equal(commands.items[0].file, "");
    result_release(&result);
}

static void all_well_is_one_notice(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    read_report(&result, &here);
    assert_int_equal(commands.n, 1);
    assert_string_equal(commands.items[0].name, "notice");
    assert_string_equal(commands.items[0].message, "Nothing is left to do.");
    result_release(&result);
}

/* First the key check of each exercise, then what most points hang on. */
static void what_teaches_most_comes_first(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    ExerciseResult *first = &result.exercises[0], *second = &result.exercises[1];
    sample_fail(sample_check(first, "listening"), 0, "a", "b");
    sample_fail(sample_check(first, "data-whole"), 0, "a", "b");
    fail_nonblocking(first);
    sample_fail(sample_check(second, "peer-gone"), 0, "a", "b");
    read_report(&result, &here);
    assert_int_equal(count_kind("error"), 4);
    static const char *const order[] = {"nonblocking 0/4", "peer-gone 0/2", "data-whole 0/3",
                                        "listening 0/1"};
    for (int i = 0; i < 4; i++)
        assert_memory_equal(commands.items[i].title, order[i], strlen(order[i]));
    result_release(&result);
}

static void at_most_ten_of_a_kind(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < SAMPLE_CHECKS; i++)
            sample_fail(&result.exercises[k].checks[i], i ? 0 : 1, "a", "b");
    read_report(&result, &here);
    assert_int_equal(count_kind("error"), 10);
    assert_int_equal(count_kind("warning"), 2);
    assert_int_equal(count_kind("notice"), 1);
    result_release(&result);
}

static void each_message_of_the_compiler(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    unbuilt(&result.exercises[0], EX_BUILD_FAILED);
    CheckResult *build = &result.exercises[0].checks[0];
    sample_cite(build, "a.c", 3, "error: expected ';'", "x");
    sample_cite(build, "b,c:1.c", 9, "error: 'y' undeclared", "y");
    read_report(&result, &here);
    assert_int_equal(count_kind("error"), 2);
    assert_string_equal(commands.items[1].file, "assignments/ex1_nonblocking/b,c:1.c");
    assert_int_equal(commands.items[1].line, 9);
    result_release(&result);
}

static void one_annotation_for_a_stub_a_missing_and_a_broken_one(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    ExerciseResult *exercise = &result.exercises[0];
    for (int i = 1; i < exercise->n_checks; i++)
        sample_fail(&exercise->checks[i], 0, "nothing", "something");
    exercise->checks[0].max_halves = exercise->checks[0].halves = 0;
    exercise->first_todo = x_strdup("nonblocking.c");
    exercise->todo = 1;
    unbuilt(&result.exercises[1], EX_MISSING);
    read_report(&result, &here);
    assert_int_equal(commands.n, 3);
    assert_string_equal(commands.items[0].title, "ex1_nonblocking is still the stub");
    assert_string_equal(commands.items[1].title, "ex2_event_loop is missing");
    result.exercises[1].status = EX_ERROR;
    sample_set(&result.exercises[1].error, "no strace: install it");
    read_report(&result, &here);
    assert_string_equal(commands.items[1].name, "warning");
    assert_has(commands.items[1].message, "no strace: install it");
    result_release(&result);
}

/* Only commands of ours, whatever the result holds: their names and number are those that
 * the same failures have with harmless words. */
static void hostile_text_gives_no_command(void **state)
{
    (void)state;
    for (int n = 0; n < NASTY; n++) {
        Result result;
        sample_result(&result);
        make_nasty(&result, n);
        read_report(&result, &here);
        assert_int_equal(commands.n, 3);
        assert_int_equal(count_kind("warning"), 2);
        assert_int_equal(count_kind("notice"), 1);
        for (int i = 0; i < commands.n; i++)
            assert_true(commands.items[i].line == 0 || commands.items[i].line == 7);
        result_release(&result);
    }
}

/* --- the summary --- */

static char *summary(Result *result)
{
    Buf out;
    buf_init(&out, SUMMARY_MOST);
    result_total(result);
    report_summary(&out, result, &here);
    assert_false(out.full);
    return buf_take(&out);
}

static void the_summary(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    fail_nonblocking(&result.exercises[0]);
    sample_timeline(&result.exercises[1].timeline);
    char *text = summary(&result);
    assert_has(text, "## 23 of 32 points\n\n| | exercise | points |\n");
    assert_has(text, "| 🟡 | ` ex1_nonblocking ` Raw non&#45;blocking socket | 7/16 |\n");
    assert_has(text, "| ✅ | ` ex2_event_loop ` Event loop | 16/16 |\n");
    assert_has(text, "\n**Next:** nonblocking of ex1&#95;nonblocking ");
    assert_has(text,
               "| ` nonblocking ` 0/4 | the connection stayed blocking | O&#95;NONBLOCK before "
               "the first read | ` nonblocking.c:42 ` |\n");
    assert_has(text, "\n```text\n");
    assert_has(text, "● data or event");
    free(text);
    result_release(&result);
}

static void the_summary_when_all_is_well(void **state)
{
    (void)state;
    Result result;
    sample_result(&result);
    char *text = summary(&result);
    assert_lacks(text, "Next");
    assert_lacks(text, "<details>");
    assert_lacks(text, "```");
    free(text);
    result_release(&result);
}

/* The only tags are ours, every row has its four bars, no line begins anything else. */
static void hostile_text_is_no_markdown(void **state)
{
    (void)state;
    static const char *const tags[] = {"<details>", "<summary>", "</summary>", "</details>",
                                       "<!-- -->"};
    for (int n = 0; n < NASTY; n++) {
        Result result;
        sample_result(&result);
        make_nasty(&result, n);
        char *text = summary(&result);
        int known = 0;
        for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
            known += count(text, tags[i]);
        bool in_code = strstr(text, "` <script>") != NULL;
        assert_int_equal(count(text, "<") - (in_code ? count(text, "` <script>") * 2 : 0), known);
        assert_lacks(text, "\n::");
        assert_lacks(text, "](");
        free(text);
        result_release(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_check_at_its_line),
        cmocka_unit_test(part_of_the_points_is_a_warning),
        cmocka_unit_test(all_well_is_one_notice),
        cmocka_unit_test(what_teaches_most_comes_first),
        cmocka_unit_test(at_most_ten_of_a_kind),
        cmocka_unit_test(each_message_of_the_compiler),
        cmocka_unit_test(one_annotation_for_a_stub_a_missing_and_a_broken_one),
        cmocka_unit_test(hostile_text_gives_no_command),
        cmocka_unit_test(the_summary),
        cmocka_unit_test(the_summary_when_all_is_well),
        cmocka_unit_test(hostile_text_is_no_markdown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
