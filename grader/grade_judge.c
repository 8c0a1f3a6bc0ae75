/* Verdicts of a work's tries, and what is worth another try. */
#include "grade_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* The facts of a try: its own runs, and those of the first where it has none. */
static void judge_try(Work *work, int t, ExerciseResult *into)
{
    const Observation *runs[SCENARIOS_MOST];
    int n = work->course->n_scenarios;
    for (int i = 0; i < n; i++)
        runs[i] = &work->tries[work->tries[t].ran[i] ? t : 0].runs[i];
    Facts facts = {&work->build.report, runs, n};
    rubric_judge(work->course->exercise, &facts, into);
}

void work_judge_first(Work *work)
{
    judge_try(work, 0, work->result);
}

bool check_falls_short(const CheckResult *check)
{
    return check->status == CHECK_FAIL && strcmp(check->id, "build") != 0;
}

/* A stub, or a program that does nothing yet: no second look makes that clearer. */
static bool nothing_seen(const ExerciseResult *result)
{
    for (int i = 0; i < result->n_checks; i++)
        if (result->checks[i].halves > 0 || result->checks[i].n_evidence > 0)
            return false;
    return true;
}

#define LATE_NS (NS_PER_S / 2)
static bool was_late(const Work *work)
{
    for (int i = 0; i < work->course->n_scenarios; i++) {
        const Observation *run = &work->tries[0].runs[i];
        for (int k = 0; k < run->n_steps; k++)
            if (run->steps[k].late_ns > LATE_NS)
                return true;
    }
    return false;
}

/* Nobody was ever answered, on a machine that was there: so many checks, each with runs of its own,
 * are one another's repetitions. */
enum { AGREEING = 6 };
static bool nothing_works(const Work *work)
{
    int failed = 0;
    if (work->answers.any || !work->answers.none || was_late(work))
        return false;
    for (int i = 0; i < work->result->n_checks; i++) {
        const CheckResult *check = &work->result->checks[i];
        if (!work->course->exercise->checks[i].timed)
            continue;
        if (check->halves > 0)
            return false;
        failed += check->status == CHECK_FAIL;
    }
    return failed >= AGREEING;
}

/* The scenarios that the check looks at: all, or those with a trace. */
static void want(const Work *work, int check, bool traced, bool wanted[SCENARIOS_MOST])
{
    for (int i = 0; i < work->course->n_scenarios; i++)
        if (check_uses(&work->course->exercise->checks[check], work->course->scenarios[i].name) &&
            !(traced && work->scripts[i].untraced))
            wanted[i] = true;
}

/* Calls were cited, and the scenario that failed is not traced: another one of the check's shows
 * them, and its second run on which lines they stand. */
static bool needs_places(const Work *work, const CheckResult *check)
{
    return check->n_evidence && work->scripts[work_scenario(work, check->scenario)].untraced;
}

/* What it is said to wait for is there: its own run went wrong, as on a machine that is
 * busy it may. */
static bool waits_in_vain(const Work *work, const CheckResult *check)
{
    if (check->status != CHECK_SKIP || check->reason != SKIP_PREREQUISITE || !check->cause)
        return false;
    for (int i = 0; i < work->result->n_checks; i++)
        if (strcmp(work->result->checks[i].id, check->cause) == 0)
            return work->result->checks[i].status == CHECK_PASS;
    return false;
}

bool work_wants(const Work *work, bool wanted[TRIES][SCENARIOS_MOST])
{
    bool any = false;
    memset(wanted, 0, sizeof(bool[TRIES][SCENARIOS_MOST]));
    if (work->hopeless || nothing_seen(work->result))
        return false;
    bool agree = nothing_works(work);
    for (int i = 0; i < work->result->n_checks; i++) {
        const CheckResult *check = &work->result->checks[i];
        int scenario = work_scenario(work, check->scenario);
        if (waits_in_vain(work, check)) {
            want(work, i, false, wanted[1]);
            want(work, i, false, wanted[2]);
            any = true;
            continue;
        }
        bool timed = work->course->exercise->checks[i].timed;
        if (!check_falls_short(check) || scenario < 0 || (timed && agree && !check->n_evidence))
            continue;
        any = wanted[1][scenario] = true;
        if (needs_places(work, check))
            want(work, i, true, wanted[1]);
        if (timed && !agree)
            wanted[2][scenario] = true;
    }
    return any;
}

static bool has_line(const CheckResult *check)
{
    return check->n_evidence > 0 && check->evidence[0].line > 0;
}

/* Did this try look at anything new for this check? */
static bool looked_again(const Work *work, int t, const Check *check)
{
    for (int i = 0; i < work->course->n_scenarios; i++)
        if (work->tries[t].ran[i] && check_uses(check, work->course->scenarios[i].name))
            return true;
    return false;
}

