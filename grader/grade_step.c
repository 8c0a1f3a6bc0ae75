/*
 * Which step of the stub is the next one, for who works with its TODOs. Their comments may
 * stay when the work is done, so what decides is what the program does: the number that it
 * stops with, as the stubs do; else the lowest step that names a check which is not passed.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "grade_parts.h"

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_';
}

static bool names(const char *list, const char *id)
{
    size_t len = strlen(id);
    for (const char *at = list; len && (at = strstr(at, id)); at += len)
        if ((at == list || !in_word(at[-1])) && !in_word(at[len]))
            return true;
    return false;
}

/* A check that several steps are for: who has a part of its points has done the first. */
static int step_of(const CheckResult *check, const Todo *todos, int n)
{
    int step = 0;
    for (int i = 0; i < n; i++)
        if (names(todos[i].checks, check->id) &&
            (!step || (check->halves > 0 ? todos[i].number > step : todos[i].number < step)))
            step = todos[i].number;
    return step;
}

static bool stands(int number, const Todo *todos, int n)
{
    for (int i = 0; i < n; i++)
        if (todos[i].number == number)
            return true;
    return false;
}

/* "reactor: TODO 3: register 5 for task 1": the program stopped there. 0: it said nothing like it. */
static int step_said(const CheckResult *check, const Todo *todos, int n)
{
    const char *at = check->said ? strstr(check->said, "TODO ") : NULL;
    int number = at && at[5] >= '1' && at[5] <= '9' ? at[5] - '0' : 0;
    return number && stands(number, todos, n) ? number : 0;
}

static void lower(int *least, int number)
{
    if (number && (!*least || number < *least))
        *least = number;
}

static int next_step(ExerciseResult *result, const Todo *todos, int n)
{
    int said = 0, named = 0, lowest = 0, earned = 0;
    for (int i = 0; i < result->n_checks; i++) {
        CheckResult *check = &result->checks[i];
        earned += check->halves; /* the totals are not there yet */
        if (check->status != CHECK_FAIL && check->reason != SKIP_PREREQUISITE)
            continue;
        check->todo = step_of(check, todos, n);
        lower(&named, check->todo);
        lower(&said, step_said(check, todos, n));
    }
    for (int i = 0; i < n; i++)
        lower(&lowest, todos[i].number);
    return said ? said : named ? named : earned == 0 ? lowest : 0;
}

/* Is a check of this step cited with a line of this file? */
static bool cited(const ExerciseResult *result, int step, const char *file)
{
    for (int i = 0; i < result->n_checks; i++) {
        const CheckResult *check = &result->checks[i];
        if (check->todo == step && check->n_evidence && check->evidence[0].file &&
            strcmp(check->evidence[0].file, file) == 0)
            return true;
    }
    return false;
}

/* Is this what the program ended with? */
static bool stopped_there(const ExerciseResult *result, const Todo *todo)
{
    for (int i = 0; *todo->stop && i < result->n_checks; i++)
        if (result->checks[i].said && strstr(result->checks[i].said, todo->stop))
            return true;
    return false;
}

/* The stub's file for it: where the program stopped; else where a call of the student's is at
 * fault; else where it begins, for a headline has brackets, and what continues it elsewhere has
 * not. */
static const Todo *headline(const ExerciseResult *result, int step, const Todo *todos, int n)
{
    const Todo *found = NULL;
    int best = -1;
    for (int i = 0; i < n; i++) {
        if (todos[i].number != step)
            continue;
        int rank = 4 * stopped_there(result, &todos[i]) + 2 * cited(result, step, todos[i].file) +
                   (*todos[i].checks != 0);
        if (rank > best)
            found = &todos[i];
        best = rank > best ? rank : best;
    }
    return found;
}

void work_find_step(Work *work)
{
    Todo todos[TODOS_MOST];
    Buf clean;
    int n = build_todos(&work->build, todos);
    int step = next_step(work->result, todos, n);
    const Todo *first = step ? headline(work->result, step, todos, n) : NULL;
    if (first) {
        buf_init(&clean, 1000);
        text_quote(&clean, first->file, strlen(first->file), 200);
        work->result->first_todo = buf_take(&clean);
        work->result->todo = step;
    }
    todos_release(todos, n);
}
