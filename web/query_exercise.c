/* One exercise over the class: anonymous, and hidden while few have handed it in. And its
 * scenarios. */
#include <string.h>

#include "query.h"

enum { TENTHS = 11, ATTEMPTS_SHOWN = 10 };

static void count_points(Query *query, const char *id, int *students, int histogram[TENTHS])
{
    sqlite3_stmt *row =
        db_ask(query->db, NULL,
               "SELECT b.halves, b.max_halves FROM best b JOIN web_attempts a"
               " ON a.student = b.student AND a.exercise = b.exercise"
               " JOIN web_person p ON p.name = b.student AND p.role = 'student' AND p.left_s = 0"
               " WHERE b.exercise = ? AND a.attempts > 0",
               "s", id);
    while (db_row(row)) {
        int halves = sqlite3_column_int(row, 0), most = sqlite3_column_int(row, 1);
        int tenth = most > 0 ? halves * 10 / most : 0;
        histogram[tenth < 0 ? 0 : tenth > 10 ? 10 : tenth]++;
        ++*students;
    }
}

static void count_attempts(Query *query, const char *id, int to_full[ATTEMPTS_SHOWN])
{
    sqlite3_stmt *row =
        db_ask(query->db, NULL,
               "SELECT a.full_at FROM web_attempts a JOIN web_person p ON p.name = a.student"
               "  AND p.role = 'student' AND p.left_s = 0"
               " WHERE a.exercise = ? AND a.full_at > 0",
               "s", id);
    while (db_row(row)) {
        int at = sqlite3_column_int(row, 0);
        to_full[at > ATTEMPTS_SHOWN ? ATTEMPTS_SHOWN - 1 : at - 1]++;
    }
}

/* Of "Stuck on" what is this exercise's. */
static int read_stuck(Query *query, const char *id, ExercisePage *page)
{
    FailuresPage all;
    if (query_failures(query, "", &all))
        return -1;
    FailureRow *rows = query_keep(query, (size_t)all.n_rows * sizeof *rows + 1);
    for (int i = 0; i < all.n_rows; i++)
        if (strcmp(all.rows[i].exercise, id) == 0)
            rows[page->n_stuck++] = all.rows[i];
    page->stuck = rows;
    return 0;
}

int query_exercise_page(Query *query, const char *id, ExercisePage *page)
{
    int at = query_exercise(query, id);
    if (at < 0)
        return fault_set(&query->fault, "no such exercise");
    if (query->viewer.role == ROLE_STUDENT)
        query_due(query, query->viewer.id);
    int *histogram = query_keep(query, TENTHS * sizeof *histogram);
    int *to_full = query_keep(query, ATTEMPTS_SHOWN * sizeof *to_full);
    *page = (ExercisePage){.exercise = query->exercises[at],
                           .exercises = query->exercises,
                           .n_exercises = query->n_exercises,
                           .own_halves = -1};
    count_points(query, id, &page->students, histogram);
    count_attempts(query, id, to_full);
    page->hidden = page->students < DISTRIBUTION_LEAST;
    if (!page->hidden) {
        page->histogram = histogram;
        page->n_histogram = TENTHS;
        page->to_full = to_full;
        page->n_to_full = ATTEMPTS_SHOWN;
    }
    ClassCell cells[PAGES_EXERCISES_MOST] = {{.tried = false}};
    int halves, most;
    query_cells(query, query->viewer.name, cells, &halves, &most);
    if (cells[at].tried) {
        page->own_halves = cells[at].halves;
        page->own_attempts = cells[at].attempts;
    }
    return query->viewer.role == ROLE_STUDENT ? 0 : read_stuck(query, id, page);
}

bool query_scenario(Query *query, const char *exercise, const char *name, ScenarioPage *page)
{
    int at = query_exercise(query, exercise);
    sqlite3_stmt *row =
        db_ask(query->db, NULL,
               "SELECT s.value FROM web_setting w, json_each(w.value) e, json_each(e.value) s"
               " WHERE w.key = 'scripts' AND e.key = ? AND s.key = ?",
               "ss", exercise, name);
    if (!db_row(row) || at < 0) {
        db_done(row);
        return false;
    }
    *page = (ScenarioPage){.exercise = query->exercises[at],
                           .name = query_text(query, name),
                           .script = query_column(query, row, 0)};
    db_done(row);
    return true;
}
