/*
 * Timers of an event loop that leave its sockets their turn.
 *
 * A loop runs all timers that are due by its own time, which it takes once a
 * turn, and looks at its sockets afterwards. If a callback brings that time up
 * to date (uv_update_time), timers that it has just started may be due at
 * once: on a machine where each callback waits for a core, the sockets have no
 * turn for seconds, and what came in time is read too late. So nobody here
 * does, and a timer that these start in a callback is due in the next turn at
 * the earliest. It is never early; it is late by what the other callbacks of
 * its turn take.
 */
#ifndef GRADER_WAKE_H
#define GRADER_WAKE_H

#include <stdint.h>
#include <uv.h>

/* Calls `callback` once, at an instant of CLOCK_MONOTONIC (ns); one that is over: in the next turn.
 * Started again, a timer has the new instant only. */
void wake_at(uv_timer_t *timer, uv_timer_cb callback, int64_t mono_ns);
/* ... in so many nanoseconds. */
void wake_in(uv_timer_t *timer, uv_timer_cb callback, int64_t ns);

#endif
