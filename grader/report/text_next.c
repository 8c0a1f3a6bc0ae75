#include "report/text_parts.h"

#include <stdlib.h>
#include <string.h>

enum { SENTENCE_MOST = 8192 };

char *text_main_file(const ExerciseResult *exercise)
{
    if (exercise->first_todo)
        return x_strdup(exercise->first_todo);
    const char *after = exercise->id ? strchr(exercise->id, '_') : NULL;
    return x_printf("%s.c", after && after[1] ? after + 1 : "main");
}

static void next_is(Page *page)
{
    page_blank(page);
    page_indent(page, 6);
    page_ink(page, INK_STRONG);
    page_words(page, "Next:", 1);
    page_ink(page, INK_PLAIN);
}

static void next_missing(Page *page, const ExerciseResult *exercise)
{
    page_wordsf(page,
                "make the folder %s; its stub is in assignments/%s, where the README says "
                "how to begin.",
                exercise->id, exercise->id);
}

static void next_build(Page *page, const ExerciseResult *exercise)
{
    int key = result_key_check(exercise);
    const CheckResult *build = key < 0 ? NULL : &exercise->checks[key];
    if (build && build->n_evidence > 0 && build->evidence[0].file)
        page_wordsf(page,
                    "make %s compile: begin at %s:%d, the first message. Later ones often go "
                    "away with it.",
                    exercise->id, build->evidence[0].file, build->evidence[0].line);
    else
        page_wordsf(page, "make %s compile, beginning with the first message.", exercise->id);
}

static void next_stub(Page *page, const ExerciseResult *exercise)
{
    char *file = text_main_file(exercise);
    page_wordsf(page, "open %s/%s at TODO %d, with assignments/%s/README.md beside it.",
                exercise->id, file, exercise->todo, exercise->id);
    free(file);
}

/* ", called from echo_server.c:97" at the end of an evidence's text; "": it has none. */
static const char *caller(const Evidence *evidence)
{
    static const char words[] = EVIDENCE_CALLER;
    const char *found = "";
    for (const char *at = evidence->text; at && (at = strstr(at, words)); at += sizeof words - 1)
        found = at;
    return found;
}

static void next_check(Page *page, const ExerciseResult *exercise)
{
    int key = result_key_check(exercise);
    if (key < 0) {
        page_wordsf(page, "look at what %s still waits for, above.", exercise->id);
        return;
    }
    const CheckResult *check = &exercise->checks[key];
    const Evidence *at = result_place(check);
    int halves, count = result_waiting(exercise, check->id, &halves);
    bool its_own = exercise->first_todo && check->todo == exercise->todo;
    bool step = exercise->first_todo && (result_stopped_in_stub(check) || (!at && its_own));
    Buf text;
    buf_init(&text, SENTENCE_MOST);
    if (step && check->todo > exercise->todo)
        buf_printf(&text, "TODO %d in %s/%s; %s comes with TODO %d. It", exercise->todo,
                   exercise->id, exercise->first_todo, check->id, check->todo);
    else if (step)
        buf_printf(&text, "TODO %d in %s/%s. Then %s", exercise->todo, exercise->id,
                   exercise->first_todo, check->id);
    else
        buf_printf(&text, "%s of %s", check->id, exercise->id);
    if (at)
        buf_printf(&text, " (%s:%d%s)", at->file, at->line, caller(at));
    if (check->expected && *check->expected)
        buf_printf(&text, " expects: %s", check->expected);
    if (its_own && !step)
        buf_printf(&text, "; that is TODO %d (in %s)", exercise->todo, exercise->first_todo);
    if (count > 0)
        buf_printf(&text, "; %d other check%s wait%s for it", count, count == 1 ? "" : "s",
                   count == 1 ? "s" : "");
    buf_printf(&text, ". `grader explain %s/%s` says how to see it.", exercise->id, check->id);
    page_words(page, text.data, 0);
    buf_release(&text);
}

/* Has the student something to do here? */
static bool falls_short(const ExerciseResult *exercise)
{
    if (exercise->status == EX_MISSING || exercise->status == EX_BUILD_FAILED)
        return true;
    for (int i = 0; i < exercise->n_checks; i++)
        if (exercise->checks[i].status == CHECK_FAIL ||
            exercise->checks[i].reason == SKIP_PREREQUISITE)
            return true;
    return false;
}

static void next_in(Page *page, const ExerciseResult *exercise)
{
    next_is(page);
    if (exercise->status == EX_MISSING)
        next_missing(page, exercise);
    else if (exercise->status == EX_BUILD_FAILED)
        next_build(page, exercise);
    else if (result_is_stub(exercise))
        next_stub(page, exercise);
    else
        next_check(page, exercise);
    page_end(page);
}

void text_next(Page *page, const Result *result)
{
    for (int i = 0; i < result->n_exercises; i++)
        if (falls_short(&result->exercises[i])) {
            next_in(page, &result->exercises[i]);
            return;
        }
    if (result->broken) {
        next_is(page);
        page_words(page, "run `grader doctor`, do what it says, and grade again.", 0);
        page_end(page);
    }
}
