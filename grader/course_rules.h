/*
 * A course's own rules (`--course FILE`): weights that override the points of
 * the tables. The file is JSON:
 *
 *   { "weights": {
 *       "ex1_nonblocking": { "retry-interval": 5, "build": 0 },
 *       "ex2_event_loop":  { "asleep": 7.5 } } }
 *
 * A weight is what a check is worth from now on: 0 to 100, in steps of 0.5.
 * Exercises and checks that are not named keep their points; `{}` changes
 * nothing. Verdicts stay what they are, so do the exit status and the checks
 * that fail: a check of weight 0 is still judged and shown.
 *
 * The part of a check that was earned is scaled and rounded down to half a
 * point: 2 of 5 points at weight 3 are 1. So a check below its full points
 * stays below them.
 *
 * Read strictly. What is not JSON, a key that stands there twice, a key, an
 * exercise or a check that is not known, a weight that is no such number: each
 * is a mistake, and the message names it. A file holds at most
 * COURSE_RULES_BYTES.
 *
 * Results are stored raw (store.h); rules are applied to what is shown. Who
 * does both stores first, then applies.
 */
#ifndef GRADER_COURSE_RULES_H
#define GRADER_COURSE_RULES_H

#include <stddef.h>

#include "base/fault.h"
#include "result.h"

enum { COURSE_RULES_BYTES = 65536, COURSE_WEIGHT_MOST = 100 };

/* A check that there is, for telling unknown names. */
typedef struct CourseItem {
    const char *exercise, *check;
} CourseItem;

typedef struct CourseWeight {
    char *exercise, *check; /* owned */
    int halves;
} CourseWeight;

typedef struct CourseRules {
    CourseWeight *weights;
    int n_weights;
} CourseRules;

void course_rules_init(CourseRules *rules);
void course_rules_release(CourseRules *rules); /* safe twice */

/* Each 0, or -1 and the fault, with the rules empty. `name` is for messages.
 * `rules` is initialised by the call. */
int course_rules_parse(CourseRules *rules, const char *name, const char *text, size_t len,
                       const CourseItem *items, int n_items, Fault *fault);
int course_rules_read(CourseRules *rules, const char *path, const CourseItem *items, int n_items,
                      Fault *fault);

/* As course_rules_read() with all checks of the registry (rubric.h), into a new
 * object; NULL and the fault. These two are in course_load.c: the rest knows
 * no rubric. */
CourseRules *course_rules_load(const char *path, Fault *fault);
void course_rules_free(CourseRules *rules); /* NULL is fine */

/* What a check is worth: `halves` if no rule names it. `rules` may be NULL. */
int course_rules_weight(const CourseRules *rules, const char *exercise, const char *check,
                        int halves);
/* What `halves` of `max_halves` are where the check is worth `weight`. */
int course_rules_earned(int halves, int max_halves, int weight);

/* Weighs every check of a result and sums it up anew. `rules` may be NULL. */
void course_rules_apply(const CourseRules *rules, Result *result);

#endif
