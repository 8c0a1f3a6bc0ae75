#include "report/text_parts.h"

#include <stdlib.h>
#include <string.h>

enum { VALUES = 14, CITED = 2 };

static const char replay_command[] = "build/grader/grader peer";

static void label(Page *page, const char *name, Ink ink)
{
    page_indent(page, VALUES);
    page_to(page, LABELS);
    page_ink(page, INK_DIM);
    page_words(page, name, 1);
    page_ink(page, INK_PLAIN);
    page_to(page, VALUES);
    page_ink(page, ink);
}

static void field(Page *page, const char *name, const char *text, Ink ink)
{
    if (!text_any(text))
        return;
    label(page, name, ink);
    page_words(page, text, LINES);
    page_ink(page, INK_PLAIN);
    page_end(page);
}

static void cite(Page *page, const Evidence *evidence)
{
    label(page, evidence->file ? "at" : "call", INK_PLAIN);
    if (evidence->file && evidence->line > 0)
        page_wordsf(page, "%s:%d:", evidence->file, evidence->line);
    else if (evidence->file)
        page_wordsf(page, "%s:", evidence->file);
    page_words(page, evidence->text, LINES);
    page_end(page);
    if (!text_any(evidence->source))
        return;
    page_to(page, VALUES);
    page_ink(page, INK_DIM);
    page_glyph(page, GLYPH_BAR);
    page_piece(page, evidence->source);
    page_ink(page, INK_PLAIN);
    page_end(page);
}

/* Two calls from one line with the same arguments and results: shown once. */
static bool reads_the_same(const Evidence *a, const Evidence *b)
{
    bool same_file = a->file && b->file ? strcmp(a->file, b->file) == 0 : a->file == b->file;
    return same_file && a->line == b->line && strcmp(a->text, b->text) == 0;
}

/* Was this scenario's command line printed for an earlier check of the exercise? */
static bool replayed(const ExerciseResult *exercise, int check)
{
    const char *scenario = exercise->checks[check].scenario;
    for (int i = 0; i < check; i++) {
        const CheckResult *other = &exercise->checks[i];
        if (other->status == CHECK_FAIL && text_any(other->scenario) &&
            text_is_shown(exercise, i) && strcmp(other->scenario, scenario) == 0)
            return true;
    }
    return false;
}

static void replay(Page *page, const ExerciseResult *exercise, int check)
{
    const char *scenario = exercise->checks[check].scenario;
    if (!text_any(scenario))
        return;
    label(page, "replay", INK_PLAIN);
    if (replayed(exercise, check)) {
        page_wordsf(page, "%s, as above", scenario);
        page_end(page);
        return;
    }
    const char *arguments = exercise->checks[check].arguments;
    page_wordsf(page, "start your program with %s, then", text_any(arguments) ? arguments : "9000");
    page_end(page);
    page_to(page, VALUES);
    page_wordsf(page, "%s %s/%s 9000", replay_command, exercise->id, scenario);
    page_end(page);
}

static void title(Page *page, const CheckResult *check)
{
    char have[16], full[16];
    page_indent(page, LABELS);
    page_to(page, 2);
    page_ink(page, check->halves > 0 ? INK_PART : INK_BAD);
    page_glyph(page, GLYPH_FAIL);
    page_words(page, check->id, 1);
    page_wordsf(page, "%s/%s", report_points(check->halves, have, sizeof have),
                report_points(check->max_halves, full, sizeof full));
    page_ink(page, INK_PLAIN);
    page_to(page, page->column + 1);
    page->gap = true;
    page_words(page, check->title, 2);
    if (check->runs > 1)
        page_wordsf(page, "(%d of %d runs)", check->failed_runs, check->runs);
    page_end(page);
}

void text_check(Page *page, const ExerciseResult *exercise, int check, bool brief)
{
    const CheckResult *c = &exercise->checks[check];
    title(page, c);
    field(page, "saw", text_any(c->seen) ? c->seen : c->message, INK_PLAIN);
    if (text_any(c->said))
        field(page, "stderr", c->said, INK_PLAIN);
    if (!brief) {
        field(page, "expected", c->expected, INK_PLAIN);
        field(page, "why", c->why, INK_PLAIN);
    }
    for (int i = 0; i < c->n_evidence && i < (brief ? 1 : CITED); i++)
        if (i == 0 || !reads_the_same(&c->evidence[i - 1], &c->evidence[i]))
            cite(page, &c->evidence[i]);
    if (!brief)
        replay(page, exercise, check);
}
