/*
 * What the programs of ours do on this machine, kept in a database: measured before the
 * first submission that goes there, known for all that follow.
 */
#ifndef GRADER_COMMANDS_BASELINE_H
#define GRADER_COMMANDS_BASELINE_H

#include "base/fault.h"
#include "result.h"

typedef struct Baseline {
    char *key;           /* NULL: none */
    Timeline *timelines; /* by index in course[]; NULL: none */
} Baseline;

/* Nothing that fails here keeps a submission from being graded: without a baseline the
 * programs of ours run beside it. `fault` says why there is none. */
void baseline_ready(Baseline *baseline, const char *db, const char *references, Fault *fault);
void baseline_release(Baseline *baseline);

#endif
