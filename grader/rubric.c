#include "rubric.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

enum { MESSAGE_MOST = 1000 };

struct Verdict {
    const Check *check;
    CheckResult *result;
};

const Observation *facts_run(const Facts *facts, const char *scenario)
{
    static const Observation not_run = {
        .end = RUN_NOT_RUN, .cpu_before_data_ns = -1, .cpu_last_ns = -1, .port_asked = -1};
    for (int i = 0; i < facts->n_runs; i++)
        if (strcmp(facts->runs[i]->scenario, scenario) == 0)
            return facts->runs[i];
    return &not_run;
}

bool check_uses(const Check *check, const char *scenario)
{
    size_t len = strlen(scenario);
    for (const char *at = check->scenarios; at && *at;) {
        size_t word = strcspn(at, " ");
        if (word == len && memcmp(at, scenario, len) == 0)
            return true;
        at += word + strspn(at + word, " ");
    }
    return false;
}

/* Messages may quote what a submission printed: clean them whatever the predicate did. */
static char *clean_message(const char *format, va_list args)
{
    char text[MESSAGE_MOST];
    vsnprintf(text, sizeof text, format, args);
    Buf clean;
    buf_init(&clean, 4 * MESSAGE_MOST);
    text_clean(&clean, text, strlen(text));
    return buf_take(&clean);
}

static void replace(char **slot, char *text)
{
    free(*slot);
    *slot = text;
}

static void set(Verdict *v, CheckStatus status, SkipReason reason, int halves)
{
    v->result->status = status;
    v->result->reason = reason;
    v->result->halves = halves;
    replace(&v->result->seen, x_strdup(""));
    replace(&v->result->expected, x_strdup(""));
    replace(&v->result->cause, x_strdup(""));
}

void verdict_pass(Verdict *v, const char *format, ...)
{
    set(v, CHECK_PASS, SKIP_NONE, v->check->halves);
    va_list args;
    va_start(args, format);
    replace(&v->result->message, clean_message(format, args));
    va_end(args);
}

void verdict_fail(Verdict *v, int halves, const char *expected, const char *format, ...)
{
    set(v, CHECK_FAIL, SKIP_NONE, halves);
    va_list args;
    va_start(args, format);
    replace(&v->result->seen, clean_message(format, args));
    va_end(args);
    replace(&v->result->expected, x_strdup(expected));
    replace(&v->result->message, x_printf("%s; expected %s", v->result->seen, expected));
}

void verdict_needs(Verdict *v, const char *cause, const char *format, ...)
{
    set(v, CHECK_SKIP, SKIP_PREREQUISITE, 0);
    va_list args;
    va_start(args, format);
    char *text = clean_message(format, args);
    va_end(args);
    replace(&v->result->message, x_printf("waits for %s: %s", cause, text));
    replace(&v->result->cause, x_strdup(cause));
    free(text);
}

void verdict_unseen(Verdict *v, const char *format, ...)
{
    set(v, CHECK_SKIP, SKIP_UNOBSERVABLE, 0);
    va_list args;
    va_start(args, format);
    replace(&v->result->message, clean_message(format, args));
    va_end(args);
}

static Evidence *new_evidence(Verdict *v)
{
    if (v->result->n_evidence == EVIDENCE_MOST)
        return NULL;
    return &v->result->evidence[v->result->n_evidence++];
}

enum { CALLERS_MOST = 2 };

static void place(Evidence *evidence, const Event *event)
{
    if (!event->at.file)
        return;
    evidence->file = x_strdup(event->at.file);
    evidence->line = event->at.line;
    /* A wrapper does what others tell it to, and may be called by another one. */
    int callers = 0;
    for (int i = 1; i < event->stack_len && callers < CALLERS_MOST; i++) {
        const SourceLine *caller = &event->stack[i];
        if (caller->file)
            replace(&evidence->text,
                    x_printf("%s%s%s:%d", evidence->text, callers++ ? ", " : EVIDENCE_CALLER,
                             caller->file, caller->line));
    }
}

void verdict_cite(Verdict *v, const Event *event)
{
    Evidence *evidence = event ? new_evidence(v) : NULL;
    if (!evidence)
        return;
    evidence->text = x_strdup(event->raw ? event->raw : event->call ? event->call : "");
    place(evidence, event);
}

void verdict_cite_as(Verdict *v, const Event *event, const char *format, ...)
{
    Evidence *evidence = new_evidence(v);
    if (!evidence)
        return;
    va_list args;
    va_start(args, format);
    evidence->text = clean_message(format, args);
    va_end(args);
    if (event)
        place(evidence, event);
}

void verdict_note(Verdict *v, const char *note)
{
    const char *expected = v->result->expected ? v->result->expected : "";
    replace(&v->result->expected, x_printf("%s (%s)", expected, note));
}

void verdict_scenario(Verdict *v, const char *scenario)
{
    replace(&v->result->scenario, x_strdup(scenario));
}

bool verdict_failed(const Verdict *v)
{
    return v->result->status == CHECK_FAIL;
}

int verdict_full(const Verdict *v)
{
    return v->check->halves;
}

/* --- judging a whole exercise --- */

static char *first_word(const char *words)
{
    return words ? x_strndup(words, strcspn(words, " ")) : x_strdup("");
}

static void check_result_init(CheckResult *result, const Check *check)
{
    *result = (CheckResult){.id = x_strdup(check->id),
                            .title = x_strdup(check->title),
                            .max_halves = check->halves,
                            .message = x_strdup(""),
                            .seen = x_strdup(""),
                            .expected = x_strdup(""),
                            .why = x_strdup(check->why ? check->why : ""),
                            .effect = check->effect,
                            .cause = x_strdup(""),
                            .scenario = first_word(check->scenarios)};
}

