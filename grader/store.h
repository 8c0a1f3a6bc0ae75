/*
 * Results in SQLite: WAL, synchronous FULL, one transaction for each
 * submission, schema versioned. Raw verdicts are kept; a course's weights are
 * applied on reading. A best for each student and exercise is kept beside.
 * Full disk, locked or damaged database: a Fault, and nothing half-written.
 */
#ifndef GRADER_STORE_H
#define GRADER_STORE_H

#include <stdint.h>

#include "base/fault.h"
#include "result.h"

typedef struct Store Store;

Store *store_open(const char *path, Fault *fault); /* made if it is not there */
Store *store_open_readonly(const char *path, Fault *fault);
void store_close(Store *store); /* NULL is fine */

/* Stores one result. `id` (may be NULL) gets the submission's number. */
int store_add(Store *store, const char *student, const Result *result, int64_t *id, Fault *fault);

typedef struct StoreScore {
    const char *student, *exercise; /* valid during the callback */
    int halves, max_halves;         /* the best */
    int latest_halves;
    int attempts;
    int64_t best_s, latest_s; /* Unix time */
} StoreScore;

/* One call for each student and exercise, by student, then exercise. */
int store_scores(Store *store, void (*each)(void *context, const StoreScore *score), void *context,
                 Fault *fault);

#endif
