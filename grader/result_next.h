/*
 * What a student does next, from an exercise's result: the same in the terminal, in GitHub's
 * annotations and on the course's pages.
 */
#ifndef GRADER_RESULT_NEXT_H
#define GRADER_RESULT_NEXT_H

#include "result.h"

/* Does it build and do nothing else, as a stub does? */
bool result_is_stub(const ExerciseResult *exercise);

/* The failing check to begin with: what belongs to a step that is done; then one of the stub's next
 * step, a cause rather than an effect, one that names a line rather than one that does not, and of
 * those the one in the way of most points, its own and those of the checks that wait for it. Its index; -1 if none fails. */
int result_key_check(const ExerciseResult *exercise);

/* Its first evidence with a file and a line; NULL: none. */
const Evidence *result_place(const CheckResult *check);

/* Half points that hang on a failing check: what it lacks and what waits for it. */
int result_stake(const ExerciseResult *exercise, int check);

/* How many checks wait for the one called `cause`, and for how many half points. */
int result_waiting(const ExerciseResult *exercise, const char *cause, int *halves);

/* "TODO 3: register 5 for task 1" was the last that it said: the step is still to do. A line that
 * is cited says otherwise; a comment alone may only have been left there. */
bool result_stopped_in_stub(const CheckResult *check);

#endif
