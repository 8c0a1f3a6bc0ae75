/* A stored submission as the grader's own result types. */
#include <stdlib.h>
#include <string.h>

#include "query.h"
#include "result_json.h"
#include "result_next.h"

static char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return x_strdup(text ? text : "");
}

static int halves_of(const json_t *object, const char *key)
{
    return (int)(2 * json_number_value(json_object_get(object, key)) + 0.25);
}

static CheckStatus status_of(const json_t *check)
{
    const char *text = json_string_value(json_object_get(check, "status"));
    for (CheckStatus status = CHECK_PASS; text && status <= CHECK_ERROR; status++)
        if (strcmp(text, check_status_name(status)) == 0)
            return status;
    return CHECK_ERROR;
}

static SkipReason reason_of(const json_t *check)
{
    const char *text = json_string_value(json_object_get(check, "reason"));
    for (SkipReason reason = SKIP_PREREQUISITE; text && reason <= SKIP_UNOBSERVABLE; reason++)
        if (strcmp(text, skip_reason_name(reason)) == 0)
            return reason;
    return SKIP_NONE;
}

static void read_evidence(const json_t *list, CheckResult *check)
{
    for (size_t i = 0; i < json_array_size(list) && i < EVIDENCE_MOST; i++) {
        const json_t *value = json_array_get(list, i);
        Evidence *evidence = &check->evidence[check->n_evidence++];
        char *file = text_of(value, "file");
        *evidence = (Evidence){.file = *file ? file : NULL,
                               .line = (int)json_integer_value(json_object_get(value, "line")),
                               .text = text_of(value, "text"),
                               .source = json_object_get(value, "source") ? text_of(value, "source")
                                                                          : NULL};
        if (!*file)
            free(file);
    }
}

static void read_check(const json_t *value, CheckResult *check)
{
    *check =
        (CheckResult){.id = text_of(value, "id"),
                      .title = text_of(value, "title"),
                      .status = status_of(value),
                      .reason = reason_of(value),
                      .halves = halves_of(value, "score"),
                      .max_halves = halves_of(value, "max_score"),
                      .message = text_of(value, "message"),
                      .seen = text_of(value, "seen"),
                      .expected = text_of(value, "expected"),
                      .why = text_of(value, "why"),
                      .cause = text_of(value, "cause"),
                      .scenario = text_of(value, "scenario"),
                      .failed_runs = (int)json_integer_value(json_object_get(value, "failed_runs")),
                      .runs = (int)json_integer_value(json_object_get(value, "runs"))};
    read_evidence(json_object_get(value, "evidence"), check);
}

static void read_checks(const char *text, ExerciseResult *exercise)
{
    json_t *list = json_loads(text, 0, NULL);
    size_t n = json_array_size(list);
    exercise->checks = x_calloc(n + 1, sizeof *exercise->checks);
    for (size_t i = 0; i < n; i++)
        read_check(json_array_get(list, i), &exercise->checks[exercise->n_checks++]);
    json_decref(list);
}

static double figure(const json_t *cpu, const char *key)
{
    const json_t *value = json_object_get(cpu, key);
    return json_is_number(value) ? json_number_value(value) : -1;
}

static void read_cpu(const char *text, CpuFigures *figures)
{
    json_t *cpu = *text ? json_loads(text, 0, NULL) : NULL;
    if (json_is_object(cpu))
        *figures =
            (CpuFigures){.known = true,
                         .idle_cpu_us_per_s = figure(cpu, "idle_cpu_us_per_s"),
                         .reference_idle_cpu_us_per_s = figure(cpu, "reference_idle_cpu_us_per_s"),
                         .idle_wakeups_per_s = figure(cpu, "idle_wakeups_per_s"),
                         .reaction_us = figure(cpu, "reaction_us")};
    json_decref(cpu);
}

static ExerciseStatus exercise_status(const char *text)
{
    for (ExerciseStatus status = EX_GRADED; status <= EX_ERROR; status++)
        if (strcmp(text, exercise_status_name(status)) == 0)
            return status;
    return EX_ERROR;
}

static void read_exercise(Query *query, sqlite3_stmt *row, ExerciseResult *exercise)
{
    const char *id = query_column(query, row, 0);
    int at = query_exercise(query, id);
    /* The strings are the query's, the checks their own. */
    *exercise =
        (ExerciseResult){.id = (char *)(uintptr_t)id,
                         .title = (char *)(uintptr_t)(at >= 0 ? query->exercises[at].title : id),
                         .status = exercise_status(db_column(row, 1)),
                         .halves = sqlite3_column_int(row, 2),
                         .max_halves = sqlite3_column_int(row, 3),
                         .observable_max_halves = sqlite3_column_int(row, 4),
                         .compiler = (char *)(uintptr_t)query_column(query, row, 7),
                         .error = (char *)(uintptr_t)query_column(query, row, 8),
                         .build_us = sqlite3_column_int64(row, 9),
                         .run_us = sqlite3_column_int64(row, 10),
                         .wall_us = sqlite3_column_int64(row, 11),
                         .first_todo = sqlite3_column_type(row, 12) == SQLITE_NULL
                                           ? NULL
                                           : (char *)(uintptr_t)query_column(query, row, 12),
                         .todo = sqlite3_column_int(row, 13),
                         .timeline.data_us = -1};
    read_checks(db_column(row, 5), exercise);
    read_cpu(db_column(row, 6), &exercise->cpu);
}

/* What was stored before there was a key check: what the result alone says. */
static Begin begin_at(const ExerciseResult *exercise, bool stub, const char *key)
{
    int at = *key ? -1 : result_key_check(exercise);
    for (int i = 0; *key && i < exercise->n_checks; i++)
        if (strcmp(exercise->checks[i].id, key) == 0)
            at = i;
    return (Begin){stub, at < 0 ? NULL : &exercise->checks[at]};
}

int query_results(Query *query, int64_t submission)
{
    List list = {0}, begin = {0};
    sqlite3_stmt *row =
        db_ask(query->db, &query->fault,
               "SELECT exercise, status, halves, max_halves, observable_max_halves, checks, cpu,"
               "  compiler, error, build_us, run_us, wall_us, first_todo, todo,"
               "  stub, key_check"
               " FROM exercise WHERE submission = ?"
               " ORDER BY exercise",
               "i", submission);
    if (!row)
        return -1;
    while (db_row(row)) {
        ExerciseResult *exercise = list_add(query, &list, sizeof *exercise);
        read_exercise(query, row, exercise);
        *(Begin *)list_add(query, &begin, sizeof(Begin)) =
            begin_at(exercise, sqlite3_column_int(row, 14) != 0, db_column(row, 15));
    }
    query->results = list.items;
    query->begin = begin.items;
    query->n_results = list.n;
    return 0;
}
