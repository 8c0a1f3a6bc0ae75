/*
 * Calls that can't be right, whatever the program is for: what a student who
 * made that mistake needs to hear. Asked only when a check has failed, to name
 * the cause; no verdict hangs on it.
 *
 * Source: epoll_ctl(2), epoll(7), recv(2), close(2).
 */
#ifndef GRADER_EXERCISES_MISTAKE_H
#define GRADER_EXERCISES_MISTAKE_H

#include "rubric.h"

typedef struct Mistake {
    const Event *event; /* NULL: none was seen */
    const char *what;
} Mistake;

/* Two arguments for "%s%s" at the end of a message: "; " and the mistake, or nothing. */
#define MISTAKE_WORDS(mistake) (mistake).what ? "; " : "", (mistake).what ? (mistake).what : ""

/* The first call that failed because of how it was made; otherwise what is wrong with how the
 * listener and the first connection are registered, how clients are accepted, whom events are for, or
 * how much is read and written. A run without a trace shows none. */
Mistake first_mistake(const Observation *run);
/* Does this event take the listener out of the queue although `accept`, the last one (NULL: none),
 * only said that nobody waits? */
bool stops_accepting(const Event *event, const Event *accept);
/* How the first connection was registered with a queue, if never for reading: its data ends no wait. */
const Event *registered_otherwise(const Observation *run);
/* The same where the first connection's data is not on stdout. If any was read, it was not lost by what
 * was registered, accepted or closed: only by how it was read or written. */
Mistake mistake_with_data(const Observation *run);

#endif
