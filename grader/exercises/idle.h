/*
 * Was a program asleep in the kernel while it was left alone? Judged by the
 * timeouts that it gives, not by whether they happened to expire meanwhile.
 *
 * Source: shared contract, exercises 2 to 4 ("Idle means asleep in the kernel").
 */
#ifndef GRADER_EXERCISES_IDLE_H
#define GRADER_EXERCISES_IDLE_H

#include "observation.h"

typedef struct Idleness {
    double per_second;     /* wake-ups: by the shortest timeout if there is one, else as many as
                              what was seen shows at least */
    const Event *shortest; /* the wait or sleep with the shortest timeout under a second */
    int returns;           /* calls that came back although nothing had happened */
    const Event *busiest;  /* the last of these */
} Idleness;

/* What the trace of `run` tells about the time of `watch`. */
Idleness idleness(const Observation *run, const Watch *watch);

/* CPU time used per second of this watch, its children's included, as a share (1: a whole core). */
double watch_cpu_share(const Watch *watch);
/* The same for the report, as it would be on a machine of its own: what the program
 * stood in the queue for a core is not counted as a second in which it could have run. */
double watch_own_cpu_share(const Watch *watch);
/* Was it busy while nothing happened? On an overloaded machine a busy program gets
 * little of a core; but it never sleeps either. */
bool watch_busy(const Watch *watch);
/* How often a second it was asleep and came back: true without a tracer only. */
double watch_wakeups(const Watch *watch);

#endif
