/*
 * Reports of the sample results, and what must hold of them: for the tests of
 * the formats. Include cmocka.h before.
 */
#ifndef TESTS_UNIT_WRITTEN_REPORT_H
#define TESTS_UNIT_WRITTEN_REPORT_H

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "report/page.h"
#include "report/report.h"
#include "sample_result.h"

static const ReportStyle plain = {.width = 80};

static inline char *written(const char *format, Result *result, const ReportStyle *style)
{
    Buf out;
    buf_init(&out, REPORT_MOST);
    result_total(result);
    report_format(format)->write(&out, result, style);
    assert_false(out.full);
    return buf_take(&out);
}

static inline void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        fprintf(stderr, "not in the report: %s\n--- report\n%s---\n", part, text);
        fail();
    }
}

static inline void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part)) {
        fprintf(stderr, "in the report: %s\n--- report\n%s---\n", part, text);
        fail();
    }
}

static inline int count(const char *text, const char *part)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

/* Valid UTF-8, no control character but the line end, no line too wide or with
 * blanks at its end. */
static inline void assert_fit(const char *text, int width)
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

static inline void fail_nonblocking(ExerciseResult *exercise)
{
    CheckResult *check = sample_check(exercise, "nonblocking");
    sample_fail(check, 0, "the connection stayed blocking", "O_NONBLOCK before the first read");
    sample_cite(check, "nonblocking.c", 42, "read(4, ...) = -1 EAGAIN",
                "n = read(connection, buffer, sizeof buffer);");
    sample_wait(sample_check(exercise, "would-block-line"), "nonblocking");
    sample_wait(sample_check(exercise, "retry-interval"), "nonblocking");
}

static inline void unbuilt(ExerciseResult *exercise, ExerciseStatus status)
{
    exercise->status = status;
    for (int i = 1; i < exercise->n_checks; i++)
        sample_wait(&exercise->checks[i], "build");
    sample_fail(&exercise->checks[0], 0, "2 errors", "a program that compiles");
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

static inline void make_nasty(Result *result, int n)
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

#endif
