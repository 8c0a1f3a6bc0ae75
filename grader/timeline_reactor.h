/*
 * Exercise 4's picture: the chain kernel -> reactor -> executor of one marked
 * run, a lane for each, as lesson 8 draws it. Times are the run's own; between
 * two long sleeps much happens in little time, so the drawing may well go by
 * the order of the spans.
 *
 *   kernel     SPAN_DATA "readable 1" as a wait returns it
 *   reactor    SPAN_MARK "register 1", "forget 1"; SPAN_ASLEEP "wait"; SPAN_MARK "wake 1"
 *   executor   SPAN_MARK "poll 1", "pending 1", "ready 1", "close 1"; what the
 *              reads of the future found: SPAN_WOULD "read 1", SPAN_DATA "read 1"
 *
 * Numbers are those of the tasks: K is the K-th accepted connection.
 */
#ifndef GRADER_TIMELINE_REACTOR_H
#define GRADER_TIMELINE_REACTOR_H

#include "observation.h"
#include "result.h"

/* Appends the three lanes of this run, `of` the submission's program or of the reference. They
 * are named "kernel", ...; with `what`, "kernel, reference" or "kernel, two-at-once". Nothing is added if the run was not traced or has no
 * marks. `timeline` may hold lanes of another run: it becomes as long as the longer. */
void timeline_reactor_draw(const Observation *run, LaneOf of, const char *what, Timeline *timeline);

#endif
