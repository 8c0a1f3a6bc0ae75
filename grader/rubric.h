/*
 * Checks are a table in C: id, points, title, scenarios, and a predicate of a
 * few lines that asks the observations and says what it saw against what it
 * expected. There is no rule language.
 *
 * A predicate judges the submission only. It can't fail for our reasons: what
 * broke on our side never reaches it (the rubric turns such a check into
 * `error`), and what it has not run is an empty observation.
 */
#ifndef GRADER_RUBRIC_H
#define GRADER_RUBRIC_H

#include <stdbool.h>
#include <stddef.h>

#include "observation.h"
#include "result.h"

typedef struct BuildReport {
    bool compiled;
    int warnings, errors;
    char *output;    /* the compiler's, cut; "" if none */
    char *problem;   /* not compiled: one line that says why */
    Evidence *notes; /* each error or warning with its place, most instructive first */
    int n_notes;
} BuildReport;

typedef struct Facts {
    const BuildReport *build;
    const Observation *const *runs;
    int n_runs;
} Facts;

/* The observation of a scenario; an empty one (RUN_NOT_RUN) if there is none. Never NULL. */
const Observation *facts_run(const Facts *facts, const char *scenario);

typedef struct Verdict Verdict;

/* Exactly one of these four is called by a predicate; the last call counts. */
void verdict_pass(Verdict *v, const char *message, ...) __attribute__((format(printf, 2, 3)));
/* `halves`: what is earned all the same, in half points. */
void verdict_fail(Verdict *v, int halves, const char *expected, const char *seen, ...)
    __attribute__((format(printf, 4, 5)));
/* What this needs did not happen, and `cause` (a check's id) says why. */
void verdict_needs(Verdict *v, const char *cause, const char *message, ...)
    __attribute__((format(printf, 3, 4)));
/* This machine can't see it. */
void verdict_unseen(Verdict *v, const char *message, ...) __attribute__((format(printf, 2, 3)));

/* Evidence: this event (NULL: none). At most EVIDENCE_MOST are kept, first come first kept. */
void verdict_cite(Verdict *v, const Event *event);
/* As above, with words of one's own in place of the tracer's line (the place is kept). */
void verdict_cite_as(Verdict *v, const Event *event, const char *text, ...)
    __attribute__((format(printf, 3, 4)));
/* Words behind what a fail expected, as which part is earned. */
void verdict_note(Verdict *v, const char *note);
/* Is what has been called a fail? */
bool verdict_failed(const Verdict *v);
/* The check's full points, in halves. */
int verdict_full(const Verdict *v);
/* Which scenario shows it, where the table's first is not the one. */
void verdict_scenario(Verdict *v, const char *scenario);

typedef struct Check {
    const char *id, *title;
    int halves;
    const char
        *scenarios; /* names, space-separated: what it looks at; the first is the one to replay */
    void (*judge)(const Facts *facts, Verdict *verdict);
    bool timed;          /* depends on time: repeated up to three times before it is a failure */
    bool effect;         /* fails whatever else is wrong: others say more about what to do */
    bool with_behaviour; /* counts only once a check without this flag passes (build, listening) */
    const char *why;     /* why it matters, one sentence */
    const char *look;    /* how to see it oneself: a command, a place to look */
} Check;

typedef struct Scenario {
    const char *name; /* "data-later" */
    const char *text; /* the .peer script */
} Scenario;

/* What the exercise's README says that a check looks for, and how many of its points each
 * part earns: one text for both. */
typedef struct LooksFor {
    const char *check; /* NULL: the end */
    int halves;
    const char *text;
} LooksFor;

typedef struct Exercise {
    const char *id;      /* "ex1_nonblocking" */
    const char *program; /* "nonblocking" */
    const char *title;
    const Check *checks;
    int n_checks;
    /* Fills the CPU figures from the runs; NULL: none. Shown, not scored. */
    void (*figures)(const Facts *facts, CpuFigures *figures);
} Exercise;

/* The registry, made from the file names in grader/exercises/ at build time. */
typedef struct Course {
    const Exercise *exercise;
    const Scenario *scenarios;
    int n_scenarios;
    const LooksFor *looks_for; /* of each check that the README's table has */
} Course;
extern const Course course[];
extern const int course_len;

/* Judges every check of an exercise into `result` (checks, message, evidence;
 * not the totals). A check whose scenarios are RUN_BROKEN becomes `error`. */
void rubric_judge(const Exercise *exercise, const Facts *facts, ExerciseResult *result);
/* All checks at once as missing or build_failed (build `fail`, the others `skip`). */
void rubric_unbuilt(const Exercise *exercise, const BuildReport *build, ExerciseResult *result);
/* All checks at once as `error`: we broke, and why. Replaces what `result` held. */
void rubric_error(const Exercise *exercise, const char *why, ExerciseResult *result);
/* Does this check look at this scenario? */
bool check_uses(const Check *check, const char *scenario);

#endif
