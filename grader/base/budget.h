/*
 * Memory that many keepers share, so that what a submission makes the grader
 * keep is bounded all told, however many runs it is spread over. Each keeper
 * may have a little without asking; what it keeps beyond that it takes from
 * the budget first, and gives back. Not for threads.
 */
#ifndef GRADER_BASE_BUDGET_H
#define GRADER_BASE_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Budget {
    size_t most, used; /* bytes; `used` may be more by what was kept without asking */
} Budget;

bool budget_has(const Budget *budget, size_t bytes); /* room for so many more */
/* Counts the change from `*held` to `now`, which becomes what this keeper holds. */
void budget_hold(Budget *budget, size_t *held, size_t now);

#endif
