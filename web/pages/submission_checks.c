#include "submission.h"

#include <string.h>

static const struct {
    const char *class_name, *mark, *word;
} looks[] = {
    [CHECK_PASS] = {"pass", "✓", "passed"},
    [CHECK_FAIL] = {"fail", "✗", "fell short"},
    [CHECK_SKIP] = {"skip", "–", "not judged"},
    [CHECK_ERROR] = {"error", "!", "our failure"},
};

static const char *text_of(const char *text)
{
    return text ? text : "";
}

static void cited(Buf *out, const SubmissionPage *page, const ExerciseResult *exercise,
                  const Evidence *evidence)
{
    buf_str(out, "<li>");
    const char *file = text_of(evidence->file);
    int source = *file ? submission_source(page, exercise->id, file, evidence->line) : -1;
    if (source >= 0)
        html_add(out, "<a class=\"place\" href=\"#src%d-%d\">%t:%d</a> ", source, evidence->line,
                 file, evidence->line);
    else if (*file && evidence->line > 0)
        html_add(out, "<span class=\"place\">%t:%d</span> ", file, evidence->line);
    html_add(out, "<code>%t</code>", text_of(evidence->text));
    if (evidence->source && *evidence->source)
        html_add(out, "<pre class=\"quoted\" tabindex=\"0\">%t</pre>", evidence->source);
    buf_str(out, "</li>");
}

static void message(Buf *out, const ExerciseResult *exercise, const CheckResult *check)
{
    buf_str(out, "<p class=\"message\"><bdi>");
    part_message(out, exercise->id, check->message);
    buf_str(out, "</bdi></p>");
}

static void seen_and_expected(Buf *out, const ExerciseResult *exercise, const CheckResult *check)
{
    if (*text_of(check->seen) && *text_of(check->expected)) {
        buf_str(out, "<dl class=\"seen\"><dt>seen</dt><dd><bdi>");
        part_message(out, exercise->id, check->seen);
        html_add(out, "</bdi></dd><dt>expected</dt><dd><bdi>%t</bdi></dd></dl>", check->expected);
    } else if (*text_of(check->message)) {
        message(out, exercise, check);
    }
}

static void replay(Buf *out, const ExerciseResult *exercise, const CheckResult *check)
{
    if (check->failed_runs > 0 && check->runs > 1)
        html_add(out, "<p class=\"of\">In %d of %d runs.</p>", check->failed_runs, check->runs);
    if (*text_of(check->scenario))
        html_add(
            out,
            "<p class=\"of\">See it yourself: start your program on port 9000, then <code>"
            "build/grader/grader peer %t/%t 9000</code>; <a href=\"/scenario/%u/%u\">what that "
            "does</a></p>",
            exercise->id, check->scenario, exercise->id, check->scenario);
}

static void details(Buf *out, const SubmissionPage *page, const ExerciseResult *exercise,
                    const CheckResult *check)
{
    seen_and_expected(out, exercise, check);
    /* What a warning is good for helps nobody whose program does not compile. */
    if (*text_of(check->why) && exercise->status != EX_BUILD_FAILED)
        html_add(out, "<p class=\"why\">%t</p>", check->why);
    if (check->n_evidence > 0) {
        buf_str(out, "<ul class=\"evidence\">");
        for (int i = 0; i < check->n_evidence && i < EVIDENCE_MOST; i++)
            cited(out, page, exercise, &check->evidence[i]);
        buf_str(out, "</ul>");
    }
    replay(out, exercise, check);
}

