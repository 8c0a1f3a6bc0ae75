/*
 * From each try of exercise 1 to the next: how long it was, and how long it was to be. Lesson 8,
 * the first exercise: "print each WouldBlock and sleep 100ms between" two tries.
 */
#ifndef GRADER_EXERCISES_GAPS_H
#define GRADER_EXERCISES_GAPS_H

#include "observation.h"

enum { GAPS = 4096 };

/* From each read of the connection to the next, the successful one included: that one too comes
 * a sleep after a try. */
typedef struct Gaps {
    int64_t seen[GAPS];  /* nanoseconds */
    int64_t least[GAPS]; /* what it would be on a machine that is never late, as far as is known */
    int64_t asked[GAPS]; /* of this the program's own sleeps are known to have asked for */
    int n;
} Gaps;

/* Of the first connection, in a run with a trace; the first GAPS of them. */
void gaps_collect(const Observation *run, Gaps *gaps);
int64_t gaps_median(int64_t *list, int n); /* of n > 0 numbers, which it sorts */

#endif
