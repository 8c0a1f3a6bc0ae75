/*
 * Timelines outside of the grading that drew them: joined, and as JSON for the store.
 */
#ifndef GRADER_RESULT_TIMELINE_H
#define GRADER_RESULT_TIMELINE_H

#include <jansson.h>

#include "result.h"

/* Of a timeline, of a lane, labelled ones of a lane, bytes. */
enum {
    TIMELINE_LANES_MOST = 16,
    TIMELINE_SPANS_MOST = 2000,
    TIMELINE_LABELS_MOST = 400,
    TIMELINE_LABEL_MOST = 64
};

/* Appends copies of those lanes of `part` that are `of` this, moved so that the peer sends
 * at the same instant in all. Chains, and what was never sent to, are not moved. `into` may
 * be empty ({0}); a chain and another picture are not joined. */
void timeline_join(Timeline *into, const Timeline *part, LaneOf of);

/* The first lane of this kind; NULL: there is none. */
const Lane *timeline_lane(const Timeline *timeline, LaneOf of);

/* The lanes that are the submission's (`own`), or those that are not. Text is cleaned and all
 * is bounded by what stands above, whatever the Timeline holds. NULL: no such lane. */
json_t *timeline_json(const Timeline *timeline, bool own);
/* Reads what timeline_json() wrote. What does not fit is left out; false: it is no timeline,
 * and `timeline` is empty. */
bool timeline_from_json(const json_t *value, Timeline *timeline);

#endif
