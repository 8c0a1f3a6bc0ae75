#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store_parts.h"

typedef void (*Each)(void *context, const StoreScore *score);

static const char *column_text(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text ? text : "";
}

/* What counts for a deadline, and so what is shown: not when its turn came. */

/* --- as the tables weigh: the kept bests --- */

static const char bests[] =
    "SELECT b.student, b.exercise, b.halves, b.max_halves, b.latest_halves, b.latest_max_halves,"
    "  b.attempts, " STORE_HANDED_IN(
        "s") ","
             "  coalesce((SELECT " STORE_HANDED_IN(
                 "l") " FROM submission l"
                      "    JOIN exercise e ON e.submission = l.id AND e.exercise = b.exercise"
                      "    WHERE l.student = b.student AND l.started_s = b.latest_s ORDER BY l.id "
                      "DESC LIMIT 1),"
                      "   b.latest_s),"
                      "  b.submission, s.weaker"
                      "  FROM best b JOIN submission s ON s.id = b.submission ORDER BY b.student, "
                      "b.exercise";

static int kept(Store *store, Each each, void *context, Fault *fault)
{
    sqlite3_stmt *s = NULL;
    if (store_prepare(store, &s, bests, fault))
        return -1;
    int code;
    while ((code = sqlite3_step(s)) == SQLITE_ROW)
        each(context, &(StoreScore){.student = column_text(s, 0),
                                    .exercise = column_text(s, 1),
                                    .halves = sqlite3_column_int(s, 2),
                                    .max_halves = sqlite3_column_int(s, 3),
                                    .latest_halves = sqlite3_column_int(s, 4),
                                    .latest_max_halves = sqlite3_column_int(s, 5),
                                    .attempts = sqlite3_column_int(s, 6),
                                    .best_s = sqlite3_column_int64(s, 7),
                                    .latest_s = sqlite3_column_int64(s, 8),
                                    .best_id = sqlite3_column_int64(s, 9),
                                    .weaker = sqlite3_column_int(s, 10) != 0});
    sqlite3_finalize(s);
    return code == SQLITE_DONE ? 0 : store_fault_code(store, code, fault);
}

/* --- as a course weighs, or as it was at a date: every submission anew --- */

typedef struct Weighing {
    const CourseRules *rules; /* NULL: as the tables weigh */
    const StoreUntil *until;
    int64_t due_s; /* of the group; 0: whenever */
    Each each;
    void *context;
    char *student, *exercise; /* of the group that is being read; NULL before the first */
    StoreScore score;
    int64_t latest_started_s;
} Weighing;

/* false: these are no points that this grader wrote. */
static bool weigh(const CourseRules *rules, const char *exercise, const char *text, int *halves,
                  int *max_halves)
{
    json_t *points = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    bool fine = json_is_object(points);
    *halves = *max_halves = 0;
    for (void *at = fine ? json_object_iter(points) : NULL; at;
         at = json_object_iter_next(points, at)) {
        int earned, full;
        if (json_unpack(json_object_iter_value(at), "[i,i!]", &earned, &full)) {
            fine = false;
            break;
        }
        int weight = course_rules_weight(rules, exercise, json_object_iter_key(at), full);
        *halves += course_rules_earned(earned, full, weight);
        *max_halves += weight;
    }
    json_decref(points);
    return fine;
}

static void end_group(Weighing *w)
{
    if (w->student && w->score.attempts > 0)
        w->each(w->context, &w->score);
    free(w->student);
    free(w->exercise);
    w->student = w->exercise = NULL;
}

static void begin_group(Weighing *w, const char *student, const char *exercise)
{
    if (w->student && strcmp(w->student, student) == 0 && strcmp(w->exercise, exercise) == 0)
        return;
    end_group(w);
    w->student = x_strdup(student);
    w->exercise = x_strdup(exercise);
    w->score = (StoreScore){.student = w->student, .exercise = w->exercise, .halves = -1};
    w->due_s = w->until->due_s ? w->until->due_s(w->until->context, w->student, w->exercise) : 0;
}

/* One result of the group. Which is the latest goes by when it was graded, as in the kept bests. */
typedef struct Attempt {
    int halves, max_halves;
    int64_t id, started_s, handed_in_s;
    bool weaker;
} Attempt;

static void add_attempt(Weighing *w, const Attempt *attempt)
{
    StoreScore *score = &w->score;
    if (w->due_s && attempt->handed_in_s > w->due_s)
        return;
    if (attempt->halves > score->halves) {
        score->halves = attempt->halves;
        score->max_halves = attempt->max_halves;
        score->best_s = attempt->handed_in_s;
        score->best_id = attempt->id;
        score->weaker = attempt->weaker;
    }
    if (score->attempts == 0 || attempt->started_s >= w->latest_started_s) {
        score->latest_halves = attempt->halves;
        score->latest_max_halves = attempt->max_halves;
        score->latest_s = attempt->handed_in_s;
        w->latest_started_s = attempt->started_s;
    }
    score->attempts++;
}

static const char all_results[] = "SELECT s.student, e.exercise, e.points, s.id, " STORE_HANDED_IN(
    "s") ", s.weaker, e.halves,"
         "  e.max_halves, s.started_s FROM exercise e JOIN submission s ON s.id = e.submission"
         "  WHERE e.status <> 'error' AND (?1 = 0 OR " STORE_HANDED_IN(
             "s") " <= ?1)"
                  "  ORDER BY s.student, e.exercise, s.id";

static int weighed(Store *store, Weighing *w, Fault *fault)
{
    sqlite3_stmt *s = NULL;
    if (store_prepare(store, &s, all_results, fault))
        return -1;
    sqlite3_bind_int64(s, 1, w->until->all_s);
    int code;
    bool fine = true;
    while (fine && (code = sqlite3_step(s)) == SQLITE_ROW) {
        Attempt attempt = {.halves = sqlite3_column_int(s, 6),
                           .max_halves = sqlite3_column_int(s, 7),
                           .id = sqlite3_column_int64(s, 3),
                           .started_s = sqlite3_column_int64(s, 8),
                           .handed_in_s = sqlite3_column_int64(s, 4),
                           .weaker = sqlite3_column_int(s, 5) != 0};
        const char *exercise = column_text(s, 1);
        if (w->rules)
            fine =
                weigh(w->rules, exercise, column_text(s, 2), &attempt.halves, &attempt.max_halves);
        begin_group(w, column_text(s, 0), exercise);
        add_attempt(w, &attempt);
    }
    end_group(w);
    sqlite3_finalize(s);
    if (!fine)
        code = SQLITE_CORRUPT;
    return code == SQLITE_DONE ? 0 : store_fault_code(store, code, fault);
}

int store_scores(Store *store, const CourseRules *rules, const StoreUntil *until,
                 void (*each)(void *context, const StoreScore *score), void *context, Fault *fault)
{
    static const StoreUntil whenever = {0};
    Weighing weighing = {
        .rules = rules, .until = until ? until : &whenever, .each = each, .context = context};
    return rules || weighing.until->all_s || weighing.until->due_s
               ? weighed(store, &weighing, fault)
               : kept(store, each, context, fault);
}
