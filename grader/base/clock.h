/*
 * The two clocks of the grader, in nanoseconds. Durations and deadlines are
 * CLOCK_MONOTONIC; instants that must be comparable with a system-call trace
 * are CLOCK_REALTIME, for that is what tracers print.
 */
#ifndef GRADER_BASE_CLOCK_H
#define GRADER_BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

int64_t clock_mono_ns(void);
int64_t clock_real_ns(void);

/* GRADER_SLOW, the one multiplier for slow machines: a number from 1 to 100; 1 if it is unset,
 * empty or no such number. */
double clock_slow(void);
/* What is wrong with GRADER_SLOW, for who set it (static); NULL: nothing. */
const char *clock_slow_wrong(void);

/* `ms` milliseconds times GRADER_SLOW, rounded up, in milliseconds. */
int64_t clock_limit_ms(int64_t ms);

#endif
