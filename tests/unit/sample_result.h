/*
 * Results made by hand, for the tests of reports and store: two exercises of
 * a few checks each, in every state that a report must tell apart.
 */
#ifndef TESTS_UNIT_SAMPLE_RESULT_H
#define TESTS_UNIT_SAMPLE_RESULT_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "result.h"

typedef struct SampleCheck {
    const char *id, *title;
    int max_halves;
} SampleCheck;

static const SampleCheck sample_checks[] = {
    {"build", "Compiles without a warning", 2},
    {"listening", "Says where it listens", 2},
    {"nonblocking", "Makes the connection non-blocking", 8},
    {"would-block-line", "Prints WouldBlock each time", 4},
    {"retry-interval", "Sleeps 100 ms between retries", 6},
    {"data-whole", "Prints the data, whole", 6},
    {"peer-gone", "Fails when the peer leaves", 4},
};
enum { SAMPLE_CHECKS = sizeof sample_checks / sizeof *sample_checks };

static inline void sample_set(char **slot, const char *text)
{
    free(*slot);
    *slot = x_strdup(text);
}

static inline CheckResult *sample_check(ExerciseResult *exercise, const char *id)
{
    for (int i = 0; i < exercise->n_checks; i++)
        if (strcmp(exercise->checks[i].id, id) == 0)
            return &exercise->checks[i];
    return NULL;
}

static inline void sample_pass(CheckResult *check)
{
    check->status = CHECK_PASS;
    check->reason = SKIP_NONE;
    check->halves = check->max_halves;
    sample_set(&check->message, "as it should be");
}

static inline void sample_fail(CheckResult *check, int halves, const char *seen,
                               const char *expected)
{
    check->status = CHECK_FAIL;
    check->reason = SKIP_NONE;
    check->halves = halves;
    free(check->message);
    check->message = x_printf("%s; expected %s", seen, expected);
    sample_set(&check->seen, seen);
    sample_set(&check->expected, expected);
    sample_set(&check->why, "A loop without a sleep burns a whole core and gains nothing.");
    sample_set(&check->scenario, "data-later");
}

static inline void sample_wait(CheckResult *check, const char *cause)
{
    check->status = CHECK_SKIP;
    check->reason = SKIP_PREREQUISITE;
    check->halves = 0;
    free(check->message);
    check->message = x_printf("waits for %s: it never reads", cause);
    sample_set(&check->cause, cause);
}

static inline void sample_unseen(CheckResult *check)
{
    check->status = CHECK_SKIP;
    check->reason = SKIP_UNOBSERVABLE;
    check->halves = 0;
    sample_set(&check->message, "this tracer does not show ioctl");
}

static inline void sample_cite(CheckResult *check, const char *file, int line, const char *text,
                               const char *source)
{
    check->evidence[check->n_evidence++] = (Evidence){.file = file ? x_strdup(file) : NULL,
                                                      .line = line,
                                                      .text = x_strdup(text),
                                                      .source = source ? x_strdup(source) : NULL};
}

static inline void sample_exercise(ExerciseResult *exercise, const char *id, const char *title)
{
    *exercise = (ExerciseResult){.id = x_strdup(id),
                                 .title = x_strdup(title),
                                 .cpu = {false, -1, -1, -1, -1},
                                 .compiler = x_strdup(""),
                                 .error = x_strdup(""),
                                 .build_us = 210000,
                                 .run_us = 640000,
                                 .wall_us = 870000};
    exercise->checks = x_calloc(SAMPLE_CHECKS, sizeof *exercise->checks);
    exercise->n_checks = SAMPLE_CHECKS;
    for (int i = 0; i < SAMPLE_CHECKS; i++) {
        CheckResult *check = &exercise->checks[i];
        check->id = x_strdup(sample_checks[i].id);
        check->title = x_strdup(sample_checks[i].title);
        check->max_halves = sample_checks[i].max_halves;
        check->seen = x_strdup("");
        check->expected = x_strdup("");
        check->why = x_strdup("");
        check->cause = x_strdup("");
        check->scenario = x_strdup("");
        sample_pass(check);
    }
}

/* Two exercises, 16 points each, all passed. */
static inline void sample_result(Result *result)
{
    result_init(result);
    result->submission = x_strdup("assignments");
    result->tree_hash =
        x_strdup("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    result->version = x_strdup("0.1.0");
    result->started_s = 1700000000;
    result->wall_us = 1100000;
    result->exercises = x_calloc(2, sizeof *result->exercises);
    result->n_exercises = 2;
    sample_exercise(&result->exercises[0], "ex1_nonblocking", "Raw non-blocking socket");
    sample_exercise(&result->exercises[1], "ex2_event_loop", "Event loop");
    result_total(result);
}

static inline void sample_trace(Result *result, const char *text, size_t len)
{
    result->traces =
        x_realloc(result->traces, (size_t)(result->n_traces + 1) * sizeof *result->traces);
    result->traces[result->n_traces++] = (RawTrace){.exercise = x_strdup("ex1_nonblocking"),
                                                    .scenario = x_strdup("data-later"),
                                                    .text = x_strndup(text, len),
                                                    .len = len};
}

/* --- timelines --- */

static inline Lane *sample_lane(Timeline *timeline, const char *name, double cpu, double wakeups,
                                double reaction)
{
    timeline->lanes =
        x_realloc(timeline->lanes, (size_t)(timeline->n_lanes + 1) * sizeof *timeline->lanes);
    Lane *lane = &timeline->lanes[timeline->n_lanes++];
    *lane = (Lane){.name = x_strdup(name),
                   .cpu_us_per_s = cpu,
                   .wakeups_per_s = wakeups,
                   .reaction_us = reaction};
    return lane;
}

static inline void sample_span(Lane *lane, SpanKind kind, int64_t start, int64_t end,
                               const char *label)
{
    lane->spans = x_realloc(lane->spans, (size_t)(lane->n_spans + 1) * sizeof *lane->spans);
    lane->spans[lane->n_spans++] = (Span){kind, start, end, label ? x_strdup(label) : NULL};
}

/* A spin, a retry loop and an event loop over the same 560 ms; data at 500. */
static inline void sample_timeline(Timeline *timeline)
{
    timeline->length_us = 560000;
    timeline->data_us = 500000;
    Lane *lane = sample_lane(timeline, "a program that spins", 999000, 0, 20);
    for (int64_t at = 0; at < 500000; at += 2000)
        sample_span(lane, SPAN_WOULD, at, at, NULL);
    sample_span(lane, SPAN_DATA, 500020, 500020, NULL);
    lane = sample_lane(timeline, "your exercise 1", 580, 10, 61000);
    for (int64_t at = 0; at < 500000; at += 100000) {
        sample_span(lane, SPAN_WOULD, at, at, NULL);
        sample_span(lane, SPAN_ASLEEP, at + 50, at + 100000, NULL);
    }
    sample_span(lane, SPAN_DATA, 559000, 559000, NULL);
    lane = sample_lane(timeline, "your exercise 2", 0, 0, 90);
    sample_span(lane, SPAN_ASLEEP, 0, 500050, NULL);
    sample_span(lane, SPAN_DATA, 500090, 500090, NULL);
}

#endif