/* Starts the checks of a result, in place of any that it had. */
static void begin(const Exercise *exercise, ExerciseResult *result, ExerciseStatus status)
{
    for (int i = 0; i < result->n_checks; i++)
        check_result_release(&result->checks[i]);
    free(result->checks);
    replace(&result->id, x_strdup(exercise->id));
    replace(&result->title, x_strdup(exercise->title));
    if (!result->compiler)
        result->compiler = x_strdup("");
    if (!result->error)
        result->error = x_strdup("");
    result->status = status;
    result->n_checks = exercise->n_checks;
    result->checks = x_calloc((size_t)exercise->n_checks, sizeof *result->checks);
    for (int i = 0; i < exercise->n_checks; i++)
        check_result_init(&result->checks[i], &exercise->checks[i]);
}

/* The run of ours that failed, of those that the check looks at; NULL if none did. */
static const Observation *broken_run(const Check *check, const Facts *facts)
{
    for (int i = 0; i < facts->n_runs; i++)
        if (facts->runs[i]->end == RUN_BROKEN && check_uses(check, facts->runs[i]->scenario))
            return facts->runs[i];
    return NULL;
}

/* The run in which the submission saw to it that not all it did is seen; NULL: none. */
static const Observation *lost_run(const Check *check, const Facts *facts)
{
    for (int i = 0; i < facts->n_runs; i++)
        if (trace_lost(facts->runs[i]->trace) && check_uses(check, facts->runs[i]->scenario))
            return facts->runs[i];
    return NULL;
}

/* What nobody saw is not paid for. */
static void take_back(const Check *check, const Facts *facts, CheckResult *result)
{
    const Observation *lost = lost_run(check, facts);
    if (!lost || check->with_behaviour || result->status == CHECK_SKIP)
        return;
    Verdict v = {check, result};
    verdict_fail(&v, 0, "a run in which the grader can follow every connection",
                 "%s, so what was done with the connections can't be told",
                 trace_lost(lost->trace));
    verdict_scenario(&v, lost->scenario);
}

static void judge_one(const Check *check, const Facts *facts, CheckResult *result,
                      ExerciseResult *exercise)
{
    const Observation *broken = broken_run(check, facts);
    if (!broken) {
        check->judge(facts, &(Verdict){check, result});
        take_back(check, facts, result);
        return;
    }
    result->status = CHECK_ERROR;
    replace(&result->message,
            x_printf("the grader could not run %s: %s", broken->scenario, broken->fault.text));
    exercise->status = EX_ERROR;
    replace(&exercise->error, x_strdup(broken->fault.text));
}

/* Points for compiling and listening count only once the program does something. */
static void hold_back(const Exercise *exercise, ExerciseResult *result)
{
    for (int i = 0; i < result->n_checks; i++)
        if (!exercise->checks[i].with_behaviour && result->checks[i].status == CHECK_PASS)
            return;
    for (int i = 0; i < result->n_checks; i++) {
        if (!exercise->checks[i].with_behaviour)
            continue;
        if (result->checks[i].status == CHECK_FAIL) /* a part of the points is none either */
            result->checks[i].halves = 0;
        if (result->checks[i].status != CHECK_PASS)
            continue;
        Verdict v = {&exercise->checks[i], &result->checks[i]};
        char *was = x_strdup(v.result->message);
        set(&v, CHECK_SKIP, SKIP_PREREQUISITE, 0);
        replace(&v.result->message, x_printf("%s; counts once another check passes", was));
        free(was);
    }
}

void rubric_judge(const Exercise *exercise, const Facts *facts, ExerciseResult *result)
{
    begin(exercise, result, EX_GRADED);
    result->cpu = (CpuFigures){false, -1, -1, -1, -1};
    for (int i = 0; i < exercise->n_checks; i++)
        judge_one(&exercise->checks[i], facts, &result->checks[i], result);
    hold_back(exercise, result);
    if (exercise->figures)
        exercise->figures(facts, &result->cpu);
}

static void take_notes(CheckResult *result, const BuildReport *build)
{
    for (int i = 0; i < build->n_notes && i < EVIDENCE_MOST; i++) {
        const Evidence *note = &build->notes[i];
        result->evidence[result->n_evidence++] =
            (Evidence){.file = note->file ? x_strdup(note->file) : NULL,
                       .line = note->line,
                       .text = x_strdup(note->text ? note->text : ""),
                       .source = note->source ? x_strdup(note->source) : NULL};
    }
}

void rubric_unbuilt(const Exercise *exercise, const BuildReport *build, ExerciseResult *result)
{
    begin(exercise, result, result->status);
    result->cpu = (CpuFigures){false, -1, -1, -1, -1};
    for (int i = 0; i < exercise->n_checks; i++) {
        Verdict v = {&exercise->checks[i], &result->checks[i]};
        if (strcmp(exercise->checks[i].id, "build") == 0) {
            verdict_fail(&v, 0, "a program that compiles", "%s",
                         build->problem ? build->problem : "it did not compile");
            take_notes(v.result, build);
        } else {
            verdict_needs(&v, "build", "there is no program to run");
        }
    }
}

void rubric_error(const Exercise *exercise, const char *why, ExerciseResult *result)
{
    begin(exercise, result, EX_ERROR);
    result->cpu = (CpuFigures){false, -1, -1, -1, -1};
    replace(&result->error, x_strdup(why));
    for (int i = 0; i < result->n_checks; i++) {
        result->checks[i].status = CHECK_ERROR;
        replace(&result->checks[i].message, x_printf("the grader could not do its work: %s", why));
    }
}
