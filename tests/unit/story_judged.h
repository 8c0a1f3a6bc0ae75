/*
 * Exercise 4 judged, for its tests: a program as it should be, told as stories
 * (story.h), of which some are replaced by others.
 */
#ifndef TESTS_UNIT_STORY_JUDGED_H
#define TESTS_UNIT_STORY_JUDGED_H

#include "story.h"

#include "rubric.h"

extern const Exercise exercise_ex4_reactor;

typedef enum Scene { LATER, AT_ONCE, ORDER, TWO, GONE, BYTES, SIGNAL, IDLE, SCENES } Scene;

static const char *const names[SCENES] = {"data-later",  "data-at-once", "three-in-order",
                                          "two-at-once", "peer-gone",    "bytes",
                                          "interrupted", "idle-watch"};

static const char *const right[SCENES] = {
    [LATER] = "accept first 1 wait idle send 1 woke 1 wake 1 last 1",
    [AT_ONCE] = "accept send 1 poll 1 get 1 close 1 ready 1",
    [ORDER] = "accept accept accept first 1 first 2 first 3 wait send 2 woke 2 wake 2 last 2 wait "
              "send 3 woke 3 wake 3 last 3 wait send "
              "1 woke 1 wake 1 last 1",
    [TWO] = "accept accept accept first 1 first 2 first 3 wait send 1 send 2 woke 1 2 wake 1 wake "
            "2 last 1"
            "last 2 wait send 3 woke 3 wake 3 last 3",
    [GONE] = "accept accept first 1 first 2 wait hangup 1 woke 1 wake 1 poll 1 end 1 "
             "close 1 ready 1 wait send 2 woke 2 wake 2 last 2",
    [BYTES] = "accept accept accept send 1 get 1 send 2 get 2 send 3 get 3",
    [SIGNAL] = "accept accept send 1 get 1 send 2 get 2",
    [IDLE] = "accept accept idle send 1 get 1 send 2 get 2",
};

static const char *const printed[SCENES] = {
    [LATER] = "task 1: data-1\n",
    [AT_ONCE] = "task 1: data-1\n",
    [ORDER] = "task 2: data-2\ntask 3: data-3\ntask 1: data-1\n",
    [TWO] = "task 1: data-1\ntask 2: data-2\ntask 3: data-3\n",
    [GONE] = "task 1: closed\ntask 2: data-2\n",
    [BYTES] = "task 1: data-1\ntask 2: data-2\ntask 3: data-3\n",
    [SIGNAL] = "task 1: data-1\ntask 2: data-2\n",
    [IDLE] = "task 1: data-1\ntask 2: data-2\n",
};

typedef struct Case {
    Story stories[SCENES];
    ExerciseResult result;
} Case;

/* Its stories, once more if they have changed. */
static inline void judge_stories(Case *judged)
{
    const Observation *runs[SCENES];
    for (int i = 0; i < SCENES; i++)
        runs[i] = &judged->stories[i].run;
    BuildReport build = {.compiled = true};
    Facts facts = {&build, runs, SCENES};
    rubric_judge(&exercise_ex4_reactor, &facts, &judged->result);
}

/* Judges the right program, with other stories or other output in some runs:
 * pairs of a scene and a story (or, from SCENES up, of what it prints), ended by -1. */
static inline Case *judge(int scene, ...)
{
    const char *story[SCENES], *text[SCENES];
    memcpy(story, right, sizeof story);
    memcpy(text, printed, sizeof text);
    va_list args;
    va_start(args, scene);
    for (int at = scene; at >= 0; at = va_arg(args, int)) {
        const char *other = va_arg(args, const char *);
        if (at < SCENES)
            story[at] = other;
        else
            text[at - SCENES] = other;
    }
    va_end(args);
    Case *judged = x_calloc(1, sizeof *judged);
    for (int i = 0; i < SCENES; i++) {
        story_tell(&judged->stories[i], names[i], story[i]);
        story_say(&judged->stories[i], text[i]);
    }
    judge_stories(judged);
    return judged;
}

static inline const CheckResult *check_of(const Case *judged, const char *id)
{
    for (int i = 0; i < judged->result.n_checks; i++)
        if (strcmp(judged->result.checks[i].id, id) == 0)
            return &judged->result.checks[i];
    fail_msg("no check %s", id);
    return NULL;
}

static inline void expect(const Case *judged, const char *id, CheckStatus status, int halves)
{
    const CheckResult *check = check_of(judged, id);
    if (check->status != status || check->halves != halves)
        fail_msg("%s: %s %d (%s), expected %s %d", id, check_status_name(check->status),
                 check->halves, check->message, check_status_name(status), halves);
}

static const char *const behaviours[] = {
    "data-served",        "arrival-order",    "tries-first",      "registers-and-pends",
    "reactor-wakes-only", "polls-woken-only", "wake-is-not-poll", "sleeps-when-empty",
    "finishes-clean",     "peer-gone"};

/* Everything passes but what is listed, with NULL at the end. */
static inline void expect_rest_passes(const Case *judged, const char *but, ...)
{
    for (size_t i = 0; i < sizeof behaviours / sizeof *behaviours; i++) {
        bool listed = false;
        va_list args;
        va_start(args, but);
        for (const char *id = but; id; id = va_arg(args, const char *))
            listed |= strcmp(id, behaviours[i]) == 0;
        va_end(args);
        if (!listed)
            expect(judged, behaviours[i], CHECK_PASS, check_of(judged, behaviours[i])->max_halves);
    }
}

static inline void judged_free(Case *judged)
{
    for (int i = 0; i < SCENES; i++)
        story_release(&judged->stories[i]);
    for (int i = 0; i < judged->result.n_checks; i++)
        check_result_release(&judged->result.checks[i]);
    free(judged->result.checks);
    free(judged->result.id);
    free(judged->result.title);
    free(judged->result.compiler);
    free(judged->result.error);
    free(judged);
}

#endif
