/* TAP 14: a check is a test point, its diagnostics are YAML. */
#include <string.h>

#include "report/escape.h"
#include "report/report.h"
#include "result_json.h"

enum { TEXT_MOST = 2048 };

/* In a description `#` begins a directive and a backslash escapes. */
static void description(Buf *out, const char *text)
{
    Buf clean;
    buf_init(&clean, 10 * TEXT_MOST);
    result_clean(&clean, text, TEXT_MOST);
    for (const char *at = clean.data; *at; at++) {
        if (*at == '#' || *at == '\\')
            buf_char(out, '\\');
        buf_char(out, *at == '\n' || *at == '\t' ? ' ' : *at);
    }
    buf_release(&clean);
}

/* A string of JSON is one of YAML. */
static void quoted(Buf *out, const char *text)
{
    escape_json_take(out, json_text(text, TEXT_MOST), JSON_ENCODE_ANY);
}

static void field(Buf *out, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    buf_printf(out, "  %s: ", name);
    quoted(out, text);
    buf_char(out, '\n');
}

static void places(Buf *out, const CheckResult *check)
{
    if (check->n_evidence > 0)
        buf_str(out, "  evidence:\n");
    for (int i = 0; i < check->n_evidence; i++) {
        const Evidence *at = &check->evidence[i];
        buf_str(out, "    - text: ");
        quoted(out, at->text);
        buf_char(out, '\n');
        if (at->file && *at->file) {
            buf_str(out, "      file: ");
            quoted(out, at->file);
            buf_char(out, '\n');
        }
        if (at->line > 0)
            buf_printf(out, "      line: %d\n", at->line);
    }
}

static void diagnostics(Buf *out, const CheckResult *check)
{
    char have[16], full[16];
    buf_str(out, "  ---\n");
    field(out, "message", check->message);
    field(out, "seen", check->seen);
    field(out, "expected", check->expected);
    field(out, "why", check->why);
    buf_printf(out, "  score: %s\n  max_score: %s\n",
               report_points(check->halves, have, sizeof have),
               report_points(check->max_halves, full, sizeof full));
    places(out, check);
    buf_str(out, "  ...\n");
}

/* What did not come to a verdict is a SKIP: its cause has a test point of its own. */
static void point(Buf *out, int number, const ExerciseResult *exercise, const CheckResult *check)
{
    bool failed = check->status == CHECK_FAIL;
    buf_printf(out, "%sok %d - ", failed ? "not " : "", number);
    description(out, exercise->id);
    buf_char(out, '/');
    description(out, check->id);
    buf_str(out, ": ");
    description(out, check->title);
    if (check->status == CHECK_SKIP || check->status == CHECK_ERROR) {
        buf_str(out, " # SKIP ");
        description(out, check->message);
    }
    buf_char(out, '\n');
    if (failed)
        diagnostics(out, check);
}

void report_tap(Buf *out, const Result *result, const ReportStyle *style)
{
    (void)style;
    int tests = 0, number = 0;
    char have[16], full[16];
    for (int i = 0; i < result->n_exercises; i++)
        tests += result->exercises[i].n_checks;
    buf_printf(out, "TAP version 14\n1..%d\n", tests);
    if (result->practice)
        buf_str(out, "# Practice (--own): no sandbox, not for the record.\n");
    for (int i = 0; i < result->n_exercises; i++)
        for (int k = 0; k < result->exercises[i].n_checks; k++)
            point(out, ++number, &result->exercises[i], &result->exercises[i].checks[k]);
    buf_printf(out, "# %s of %s points\n", report_points(result->halves, have, sizeof have),
               report_points(result->max_halves, full, sizeof full));
    if (result->broken)
        buf_str(out, "Bail out! The grader could not do its work here: see grader doctor\n");
}
