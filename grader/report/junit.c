/* JUnit XML: an exercise is a suite, a check a case. */
#include <string.h>
#include <time.h>

#include "report/escape.h"
#include "report/text_parts.h"

enum { OUTPUT_MOST = 16 << 10 };

typedef struct Counts {
    int tests, failures, errors, skipped;
} Counts;

static void count(Counts *counts, const ExerciseResult *exercise)
{
    for (int i = 0; i < exercise->n_checks; i++) {
        CheckStatus status = exercise->checks[i].status;
        counts->tests++;
        counts->failures += status == CHECK_FAIL;
        counts->errors += status == CHECK_ERROR;
        counts->skipped += status == CHECK_SKIP;
    }
}

static void attribute(Buf *out, const char *name, const char *value)
{
    buf_printf(out, " %s=\"", name);
    escape_xml(out, value, true);
    buf_char(out, '"');
}

static void count_attributes(Buf *out, const Counts *counts, int64_t wall_us)
{
    buf_printf(out, " tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\" time=\"%.3f\"",
               counts->tests, counts->failures, counts->errors, counts->skipped,
               (double)wall_us / 1e6);
}

static void failure(Buf *out, const ExerciseResult *exercise, int check)
{
    Buf words;
    Page page;
    buf_init(&words, OUTPUT_MOST);
    page_init(&page, &words, NULL);
    text_check(&page, exercise, check, false);
    buf_str(out, "      <failure");
    attribute(out, "type", "check");
    attribute(out, "message", exercise->checks[check].message);
    buf_str(out, ">\n");
    escape_xml(out, words.data, false);
    buf_str(out, "</failure>\n");
    buf_release(&words);
}

static void outcome(Buf *out, const ExerciseResult *exercise, int check)
{
    const CheckResult *c = &exercise->checks[check];
    if (c->status == CHECK_FAIL) {
        failure(out, exercise, check);
    } else if (c->status == CHECK_ERROR) {
        buf_str(out, "      <error type=\"grader\"");
        attribute(out, "message", c->message);
        buf_str(out, "/>\n");
    } else {
        buf_str(out, "      <skipped");
        attribute(out, "message", c->message);
        buf_str(out, "/>\n");
    }
}

static void test_case(Buf *out, const ExerciseResult *exercise, int check)
{
    const CheckResult *c = &exercise->checks[check];
    buf_str(out, "    <testcase");
    attribute(out, "classname", exercise->id);
    attribute(out, "name", c->id);
    buf_str(out, " time=\"0\"");
    if (c->status == CHECK_PASS) {
        buf_str(out, "/>\n");
        return;
    }
    buf_str(out, ">\n");
    outcome(out, exercise, check);
    buf_str(out, "    </testcase>\n");
}

static void suite(Buf *out, const ExerciseResult *exercise, const Result *result)
{
    Counts counts = {0};
    struct tm utc;
    time_t started = (time_t)result->started_s;
    char when[32] = "1970-01-01T00:00:00";
    if (gmtime_r(&started, &utc))
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
    count(&counts, exercise);
    buf_str(out, "  <testsuite");
    attribute(out, "name", exercise->id);
    count_attributes(out, &counts, exercise->wall_us);
    buf_printf(out, " timestamp=\"%s\">\n", when);
    if (result->practice)
        buf_str(out, "    <properties><property name=\"practice\" value=\"true\"/></properties>\n");
    for (int i = 0; i < exercise->n_checks; i++)
        test_case(out, exercise, i);
    if (exercise->compiler && *exercise->compiler) {
        buf_str(out, "    <system-err>");
        escape_xml(out, exercise->compiler, false);
        buf_str(out, "</system-err>\n");
    }
    buf_str(out, "  </testsuite>\n");
}

void report_junit(Buf *out, const Result *result, const ReportStyle *style)
{
    (void)style;
    Counts all = {0};
    for (int i = 0; i < result->n_exercises; i++)
        count(&all, &result->exercises[i]);
    buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    attribute(out, "name",
              result->practice ? "grader, practice (--own): no sandbox, not for the record"
                               : "grader");
    count_attributes(out, &all, result->wall_us);
    buf_str(out, ">\n");
    for (int i = 0; i < result->n_exercises; i++)
        suite(out, &result->exercises[i], result);
    buf_str(out, "</testsuites>\n");
}
