/*
 * One submission, from its folder to a Result: build -> runs -> events ->
 * checks -> result. All exercises go on at once on one libuv loop; every wait
 * overlaps.
 *
 * A check that is not full is repeated before it is a failure: once, with call
 * stacks, so that the report can cite the student's line; twice if it depends
 * on time. It fails only if it failed each time, and the best try counts: a
 * noisy machine must not cost a point.
 */
#ifndef GRADER_GRADE_H
#define GRADER_GRADE_H

#include <stdbool.h>

#include "base/fault.h"
#include "result.h"
#include "rubric.h"

typedef struct GradeOptions {
    const char *dir;        /* the submission */
    const bool *chosen;     /* by index in course[]; NULL: every exercise */
    bool own;               /* no sandbox */
    int jobs;               /* scenarios at once; 0: chosen for the machine */
    const char *trace_dir;  /* keep each scenario's trace there; NULL: no */
    const char *references; /* folder of built references, for comparison only; NULL: none */
    /* Only what the picture needs: data-later and idle-watch, once, of the submission, of the
     * reference and of a program that spins. Not a grading: the points mean nothing. */
    bool picture;
    /* Only the programs of ours, over the whole wait: a baseline to compare with. `dir` is not
     * looked at; the timelines of the result are what it is for. */
    bool baseline;
    /* By index in course[]: the baseline's timelines, of this machine and these programs. Ours
     * need not run beside the submission then. NULL: they do. */
    const Timeline *known;
    /* Called as work goes on; NULL: no. `done` of `total` steps, what the last one was. */
    void (*progress)(void *context, const char *what, int done, int total);
    /* Called as an exercise ends, its checks judged and not summed up yet; NULL: no. */
    void (*exercise_done)(void *context, const ExerciseResult *exercise);
    void *context;
} GradeOptions;

/* Fills `result` in any case. 0, or -1 and the fault: the grader could not
 * grade some exercise (these are EX_ERROR in the result). */
int grade(const GradeOptions *options, Result *result, Fault *fault);

/* What a baseline holds for: this grader, these reference programs, this kind of machine; hex.
 * NULL: there are none to compare with. The caller frees it. */
char *grade_baseline_key(const char *references);

#endif
