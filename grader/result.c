#include "result.h"

#include <stdlib.h>

void result_init(Result *result)
{
    *result = (Result){0};
}

void check_result_release(CheckResult *check)
{
    for (int i = 0; i < check->n_evidence; i++) {
        free(check->evidence[i].file);
        free(check->evidence[i].text);
        free(check->evidence[i].source);
    }
    free(check->id);
    free(check->title);
    free(check->message);
    free(check->seen);
    free(check->expected);
    free(check->why);
    free(check->cause);
    free(check->scenario);
    free(check->arguments);
    free(check->said);
    *check = (CheckResult){0};
}

void timeline_release(Timeline *timeline)
{
    for (int i = 0; i < timeline->n_lanes; i++) {
        Lane *lane = &timeline->lanes[i];
        for (int k = 0; k < lane->n_spans; k++)
            free(lane->spans[k].label);
        free(lane->spans);
        free(lane->name);
    }
    free(timeline->lanes);
    *timeline = (Timeline){0};
}

static void release_exercise(ExerciseResult *exercise)
{
    for (int i = 0; i < exercise->n_checks; i++)
        check_result_release(&exercise->checks[i]);
    free(exercise->checks);
    timeline_release(&exercise->timeline);
    free(exercise->id);
    free(exercise->title);
    free(exercise->first_todo);
    free(exercise->compiler);
    free(exercise->error);
}

void result_release(Result *result)
{
    for (int i = 0; i < result->n_exercises; i++)
        release_exercise(&result->exercises[i]);
    for (int i = 0; i < result->n_traces; i++) {
        free(result->traces[i].exercise);
        free(result->traces[i].scenario);
        free(result->traces[i].text);
    }
    free(result->exercises);
    free(result->traces);
    free(result->submission);
    free(result->tree_hash);
    free(result->version);
    free(result->baseline);
    result_init(result);
}

/* Could this check have earned its points here? Not if the machine or we were in the way. */
static bool observable(const CheckResult *check)
{
    return check->status != CHECK_ERROR && check->reason != SKIP_UNOBSERVABLE;
}

static bool total_exercise(ExerciseResult *exercise)
{
    bool broken = exercise->status == EX_ERROR;
    exercise->halves = exercise->max_halves = exercise->observable_max_halves = 0;
    for (int i = 0; i < exercise->n_checks; i++) {
        const CheckResult *check = &exercise->checks[i];
        bool scored = check->status == CHECK_PASS || check->status == CHECK_FAIL;
        exercise->halves += scored ? check->halves : 0;
        exercise->max_halves += check->max_halves;
        exercise->observable_max_halves += observable(check) ? check->max_halves : 0;
        broken = broken || check->status == CHECK_ERROR;
    }
    return broken;
}

void result_total(Result *result)
{
    result->halves = result->max_halves = result->observable_max_halves = 0;
    for (int i = 0; i < result->n_exercises; i++) {
        ExerciseResult *exercise = &result->exercises[i];
        if (total_exercise(exercise))
            result->broken = true;
        result->halves += exercise->halves;
        result->max_halves += exercise->max_halves;
        result->observable_max_halves += exercise->observable_max_halves;
    }
}

const char *check_status_name(CheckStatus status)
{
    static const char *const names[] = {[CHECK_PASS] = "pass",
                                        [CHECK_FAIL] = "fail",
                                        [CHECK_SKIP] = "skip",
                                        [CHECK_ERROR] = "error"};
    return names[status];
}

const char *skip_reason_name(SkipReason reason)
{
    static const char *const names[] = {
        [SKIP_PREREQUISITE] = "prerequisite", [SKIP_UNOBSERVABLE] = "unobservable"};
    return names[reason];
}

const char *exercise_status_name(ExerciseStatus status)
{
    static const char *const names[] = {[EX_GRADED] = "graded",
                                        [EX_MISSING] = "missing",
                                        [EX_BUILD_FAILED] = "build_failed",
                                        [EX_ERROR] = "error"};
    return names[status];
}
