/* One student: bests, history, what changed between submissions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs.h"
#include "query.h"
#include "store.h"

/* One check of one submission in the history. */
typedef struct Passed {
    const char *exercise, *check;
    bool passes;
} Passed;

static int by_submission(Query *query, int64_t id, List *checks, int *cells)
{
    sqlite3_stmt *row =
        db_ask(query->db, &query->fault,
               "SELECT e.exercise, c.key, (c.value ->> 0) >= (c.value ->> 1), e.halves"
               " FROM exercise e LEFT JOIN json_each(e.points) c"
               " WHERE e.submission = ? AND e.status <> 'missing' ORDER BY e.exercise, c.key",
               "i", id);
    while (db_row(row)) {
        int at = query_exercise(query, db_column(row, 0));
        if (at >= 0)
            cells[at] = sqlite3_column_int(row, 3);
        Passed *passed = list_add(query, checks, sizeof *passed);
        *passed = (Passed){query_column(query, row, 0), query_column(query, row, 1),
                           sqlite3_column_int(row, 2) != 0};
    }
    return row ? 0 : -1;
}

static int order(const Passed *a, const Passed *b)
{
    int result = strcmp(a->exercise, b->exercise);
    return result ? result : strcmp(a->check, b->check);
}

/* Both lists are in order: what passes in `now` and did not in `then`. */
static const char *const *gained(Query *query, const List *now, const List *then, int *n)
{
    List names = {0};
    const Passed *old = then->items, *end = old ? old + then->n : NULL;
    for (int i = 0; i < now->n; i++) {
        const Passed *check = (const Passed *)now->items + i;
        while (old != end && order(old, check) < 0)
            old++;
        bool passed = old != end && order(old, check) == 0 && old->passes;
        if (!check->passes || passed)
            continue;
        size_t size = strlen(check->exercise) + strlen(check->check) + 2;
        char *name = query_keep(query, size);
        snprintf(name, size, "%s/%s", check->exercise, check->check);
        *(const char **)list_add(query, &names, sizeof(char *)) = name;
    }
    *n = names.n;
    return names.items;
}

static int read_history(Query *query, const Person *student, List *history)
{
    sqlite3_stmt *row =
        db_ask(query->db, &query->fault,
               "SELECT s.id, " STORE_HANDED_IN(
                   "s") ", s.halves, "
                        "s.max_halves, coalesce(j.hash, r.hash),"
                        "  j.message, s.weaker"
                        " FROM submission s LEFT JOIN web_job j ON j.submission = s.id AND "
                        "j.submission > 0"
                        " LEFT JOIN web_report r ON r.submission = s.id AND r.submission > 0"
                        " WHERE s.student = ? ORDER BY s.id DESC LIMIT 200",
               "s", student->name);
    while (db_row(row)) {
        HistoryRow *line = list_add(query, history, sizeof *line);
        *line = (HistoryRow){.id = sqlite3_column_int64(row, 0),
                             .at_s = sqlite3_column_int64(row, 1),
                             .halves = sqlite3_column_int(row, 2),
                             .max_halves = sqlite3_column_int(row, 3),
                             .commit = query_column(query, row, 4),
                             .message = query_column(query, row, 5),
                             .weaker = sqlite3_column_int(row, 6) != 0};
    }
    return row ? 0 : -1;
}

static int compare_history(Query *query, const List *history)
{
    List newer = {0}, older = {0};
    for (int i = history->n - 1; i >= 0; i--) {
        HistoryRow *line = (HistoryRow *)history->items + i;
        int *cells = query_keep(query, (size_t)query->n_exercises * sizeof *cells + 1);
        for (int k = 0; k < query->n_exercises; k++)
            cells[k] = -1;
        line->cells = cells;
        newer = (List){0};
        if (by_submission(query, line->id, &newer, cells))
            return -1;
        line->gained = gained(query, &newer, &older, &line->n_gained);
        line->lost = gained(query, &older, &newer, &line->n_lost);
        older = newer;
    }
    return 0;
}

/* Of an exercise's newest submission (an exercise may be missing in a newer one); who has not begun
 * an exercise has nothing of it to mend. */
static void read_still(Query *query, const Person *student, List *still)
{
    sqlite3_stmt *row =
        db_ask(query->db, NULL,
               "WITH newest AS MATERIALIZED (SELECT e.exercise, max(e.submission) AS id"
               "  FROM submission s JOIN exercise e ON e.submission = s.id"
               "  WHERE s.student = ?1 AND e.status <> 'missing' GROUP BY e.exercise)"
               " SELECT c.exercise, c.id, c.title, n.id FROM web_check c"
               " JOIN newest n ON n.exercise = c.exercise"
               " JOIN web_attempts a ON a.student = c.student AND a.exercise = c.exercise"
               " WHERE c.student = ?1 AND c.failing AND a.latest <> 'stub'"
               " ORDER BY c.exercise, c.id",
               "s", student->name);
    while (db_row(row)) {
        StillRow *line = list_add(query, still, sizeof *line);
        *line = (StillRow){query_column(query, row, 0), query_column(query, row, 1),
                           query_column(query, row, 2), sqlite3_column_int64(row, 3)};
    }
}

static void read_jobs(Query *query, const Person *student, List *jobs)
{
    sqlite3_stmt *row =
        db_ask(query->db, NULL,
               "SELECT " QUERY_JOB " FROM web_job j JOIN web_person p ON p.id = j.person"
               " WHERE j.person = ? AND j.state IN ('pending', 'queued', 'running',"
               " 'error') ORDER BY j.id DESC LIMIT 20",
               "i", student->id);
    while (db_row(row))
        query_job(query, row, list_add(query, jobs, sizeof(JobLine)));
    for (int i = 0; i < jobs->n; i++) {
        JobLine *line = (JobLine *)jobs->items + i;
        line->place = job_place(query->db, line->id);
    }
}

int query_student(Query *query, const Person *student, const char *base_url, StudentPage *page)
{
    List history = {0}, jobs = {0}, still = {0};
    ClassCell *cells = query_keep(query, (size_t)query->n_exercises * sizeof *cells + 1);
    size_t size = strlen(base_url) + strlen(student->name) + 16;
    char *url = query_keep(query, size);
    snprintf(url, size, "%s/git/%s.git", base_url, student->name);
    if (read_history(query, student, &history) || compare_history(query, &history))
        return -1;
    read_still(query, student, &still);
    read_jobs(query, student, &jobs);
    query_due(query, student->id);
    *page = (StudentPage){.name = query_text(query, student->name),
                          .shown = query_text(query, student->shown),
                          .section = query_text(query, student->section),
                          .push_url = url,
                          .exercises = query->exercises,
                          .n_exercises = query->n_exercises,
                          .cells = cells,
                          .still = still.items,
                          .n_still = still.n,
                          .history = history.items,
                          .n_history = history.n,
                          .jobs = jobs.items,
                          .n_jobs = jobs.n,
                          .pushes_this_hour = (int)pushes_this_hour(query->db, student->id),
                          .pushes_an_hour = (int)pushes_an_hour(query->db),
                          .signin_link = ""};
    query_cells(query, student->name, cells, &page->halves, &page->max_halves);
    page->n_all = (int)db_number(query->db, 0, "SELECT count(*) FROM submission WHERE student = ?",
                                 "s", student->name);
    return 0;
}
