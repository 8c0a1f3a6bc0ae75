/* One student: bests, history, what is still to do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs.h"
#include "query.h"
#include "store.h"

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
        const HistoryRow *before = i + 1 < history->n ? line + 1 : NULL;
        line->again = before && *line->commit && before->at_s == line->at_s &&
                      strcmp(before->commit, line->commit) == 0;
        newer = (List){0};
        if (query_passed(query, line->id, &newer, cells))
            return -1;
        line->changes = query_changes(query, &older, &newer);
        older = newer;
    }
    return 0;
}

static void add_still(Query *query, List *still, const char *exercise, const char *check,
                      const char *title, int64_t submission)
{
    StillRow *line = list_add(query, still, sizeof *line);
    *line = (StillRow){exercise, check, title, submission};
}

/* The checks that its newest submission fails (an exercise may be missing in a newer one). */
static void still_failing(Query *query, const Person *student, const char *exercise, List *still)
{
    sqlite3_stmt *row = db_ask(
        query->db, NULL,
        "SELECT c.id, c.title, (SELECT max(e.submission) FROM submission s"
        "   JOIN exercise e ON e.submission = s.id AND e.exercise = c.exercise"
        "   WHERE s.student = c.student AND e.status <> 'missing')"
        " FROM web_check c WHERE c.student = ?1 AND c.exercise = ?2 AND c.failing ORDER BY c.id",
        "ss", student->name, exercise);
    while (db_row(row))
        add_still(query, still, exercise, query_column(query, row, 0), query_column(query, row, 1),
                  sqlite3_column_int64(row, 2));
}

static void still_stub(Query *query, const Person *student, const char *exercise, List *still)
{
    sqlite3_stmt *row = db_ask(query->db, NULL,
                               "SELECT 'begin with TODO ' || e.todo || ' in ' || e.first_todo, s.id"
                               " FROM submission s JOIN exercise e ON e.submission = s.id"
                               " WHERE s.student = ? AND e.exercise = ? AND e.stub"
                               " ORDER BY s.id DESC LIMIT 1",
                               "ss", student->name, exercise);
    if (db_row(row))
        add_still(query, still, exercise, "", query_column(query, row, 0),
                  sqlite3_column_int64(row, 1));
    db_done(row);
}

/* What is between a student and the full points, exercise by exercise. */
static void read_still(Query *query, const Person *student, const ClassCell *cells, List *still)
{
    for (int i = 0; i < query->n_exercises; i++) {
        const char *id = query->exercises[i].id;
        if (!cells[i].tried)
            add_still(query, still, id, "", "hand it in", 0);
        else if (cells[i].halves >= cells[i].max_halves)
            continue;
        else if (cells[i].latest == CAME_STUB)
            still_stub(query, student, id, still);
        else
            still_failing(query, student, id, still);
    }
}

/* The best of what was handed in by the due date; the exercises' dates are this student's. */
static void read_by_due(Query *query, const Person *student, ClassCell *cells)
{
    for (int i = 0; i < query->n_exercises; i++) {
        int64_t due_s = query->exercises[i].due_s;
        if (due_s == 0 || !cells[i].tried)
            continue;
        cells[i].by_due = true;
        cells[i].due_halves = (int)db_number(
            query->db, 0,
            "SELECT coalesce(max(e.halves), 0) FROM submission s"
            " JOIN exercise e ON e.submission = s.id AND e.exercise = ?2"
            " WHERE s.student = ?1 AND e.status <> 'error' AND " STORE_HANDED_IN("s") " <= ?3",
            "ssi", student->name, query->exercises[i].id, due_s);
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
    int halves, max_halves;
    query_cells(query, student->name, cells, &halves, &max_halves);
    query_due(query, student->id);
    read_still(query, student, cells, &still);
    read_by_due(query, student, cells);
    read_jobs(query, student, &jobs);
    *page = (StudentPage){.name = query_text(query, student->name),
                          .shown = query_text(query, student->shown),
                          .section = query_text(query, student->section),
                          .left_s = student->left_s,
                          .push_url = url,
                          .exercises = query->exercises,
                          .n_exercises = query->n_exercises,
                          .cells = cells,
                          .halves = halves,
                          .max_halves = max_halves,
                          .still = still.items,
                          .n_still = still.n,
                          .history = history.items,
                          .n_history = history.n,
                          .jobs = jobs.items,
                          .n_jobs = jobs.n,
                          .pushes_this_hour = (int)pushes_this_hour(query->db, student->id),
                          .pushes_an_hour = (int)pushes_an_hour(query->db),
                          .signin_link = ""};
    page->n_all = (int)db_number(query->db, 0, "SELECT count(*) FROM submission WHERE student = ?",
                                 "s", student->name);
    return 0;
}
