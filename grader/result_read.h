/*
 * Reports of the contract's JSON (schema 1) that come from outside, as a Result: text that
 * anybody may have written. Taken is what a report is and nothing besides: known keys of the
 * right type, bounded, points in halves within their maximum, sums that agree. Everything else
 * is a Fault that names the place.
 *
 * What a report does not say (times, timelines, traces, the version) is empty in the Result. A
 * practice report (--own) is none here, nor is one with an exercise that the grader could not
 * grade.
 */
#ifndef GRADER_RESULT_READ_H
#define GRADER_RESULT_READ_H

#include <jansson.h>

#include "base/fault.h"
#include "result.h"

enum {
    RESULT_READ_BYTES = 1 << 20,
    RESULT_EXERCISES_MOST = 16,
    RESULT_CHECKS_MOST = 64, /* of an exercise */
    JSON_DEEP_MOST = 16
};

/* One JSON object: no key twice, no NUL in a string, nothing behind it, at most `deep` levels.
 * NULL and the fault. */
json_t *json_strict(const char *text, size_t len, int deep, Fault *fault);

/* `result` is to be released whatever comes back. 0, or -1 and the fault: no such report. */
int result_read(Result *result, const char *text, size_t len, Fault *fault);

/* Are its exercises, checks and maximum points those of `list` (what `grader list --format json`
 * prints), each exercise with all of its checks? */
int result_listed(const Result *result, const char *list, Fault *fault);

#endif
