/*
 * A mark of task.h: "poll K", "ready K", "pending K", "wake K". Anything else that a
 * submission wrote to descriptor -1 is MARK_OTHER.
 */
#ifndef GRADER_TRACE_MARK_H
#define GRADER_TRACE_MARK_H

#include "trace/event.h"

enum { MARK_TASKS = 8 }; /* task numbers that are followed, from 1 */

typedef enum MarkKind { MARK_POLL, MARK_READY, MARK_PENDING, MARK_WAKE, MARK_OTHER } MarkKind;

/* `task` gets the number; MARK_OTHER also for those that are not followed. */
MarkKind mark_parse(const Event *event, unsigned *task);

#endif
