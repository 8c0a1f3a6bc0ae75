/* What a Gradescope autograder leaves in results/results.json. */
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/text_parts.h"
#include "result_json.h"

enum { NAME_MOST = 256, OUTPUT_MOST = 16 << 10, TEXT_MOST = 64 << 10 };

static void put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value))
        abort();
}

static void put_text(json_t *object, const char *key, const char *text, size_t most)
{
    put(object, key, json_text(text, most));
}

/* Words of the text report about this check alone. */
static void put_output(json_t *test, const ExerciseResult *exercise, int check)
{
    Buf out;
    Page page;
    buf_init(&out, OUTPUT_MOST);
    page_init(&page, &out, NULL);
    if (exercise->checks[check].status == CHECK_FAIL)
        text_check(&page, exercise, check, false);
    else
        buf_str(&out, exercise->checks[check].message ? exercise->checks[check].message : "");
    put_text(test, "output", out.data, OUTPUT_MOST);
    put_text(test, "output_format", "text", NAME_MOST);
    buf_release(&out);
}

/* What could not be judged here has no points: 0 of them would say that it was wrong. */
static bool judged(const CheckResult *check)
{
    return check->status != CHECK_ERROR && check->reason != SKIP_UNOBSERVABLE;
}

static json_t *test_of(const ExerciseResult *exercise, int check, bool scored)
{
    const CheckResult *c = &exercise->checks[check];
    json_t *test = json_object();
    char *name = x_printf("%s/%s: %s", exercise->id, c->id, c->title);
    if (judged(c) && scored) {
        put(test, "score", json_points(c->halves));
        put(test, "max_score", json_points(c->max_halves));
    }
    if (judged(c))
        put_text(test, "status", c->status == CHECK_PASS ? "passed" : "failed", NAME_MOST);
    put_text(test, "name", name, NAME_MOST);
    put_text(test, "name_format", "text", NAME_MOST);
    put_output(test, exercise, check);
    put_text(test, "visibility", "visible", NAME_MOST);
    free(name);
    return test;
}

/* The head, the next thing to do and the picture, as the text report has them. */
static void put_words(json_t *root, const Result *result)
{
    Buf out;
    Page page;
    ReportStyle style = {.width = PAGE_USUAL};
    buf_init(&out, TEXT_MOST);
    page_init(&page, &out, &style);
    if (result->practice)
        buf_str(&out, "Practice only: graded without a sandbox, where a submission can forge its "
                      "own result.\n");
    if (result->broken)
        buf_str(&out, "The grader could not do its work here. That is its failure and no one "
                      "else's: there is no score, and it costs no points. Have it run again; "
                      "`grader doctor` says what is missing.\n");
    text_next(&page, result);
    text_timelines(&page, result, &style);
    put_text(root, "output", out.data, TEXT_MOST);
    put_text(root, "output_format", "text", NAME_MOST);
    buf_release(&out);
}

/* Where the grader failed there is no score at all, neither here nor at a test: Gradescope would
 * add up those that there are. A result without any is one that failed there, and can be run again. */
void report_gradescope(Buf *out, const Result *result, const ReportStyle *style)
{
    (void)style;
    json_t *root = json_object(), *tests = json_array();
    if (!result->broken)
        put(root, "score", json_points(result->halves));
    put(root, "execution_time", json_integer(result->wall_us / 1000000));
    put_words(root, result);
    put_text(root, "visibility", "visible", NAME_MOST);
    put_text(root, "stdout_visibility", "hidden", NAME_MOST);
    for (int i = 0; i < result->n_exercises; i++)
        for (int k = 0; k < result->exercises[i].n_checks; k++)
            if (json_array_append_new(tests, test_of(&result->exercises[i], k, !result->broken)))
                abort();
    put(root, "tests", tests);
    escape_json_take(out, root, RESULT_JSON_FLAGS | JSON_INDENT(2));
    buf_char(out, '\n');
}
