/* Queue, errors of ours, what has ended lately. Workers and viewers are the server's. */
#include <string.h>

#include "jobs.h"
#include "query.h"

static void read_lines(Query *query, const char *sql, List *lines)
{
    sqlite3_stmt *row = db_ask(query->db, &query->fault, sql, "ss", "", query_seen(query));
    while (db_row(row))
        query_job(query, row, list_add(query, lines, sizeof(JobLine)));
}

static void number_places(const List *lines)
{
    int place = 0;
    for (int i = 0; i < lines->n; i++) {
        JobLine *line = (JobLine *)lines->items + i;
        if (line->state == JOB_QUEUED)
            line->place = ++place;
    }
}

static int64_t median(Query *query, const char *sql)
{
    return db_number(query->db, -1, sql, "i", now_ms() - 3600 * INT64_C(1000));
}

/* For all staff: whose they are, and so of which section, is what nobody knows. */
static void read_repositories(Query *query, List *lines)
{
    sqlite3_stmt *row = db_ask(
        query->db, &query->fault,
        "SELECT o.name, o.id, r.actor, count(*), max(r.received_ms) / 1000,"
        "  coalesce((SELECT p.name FROM web_person p WHERE p.role = 'student' AND p.left_s = 0"
        "   AND p.github_username <> '' AND o.name LIKE '%-' || p.github_username"
        "   ORDER BY length(p.github_username) DESC LIMIT 1), '') AS expected"
        " FROM web_report r JOIN web_repo o ON o.id = r.repository"
        " WHERE r.submission = 0 AND o.person = 0 GROUP BY o.id ORDER BY expected <> '', 5 "
        "DESC LIMIT 50",
        "");
    while (db_row(row)) {
        RepoLine *line = list_add(query, lines, sizeof *line);
        *line = (RepoLine){.name = query_column(query, row, 0),
                           .number = query_column(query, row, 1),
                           .actor = query_column(query, row, 2),
                           .reports = sqlite3_column_int(row, 3),
                           .since_s = sqlite3_column_int64(row, 4),
                           .expected = query_column(query, row, 5)};
    }
}

#define FROM_JOBS    " FROM web_job j JOIN web_person p ON p.id = j.person WHERE "
#define OF_LAST_HOUR "FROM web_job WHERE state = 'done' AND ended_ms > ?1"

/* A TA sees that others' work stands in the queue, and not whose. */
static void hide_others(Query *query, List *queue)
{
    JobLine *lines = queue->items;
    for (int i = 0; i < queue->n; i++)
        if (query_hides(query, lines[i].student)) {
            lines[i].student = lines[i].commit = lines[i].message = "";
        }
}

int query_activity(Query *query, ActivityPage *page)
{
    List queue = {0}, errors = {0}, recent = {0}, repos = {0};
    read_lines(query,
               "SELECT " QUERY_JOB FROM_JOBS
               "(j.state = 'running' OR j.state = 'queued') AND (?1 = ?2 OR 1)"
               " ORDER BY j.state = 'queued', j.place, j.id LIMIT 200",
               &queue);
    read_lines(query,
               "SELECT " QUERY_JOB FROM_JOBS "j.state = 'error' AND " QUERY_SEEN
               " ORDER BY j.ended_ms DESC LIMIT 50",
               &errors);
    read_lines(query,
               "SELECT " QUERY_JOB FROM_JOBS "j.ended_ms > 0 AND j.state IN ('done', 'error',"
               " 'superseded') AND " QUERY_SEEN " ORDER BY j.ended_ms DESC LIMIT 50",
               &recent);
    hide_others(query, &queue);
    read_repositories(query, &repos);
    if (*query->fault.text)
        return -1;
    number_places(&queue);
    *page = (ActivityPage){.queue = queue.items,
                           .n_queue = queue.n,
                           .errors = errors.items,
                           .n_errors = errors.n,
                           .recent = recent.items,
                           .n_recent = recent.n,
                           .repos = repos.items,
                           .n_repos = repos.n,
                           .pushes_an_hour = (int)pushes_an_hour(query->db),
                           .of_sections = query->viewer.role == ROLE_TA && *query->viewer.sections};
    page->queued =
        (int)db_number(query->db, 0, "SELECT count(*) FROM web_job WHERE state = 'queued'", "");
    page->graded_last_hour = (int)median(query, "SELECT count(*) " OF_LAST_HOUR);
    page->median_wait_s = median(
        query,
        "SELECT (started_ms - pushed_ms) / 1000 " OF_LAST_HOUR
        " ORDER BY started_ms - pushed_ms LIMIT 1 OFFSET (SELECT count(*) / 2 " OF_LAST_HOUR ")");
    page->median_run_ms =
        median(query, "SELECT ended_ms - started_ms " OF_LAST_HOUR " ORDER BY ended_ms - started_ms"
                      " LIMIT 1 OFFSET (SELECT count(*) / 2 " OF_LAST_HOUR ")");
    return 0;
}
