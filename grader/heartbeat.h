/*
 * The grader's own heartbeat: a thread that sleeps HEARTBEAT_NS at a time and
 * notes how late it was woken. It measures the machine. What depends on time
 * is judged against it: if the machine was 40 ms late in a window, so may a
 * program be that has not used up that time itself.
 *
 * With each beat it notes how long the thread that started it, the one that
 * plays the clients, was ready to run and had no core: who sleeps is woken
 * before others, so a thread with work to do may starve beside a heart that
 * beats in time.
 */
#ifndef GRADER_HEARTBEAT_H
#define GRADER_HEARTBEAT_H

#include <stdint.h>

#include "base/fault.h"

#define HEARTBEAT_NS INT64_C(10000000)

int heartbeat_start(Fault *fault); /* once for a process; a second call does nothing */
void heartbeat_stop(void);

/* The longest lateness (ns) noted between two instants of CLOCK_REALTIME;
 * 0 if the heartbeat did not run. About the last ten minutes are known. */
int64_t heartbeat_late_ns(int64_t from_ns, int64_t to_ns);
/* For how long (ns), between two such instants, the thread that started the heartbeat waited for a
 * core, to within a beat; 0 where that is not known. */
int64_t heartbeat_starved_ns(int64_t from_ns, int64_t to_ns);

#endif
