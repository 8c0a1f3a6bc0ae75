/* The class table. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "due.h"
#include "jobs.h"
#include "query.h"
#include "store.h"

typedef struct Row {
    ClassRow row;
    ClassCell *cells;
    int64_t *due_s; /* of each exercise, for who was given other dates than everybody; or NULL */
} Row;

/* --- reading --- */

static void read_row(Query *query, sqlite3_stmt *answer, Row *row)
{
    row->cells = query_keep(query, (size_t)query->n_exercises * sizeof *row->cells);
    row->row = (ClassRow){.name = query_column(query, answer, 0),
                          .shown = query_column(query, answer, 1),
                          .section = query_column(query, answer, 2),
                          .cells = row->cells,
                          .max_halves = query_points_in_all(query),
                          .pushed_s = sqlite3_column_int64(answer, 3) / 1000,
                          .state = job_state_named(db_column(answer, 4)),
                          .latest_id = sqlite3_column_int64(answer, 5)};
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const Row *)a)->row.name, ((const Row *)b)->row.name);
}

static int read_rows(Query *query, const char *section, bool left, List *rows)
{
    sqlite3_stmt *answer =
        db_ask(query->db, &query->fault,
               "SELECT p.name, p.shown, p.section, max(coalesce(n.pushed_ms, 0), n.reported_ms),"
               "  iif(n.reported_ms > coalesce(n.pushed_ms, 0), 'done', n.state), n.submission"
               " FROM web_person p LEFT JOIN web_newest n ON n.person = p.id"
               " WHERE " QUERY_OF_SECTIONS " AND (p.left_s > 0) = ?3",
               "ssi", section, query_seen(query), (int64_t)left);
    if (!answer)
        return -1;
    while (db_row(answer))
        read_row(query, answer, list_add(query, rows, sizeof(Row)));
    if (rows->n)
        qsort(rows->items, (size_t)rows->n, sizeof(Row), by_name);
    return 0;
}

static int by_key_name(const void *key, const void *row)
{
    return strcmp(key, ((const Row *)row)->row.name);
}

static Row *row_of(const List *list, const char *student)
{
    return list->n ? bsearch(student, list->items, (size_t)list->n, sizeof(Row), by_key_name)
                   : NULL;
}

static void read_own_dates(Query *query, const List *rows)
{
    sqlite3_stmt *answer = db_ask(query->db, NULL,
                                  "SELECT p.name, d.exercise, d.due_s FROM web_due d"
                                  " JOIN web_person p ON p.id = d.person",
                                  "");
    while (db_row(answer)) {
        Row *row = row_of(rows, db_column(answer, 0));
        int at = query_exercise(query, db_column(answer, 1));
        if (!row || at < 0)
            continue;
        if (!row->due_s) {
            row->due_s = query_keep(query, (size_t)query->n_exercises * sizeof *row->due_s);
            for (int i = 0; i < query->n_exercises; i++)
                row->due_s[i] = query->exercises[i].due_s;
        }
        row->due_s[at] = sqlite3_column_int64(answer, 2);
    }
}

/* What was graded by its date was handed in by it: of the others alone this has to be looked up. */
static bool is_late(Query *query, const Row *row, int exercise, int64_t graded_s)
{
    int64_t due_s = row->due_s ? row->due_s[exercise] : query->exercises[exercise].due_s;
    return due_s > 0 && graded_s > due_s &&
           db_number(query->db, 0,
                     "SELECT " STORE_HANDED_IN("s") " FROM submission s WHERE s.id = ?", "i",
                     row->cells[exercise].best_id) > due_s;
}

static void read_best(Query *query, sqlite3_stmt *answer, Row *row)
{
    int at = query_exercise(query, db_column(answer, 1));
    if (at < 0)
        return;
    row->cells[at] = (ClassCell){.tried = true,
                                 .halves = sqlite3_column_int(answer, 2),
                                 .max_halves = sqlite3_column_int(answer, 3),
                                 .latest_halves = sqlite3_column_int(answer, 4),
                                 .best_id = sqlite3_column_int64(answer, 5)};
    row->cells[at].late = is_late(query, row, at, sqlite3_column_int64(answer, 6));
    row->row.halves += row->cells[at].halves;
}