static void one(Buf *out, const SubmissionPage *page, const ExerciseResult *exercise,
                const CheckResult *check)
{
    html_add(out,
             "<li class=\"check %s\" id=\"%u-%u\"><p class=\"title\"><span class=\"mark\" "
             "aria-hidden=\"true\">%s</span><span class=\"unseen\">%s: </span>%t "
             "<code class=\"of\">%t</code><span class=\"points\">%p / %p</span></p>",
             looks[check->status].class_name, exercise->id, check->id, looks[check->status].mark,
             looks[check->status].word, text_of(check->title), check->id, check->halves,
             check->max_halves);
    if (check->status == CHECK_FAIL || check->status == CHECK_ERROR)
        details(out, page, exercise, check);
    else if (*text_of(check->cause))
        html_add(out, "<p class=\"message\"><bdi>%t</bdi> (<a href=\"#%u-%u\">%t</a>)</p>",
                 text_of(check->message), exercise->id, check->cause, check->cause);
    else if (*text_of(check->message))
        message(out, exercise, check);
    buf_str(out, "</li>\n");
}

static int of_status(Buf *out, const SubmissionPage *page, const ExerciseResult *exercise,
                     CheckStatus status)
{
    int n = 0;
    for (int i = 0; i < exercise->n_checks; i++)
        if (exercise->checks[i].status == status) {
            one(out, page, exercise, &exercise->checks[i]);
            n++;
        }
    return n;
}

static int count(const ExerciseResult *exercise, CheckStatus status)
{
    int n = 0;
    for (int i = 0; i < exercise->n_checks; i++)
        n += exercise->checks[i].status == status;
    return n;
}

static bool waits_alike(const CheckResult *a, const CheckResult *b)
{
    return a->status == CHECK_SKIP && b->status == CHECK_SKIP && *text_of(a->cause) &&
           strcmp(text_of(a->cause), text_of(b->cause)) == 0;
}

static const char *title_of(const ExerciseResult *exercise, const char *id)
{
    for (int i = 0; i < exercise->n_checks; i++)
        if (strcmp(exercise->checks[i].id, id) == 0)
            return text_of(exercise->checks[i].title);
    return id;
}

/* Those that wait for the same one, in one entry. */
static void waiting(Buf *out, const SubmissionPage *page, const ExerciseResult *exercise)
{
    for (int i = 0; i < exercise->n_checks; i++) {
        const CheckResult *first = &exercise->checks[i];
        int n = 0, before = 0, halves = 0;
        for (int k = 0; k < exercise->n_checks; k++)
            if (waits_alike(first, &exercise->checks[k])) {
                before += k < i;
                halves += exercise->checks[k].max_halves;
                n++;
            }
        if (first->status == CHECK_SKIP && n < 2)
            one(out, page, exercise, first);
        if (n < 2 || before > 0)
            continue;
        html_add(out,
                 "<li class=\"check skip\"><p class=\"title\"><span class=\"mark\" "
                 "aria-hidden=\"true\">%s</span>%d checks wait for <a href=\"#%u-%u\">%t</a>"
                 "<span class=\"points\">0 / %p</span></p><ul class=\"plain\">",
                 looks[CHECK_SKIP].mark, n, exercise->id, first->cause,
                 title_of(exercise, first->cause), halves);
        for (int k = i; k < exercise->n_checks; k++)
            if (waits_alike(first, &exercise->checks[k]))
                html_add(out, "<li id=\"%u-%u\">%t <code class=\"of\">%t</code></li>", exercise->id,
                         exercise->checks[k].id, text_of(exercise->checks[k].title),
                         exercise->checks[k].id);
        buf_str(out, "</ul></li>\n");
    }
}

void submission_checks(Buf *out, const SubmissionPage *page, const ExerciseResult *exercise)
{
    buf_str(out, "<ul class=\"checks\">\n");
    of_status(out, page, exercise, CHECK_ERROR);
    of_status(out, page, exercise, CHECK_FAIL);
    waiting(out, page, exercise);
    buf_str(out, "</ul>\n");
    int passed = count(exercise, CHECK_PASS);
    if (passed == 0)
        return;
    html_add(out,
             "<details class=\"passed\"><summary>%d check%s passed</summary>"
             "<ul class=\"checks\">\n",
             passed, html_plural(passed));
    of_status(out, page, exercise, CHECK_PASS);
    buf_str(out, "</ul></details>\n");
}
