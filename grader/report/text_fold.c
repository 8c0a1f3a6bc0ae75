/* Checks that are not shown one by one: those of later steps, those without a verdict. */
#include "report/text_parts.h"

#include <stdlib.h>
#include <string.h>

enum { IDS_MOST = 2048 };

/* --- checks of later steps --- */

/* Who is at the second step of seven learns nothing from what the last five would do. */
enum { LATER_SHOWN = 2 };

static bool is_later(const ExerciseResult *exercise, int check)
{
    const CheckResult *c = &exercise->checks[check];
    return exercise->first_todo && c->status == CHECK_FAIL && c->halves == 0 &&
           c->todo > exercise->todo;
}

bool text_is_shown(const ExerciseResult *exercise, int check)
{
    int later = 0;
    for (int i = 0; i < exercise->n_checks; i++)
        later += is_later(exercise, i);
    return later <= LATER_SHOWN || !is_later(exercise, check);
}

void text_later_steps(Page *page, const ExerciseResult *exercise)
{
    int count = 0, halves = 0;
    char text[16];
    Buf ids;
    buf_init(&ids, IDS_MOST);
    for (int i = 0; i < exercise->n_checks; i++)
        if (is_later(exercise, i)) {
            buf_printf(&ids, "%s%s", count++ ? ", " : "", exercise->checks[i].id);
            halves += exercise->checks[i].max_halves;
        }
    if (count <= LATER_SHOWN) {
        buf_release(&ids);
        return;
    }
    page_blank(page);
    page_indent(page, LABELS);
    page_to(page, 2);
    page_ink(page, INK_DIM);
    page_glyph(page, GLYPH_SKIP);
    page_wordsf(page, "%d checks fail for want of later steps than TODO %d (%s points):", count,
                exercise->todo, report_points(halves, text, sizeof text));
    page_words(page, ids.data, LINES);
    page_ink(page, INK_PLAIN);
    page_end(page);
    buf_release(&ids);
}

/* --- checks without a verdict --- */

/* What it waits for, unless that has passed: then its own message says more. */
static const char *open_cause(const ExerciseResult *exercise, const CheckResult *check)
{
    for (int i = 0; text_any(check->cause) && i < exercise->n_checks; i++)
        if (exercise->checks[i].id && strcmp(exercise->checks[i].id, check->cause) == 0 &&
            exercise->checks[i].status == CHECK_PASS)
            return "";
    return text_any(check->cause) ? check->cause : "";
}

/* What two of them must share to stand in one line. */
static bool same_cause(const ExerciseResult *exercise, const CheckResult *a, const CheckResult *b)
{
    const char *one = open_cause(exercise, a), *other = open_cause(exercise, b);
    if (a->status != b->status || a->reason != b->reason)
        return false;
    if (*one || *other)
        return strcmp(one, other) == 0;
    return strcmp(a->message ? a->message : "", b->message ? b->message : "") == 0;
}

static bool no_verdict(const CheckResult *check)
{
    return check->status == CHECK_SKIP || check->status == CHECK_ERROR;
}

static bool said_before(const ExerciseResult *exercise, int check)
{
    for (int i = 0; i < check; i++)
        if (no_verdict(&exercise->checks[i]) &&
            same_cause(exercise, &exercise->checks[i], &exercise->checks[check]))
            return true;
    return false;
}

static void say_cause(Page *page, const CheckResult *first, const char *cause, int count)
{
    const char *s = count == 1 ? "" : "s";
    if (first->status == CHECK_ERROR)
        page_wordsf(page, "%d check%s could not be run, which costs no points", count, s);
    else if (first->reason == SKIP_UNOBSERVABLE)
        page_wordsf(page, "%d check%s can't be seen on this machine, which costs no points", count,
                    s);
    else if (*cause)
        page_wordsf(page, "%d check%s wait%s for %s", count, s, count == 1 ? "s" : "", cause);
    else
        page_wordsf(page, "%d check%s not judged", count, s);
}

static char *joined_ids(const ExerciseResult *exercise, int first)
{
    Buf ids;
    buf_init(&ids, IDS_MOST);
    for (int i = first; i < exercise->n_checks; i++)
        if (no_verdict(&exercise->checks[i]) &&
            same_cause(exercise, &exercise->checks[first], &exercise->checks[i]))
            buf_printf(&ids, "%s%s", ids.len ? ", " : "", exercise->checks[i].id);
    return buf_take(&ids);
}

static void fold(Page *page, const ExerciseResult *exercise, int check)
{
    const CheckResult *first = &exercise->checks[check];
    int count = 0, halves = 0;
    char text[16];
    for (int i = check; i < exercise->n_checks; i++)
        if (no_verdict(&exercise->checks[i]) && same_cause(exercise, first, &exercise->checks[i])) {
            count++;
            halves += exercise->checks[i].max_halves;
        }
    page_indent(page, LABELS);
    page_to(page, 2);
    page_ink(page, INK_DIM);
    page_glyph(page, first->status == CHECK_ERROR ? GLYPH_ERROR : GLYPH_SKIP);
    const char *cause = open_cause(exercise, first);
    say_cause(page, first, cause, count);
    page_wordsf(page, "(%s point%s):", report_points(halves, text, sizeof text),
                halves == 2 ? "" : "s");
    char *ids = joined_ids(exercise, check);
    page_words(page, ids, LINES);
    free(ids);
    page_end(page);
    if (!*cause) {
        page_to(page, LABELS);
        page_words(page, first->message, 2);
        page_end(page);
    }
    page_ink(page, INK_PLAIN);
}

void text_folded(Page *page, const ExerciseResult *exercise)
{
    bool begun = false;
    for (int i = 0; i < exercise->n_checks; i++) {
        if (!no_verdict(&exercise->checks[i]) || said_before(exercise, i))
            continue;
        if (!begun)
            page_blank(page);
        begun = true;
        fold(page, exercise, i);
    }
}