/* Both are in the order of names: one walk along each. */
static void read_bests(Query *query, const List *rows)
{
    Row *row = rows->items, *end = row ? row + rows->n : NULL;
    sqlite3_stmt *answer =
        db_ask(query->db, NULL,
               "SELECT student, exercise, halves, max_halves, latest_halves, submission,"
               "  best_s FROM best ORDER BY student",
               "");
    while (db_row(answer)) {
        const char *name = db_column(answer, 0);
        while (row != end && strcmp(row->row.name, name) < 0)
            row++;
        if (row != end && strcmp(row->row.name, name) == 0)
            read_best(query, answer, row);
    }
}

static void mark_cell(void *rows, const char *student, int exercise)
{
    Row *row = row_of(rows, student);
    if (row)
        row->cells[exercise].weaker = true;
}

static void came(void *rows, const char *student, int exercise, Came latest, int attempts)
{
    (void)attempts;
    Row *row = row_of(rows, student);
    if (row)
        row->cells[exercise].latest = latest;
}

static void read_places(Query *query, const List *rows)
{
    int place = 0;
    sqlite3_stmt *answer =
        db_ask(query->db, NULL,
               "SELECT p.name FROM web_job j JOIN web_person p ON p.id = j.person"
               " WHERE j.state = 'queued' ORDER BY j.place, j.id",
               "");
    while (db_row(answer)) {
        Row *row = row_of(rows, db_column(answer, 0));
        place++;
        if (row)
            row->row.place = place;
    }
}

/* --- choosing and sorting --- */

static bool is_found(const ClassRow *row, const char *search)
{
    return !*search || strcasestr(row->name, search) || strcasestr(row->shown, search) ||
           strcasestr(row->section, search);
}

typedef struct Order {
    const char *key;
    int exercise; /* -1: none */
    bool descending;
} Order;

static int64_t figure(const Order *order, const ClassRow *row)
{
    if (order->exercise >= 0)
        return row->cells[order->exercise].tried ? row->cells[order->exercise].halves : -1;
    if (strcmp(order->key, "total") == 0)
        return row->halves;
    if (strcmp(order->key, "pushed") == 0)
        return row->pushed_s;
    if (strcmp(order->key, "state") == 0)
        return row->state * 100000 + row->place;
    return 0;
}

static int compare(const void *left, const void *right, void *context)
{
    const Order *order = context;
    const ClassRow *a = left, *b = right;
    int64_t x = figure(order, a), y = figure(order, b);
    int result = x < y ? -1 : x > y;
    if (result == 0 && strcmp(order->key, "section") == 0)
        result = strcasecmp(a->section, b->section);
    if (result == 0 && strcmp(order->key, "name") == 0)
        result = strcasecmp(*a->shown ? a->shown : a->name, *b->shown ? b->shown : b->name);
    if (order->descending)
        result = -result;
    return result ? result : strcmp(a->name, b->name);
}

static int count_left(const Query *query)
{
    return (int)db_number(
        query->db, 0, "SELECT count(*) FROM web_person p WHERE p.left_s > 0 AND " QUERY_OF_SECTIONS,
        "ss", "", query_seen(query));
}

int query_class(Query *query, const char *sort, bool descending, const char *search,
                const char *section, bool left, ClassPage *page)
{
    static const char *const keys[] = {"name", "section", "total", "pushed", "state"};
    List rows = {0};
    Order order = {
        .key = "name", .exercise = query_exercise(query, sort), .descending = descending};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i], sort) == 0)
            order.key = keys[i];
    if (read_rows(query, section, left, &rows))
        return -1;
    read_own_dates(query, &rows);
    read_bests(query, &rows);
    query_weaker(query, "", mark_cell, &rows);
    query_came(query, "", came, &rows);
    read_places(query, &rows);
    ClassRow *shown = query_keep(query, (size_t)rows.n * sizeof *shown + 1);
    int n = 0;
    for (int i = 0; i < rows.n; i++) {
        const ClassRow *row = &((Row *)rows.items)[i].row;
        if (is_found(row, search))
            shown[n++] = *row;
    }
    qsort_r(shown, (size_t)n, sizeof *shown, compare, &order);
    *page =
        (ClassPage){.exercises = query->exercises,
                    .n_exercises = query->n_exercises,
                    .rows = shown,
                    .n_rows = n,
                    .n_all = rows.n,
                    .any_due = due_any(query->db),
                    .left = left,
                    .n_left = count_left(query),
                    .sort = order.exercise >= 0 ? query->exercises[order.exercise].id : order.key,
                    .search = search,
                    .section = section,
                    .descending = descending};
    page->sections = query_sections(query, &page->n_sections);
    return 0;
}
