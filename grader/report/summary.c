/* The job summary: Markdown, in which nothing of a submission is markup. */
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/text_parts.h"

enum { SENTENCE_MOST = 64 << 10, PICTURE_MOST = 256 << 10 };

static const char *points(int halves)
{
    static char text[4][16];
    static unsigned at;
    return report_points(halves, text[at++ % 4], sizeof *text);
}

/* Does only this machine, or nothing, stand between it and full points? */
static bool well(const ExerciseResult *exercise)
{
    return exercise->status == EX_GRADED && exercise->halves == exercise->observable_max_halves;
}

static const char *state(const ExerciseResult *exercise)
{
    if (well(exercise))
        return "✅";
    return exercise->status == EX_ERROR ? "⚠️ not graded" : exercise->halves ? "🟡" : "❌";
}

static void scores(Buf *out, const Result *result)
{
    buf_printf(out, "## %s of %s points\n\n", points(result->halves), points(result->max_halves));
    if (result->practice)
        buf_str(out, "Practice, without a sandbox: not for the record.\n\n");
    buf_str(out, "| | exercise | points |\n| --- | --- | ---: |\n");
    for (int i = 0; i < result->n_exercises; i++) {
        const ExerciseResult *exercise = &result->exercises[i];
        buf_printf(out, "| %s | ", state(exercise));
        escape_markdown_code(out, exercise->id, true);
        buf_char(out, ' ');
        escape_markdown(out, exercise->title);
        buf_printf(out, " | %s/%s |\n", points(exercise->halves), points(exercise->max_halves));
    }
}

/* What was wrapped, on one line. */
static void unwrap(Buf *out, const char *text)
{
    for (; *text; text++) {
        size_t blanks = strspn(text, " \n");
        if (blanks && text[blanks])
            buf_char(out, ' ');
        text += blanks;
        if (!*text)
            return;
        buf_char(out, *text);
    }
}

/* The text report's sentence. */
static void next(Buf *out, const Result *result)
{
    static const char head[] = "Next: ";
    Buf wrapped, sentence;
    Page page;
    buf_init(&wrapped, SENTENCE_MOST);
    buf_init(&sentence, SENTENCE_MOST);
    page_init(&page, &wrapped, &(ReportStyle){.width = PAGE_MOST});
    text_next(&page, result);
    unwrap(&sentence, wrapped.data + strspn(wrapped.data, " \n"));
    if (strncmp(sentence.data, head, sizeof head - 1) == 0) {
        buf_str(out, "\n**Next:** ");
        escape_markdown(out, sentence.data + sizeof head - 1);
        buf_char(out, '\n');
    }
    buf_release(&wrapped);
    buf_release(&sentence);
}

static void check_row(Buf *out, const CheckResult *check)
{
    const Evidence *at = result_place(check);
    buf_str(out, "| ");
    escape_markdown_code(out, check->id, true);
    buf_printf(out, " %s/%s | ", points(check->halves), points(check->max_halves));
    escape_markdown(out, check->seen && *check->seen ? check->seen : check->message);
    buf_str(out, " | ");
    escape_markdown(out, check->expected);
    buf_str(out, " | ");
    if (at) {
        char *place = x_printf("%s:%d", at->file, at->line);
        escape_markdown_code(out, place, true);
        free(place);
    }
    buf_str(out, " |\n");
}

static void fell_short(Buf *out, const ExerciseResult *exercise)
{
    int failed = 0;
    for (int i = 0; i < exercise->n_checks; i++)
        failed += exercise->checks[i].status == CHECK_FAIL;
    if (exercise->status == EX_ERROR) {
        buf_str(out, "\nThe grader could not do its work: ");
        escape_markdown(out, exercise->error);
        buf_str(out, "\n");
    }
    if (failed == 0 || exercise->status == EX_MISSING || result_is_stub(exercise))
        return;
    buf_str(out, "\n<details><summary>");
    escape_markdown(out, exercise->id);
    buf_printf(out, ": %d check%s fell short</summary>\n\n", failed, failed == 1 ? "" : "s");
    buf_str(out, "| check | saw | expected | at |\n| --- | --- | --- | --- |\n");
    for (int i = 0; i < exercise->n_checks; i++)
        if (exercise->checks[i].status == CHECK_FAIL)
            check_row(out, &exercise->checks[i]);
    buf_str(out, "\n</details>\n");
}

static void picture(Buf *out, const Result *result, const ReportStyle *style)
{
    Buf drawn;
    Page page;
    ReportStyle within = {.ascii = style && style->ascii, .width = PAGE_USUAL};
    buf_init(&drawn, PICTURE_MOST);
    page_init(&page, &drawn, &within);
    text_timelines(&page, result, &within);
    const char *text = drawn.data + strspn(drawn.data, "\n");
    if (*text) {
        buf_str(out, "\nYour run:\n\n");
        escape_markdown_block(out, text);
    }
    buf_release(&drawn);
}

void report_summary(Buf *out, const Result *result, const ReportStyle *style)
{
    scores(out, result);
    next(out, result);
    for (int i = 0; i < result->n_exercises; i++)
        fell_short(out, &result->exercises[i]);
    picture(out, result, style);
}
