#include "result_next.h"

#include <string.h>

static bool is_build(const CheckResult *check)
{
    return check->id && strcmp(check->id, "build") == 0;
}

bool result_is_stub(const ExerciseResult *exercise)
{
    if (exercise->status != EX_GRADED || exercise->halves > 0 || !exercise->first_todo)
        return false;
    for (int i = 0; i < exercise->n_checks; i++) {
        const CheckResult *check = &exercise->checks[i];
        if (check->status == CHECK_PASS && check->max_halves > 0)
            return false;
        if (is_build(check) && check->status == CHECK_FAIL)
            return false;
    }
    return exercise->n_checks > 0;
}

int result_waiting(const ExerciseResult *exercise, const char *cause, int *halves)
{
    int count = 0;
    *halves = 0;
    for (int i = 0; i < exercise->n_checks; i++) {
        const CheckResult *check = &exercise->checks[i];
        if (check->status != CHECK_SKIP || !check->cause || strcmp(check->cause, cause) != 0)
            continue;
        count++;
        *halves += check->max_halves;
    }
    return count;
}

int result_stake(const ExerciseResult *exercise, int check)
{
    const CheckResult *c = &exercise->checks[check];
    int halves;
    result_waiting(exercise, c->id ? c->id : "", &halves);
    return halves + c->max_halves - c->halves;
}

const Evidence *result_place(const CheckResult *check)
{
    for (int i = 0; i < check->n_evidence; i++)
        if (check->evidence[i].file && *check->evidence[i].file && check->evidence[i].line > 0)
            return &check->evidence[i];
    return NULL;
}

/* How much a failing check says about what to do now: what belongs to a step that is done, and is
 * wrong, before all; then the stub's next step, then a cause, then what names a line, then what is at
 * stake (some hundred halves at most). */
enum { DONE_WRONG = 4000, NEXT_STEP = 2000, CAUSE = 1000, CITES = 500 };

bool result_stopped_in_stub(const CheckResult *check)
{
    return check->said && strstr(check->said, "TODO ");
}

static int weight(const ExerciseResult *exercise, int check)
{
    const CheckResult *c = &exercise->checks[check];
    bool now = exercise->todo > 0 && c->todo == exercise->todo;
    bool done = exercise->todo > 0 && c->todo == 0 && !is_build(c) && !result_stopped_in_stub(c);
    return (done ? DONE_WRONG : 0) + (now ? NEXT_STEP : 0) + (c->effect ? 0 : CAUSE) +
           (result_place(c) ? CITES : 0) + result_stake(exercise, check);
}

int result_key_check(const ExerciseResult *exercise)
{
    int key = -1;
    for (int i = 0; i < exercise->n_checks; i++)
        if (exercise->checks[i].status == CHECK_FAIL &&
            (key < 0 || weight(exercise, i) > weight(exercise, key)))
            key = i;
    return key;
}