/* What it waited for came in a later try: its own runs are there to be judged. */
static bool waited(const CheckResult *best, const CheckResult *again)
{
    return best->status == CHECK_SKIP && best->reason == SKIP_PREREQUISITE && again->halves > 0;
}

static void swap_checks(CheckResult *a, CheckResult *b)
{
    CheckResult old = *a;
    *a = *b;
    *b = old;
}

/* A call is known by its name, a sentence ("would have blocked 3951 times") by its words in
 * front of the first figure, which differs from run to run. */
static bool same_call(const Evidence *a, const Evidence *b)
{
    size_t len = strcspn(a->text, "(0123456789");
    return strncmp(a->text, b->text, len) == 0 && strcspn(b->text, "(0123456789") == len;
}

static void take_caller(Evidence *best, const Evidence *again)
{
    const char *caller = strstr(again->text, EVIDENCE_CALLER);
    if (!caller || strstr(best->text, EVIDENCE_CALLER))
        return;
    char *text = x_printf("%s%s", best->text, caller);
    free(best->text);
    best->text = text;
}

/* The places of a run with stacks, for the words of one without: stacks make a
 * program slow, so that its figures are not what it does otherwise. */
static void take_places(CheckResult *best, CheckResult *again)
{
    for (int i = 0; i < best->n_evidence && i < again->n_evidence; i++) {
        if (!same_call(&best->evidence[i], &again->evidence[i]))
            return;
        free(best->evidence[i].file);
        best->evidence[i].file = again->evidence[i].file;
        best->evidence[i].line = again->evidence[i].line;
        again->evidence[i].file = NULL;
        take_caller(&best->evidence[i], &again->evidence[i]);
    }
}

/* The better verdict of the two stays in `best`. */
static void merge_check(CheckResult *best, CheckResult *again)
{
    int failed = best->failed_runs + check_falls_short(again), runs = best->runs + 1;
    bool better = again->status != CHECK_ERROR &&
                  (again->halves > best->halves ||
                   (again->status == CHECK_PASS && best->status != CHECK_PASS));
    bool same = again->status == best->status && again->halves == best->halves;
    /* Without any evidence the verdict was that a look at the stacks is needed. */
    bool told = same && has_line(again) && best->n_evidence == 0;
    if (better || told)
        swap_checks(best, again);
    else if (check_falls_short(best) && check_falls_short(again) && has_line(again) &&
             !has_line(best))
        take_places(best, again);
    best->failed_runs = failed;
    best->runs = runs;
}

void work_judge_again(Work *work)
{
    for (int i = 0; i < work->result->n_checks; i++) {
        CheckResult *check = &work->result->checks[i];
        check->runs = 1;
        check->failed_runs = check_falls_short(check);
    }
    for (int t = 1; t < TRIES; t++) {
        Result scratch;
        result_init(&scratch);
        scratch.exercises = x_calloc(1, sizeof *scratch.exercises);
        scratch.n_exercises = 1;
        judge_try(work, t, &scratch.exercises[0]);
        for (int i = 0; i < work->result->n_checks; i++)
            if (work->result->checks[i].status != CHECK_PASS &&
                (looked_again(work, t, &work->course->exercise->checks[i]) ||
                 waited(&work->result->checks[i], &scratch.exercises[0].checks[i])))
                merge_check(&work->result->checks[i], &scratch.exercises[0].checks[i]);
        result_release(&scratch);
    }
}

/* --- what is waited for --- */

static const CheckResult *check_named(const ExerciseResult *result, const char *id)
{
    for (int i = 0; i < result->n_checks; i++)
        if (strcmp(result->checks[i].id, id) == 0)
            return &result->checks[i];
    return NULL;
}

static const CheckResult *first_failed(const ExerciseResult *result)
{
    for (int i = 0; i < result->n_checks; i++)
        if (check_falls_short(&result->checks[i]))
            return &result->checks[i];
    return NULL;
}

/* A check names one that it waits for. Where that one passes, after all that there was to try, the
 * first that does not is why: nobody is told to wait for what they have. */
void work_mend_causes(Work *work)
{
    const CheckResult *failed = first_failed(work->result);
    for (int i = 0; failed && i < work->result->n_checks; i++) {
        CheckResult *check = &work->result->checks[i];
        const CheckResult *cause = check->status == CHECK_SKIP && check->cause
                                       ? check_named(work->result, check->cause)
                                       : NULL;
        const char *why =
            cause && cause->status == CHECK_PASS ? strstr(check->message, ": ") : NULL;
        if (!why)
            continue;
        char *message = x_printf("not seen%s; first see to %s", why, failed->id);
        free(check->message);
        free(check->cause);
        check->message = message;
        check->cause = x_strdup(failed->id);
    }
}
