#include "query.h"

#include <stdlib.h>
#include <string.h>

#include "due.h"
#include "jobs.h"
#include "result.h"

/* Out of blocks: a long page keeps thousands of short strings. */
void *query_keep(Query *query, size_t size)
{
    Kept *kept = query->kept;
    size = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    if (!kept || kept->room < size) {
        size_t room = size > KEPT_BYTES ? size : KEPT_BYTES;
        kept = x_calloc(1, sizeof *kept + room);
        *kept = (Kept){.next = query->kept, .room = room};
        query->kept = kept;
    }
    kept->room -= size;
    char *bytes = (char *)kept->bytes + kept->used;
    kept->used += size;
    return bytes;
}

const char *query_text(Query *query, const char *text)
{
    size_t size = strlen(text) + 1;
    return size == 1 ? "" : memcpy(query_keep(query, size), text, size);
}

const char *query_column(Query *query, sqlite3_stmt *row, int column)
{
    return query_text(query, db_column(row, column));
}

void *list_add(Query *query, List *list, size_t size)
{
    if (list->n == list->cap) {
        int cap = list->cap ? 2 * list->cap : 16;
        void *items = query_keep(query, (size_t)cap * size);
        if (list->n)
            memcpy(items, list->items, (size_t)list->n * size);
        list->items = items;
        list->cap = cap;
    }
    return (char *)list->items + size * (size_t)list->n++;
}

static void ask_exercises(Query *query)
{
    sqlite3_stmt *row =
        db_ask(query->db, NULL,
               "SELECT e.value ->> 'id', e.value ->> 'title', round(2 * (e.value ->> 'max_score'))"
               " FROM web_setting s, json_each(s.value, '$.exercises') e WHERE s.key = 'exercises'",
               "");
    while (db_row(row))
        if (query->n_exercises < PAGES_EXERCISES_MOST) {
            ExerciseName *name = &query->exercises[query->n_exercises++];
            *name = (ExerciseName){query_column(query, row, 0), query_column(query, row, 1),
                                   sqlite3_column_int(row, 2), 0};
        }
}

void query_due(Query *query, int64_t person)
{
    for (int i = 0; i < query->n_exercises; i++)
        query->exercises[i].due_s = due_of(query->db, person, query->exercises[i].id);
}

void query_init(Query *query, const Course *course, Db *db, const Person *viewer)
{
    *query = (Query){.db = db, .course = course, .viewer = *viewer};
    ask_exercises(query);
    query_due(query, 0);
}

void query_release(Query *query)
{
    for (int i = 0; i < query->n_results; i++) {
        for (int k = 0; k < query->results[i].n_checks; k++)
            check_result_release(&query->results[i].checks[k]);
        free(query->results[i].checks);
        timeline_release(&query->results[i].timeline);
    }
    while (query->kept) {
        Kept *next = query->kept->next;
        free(query->kept);
        query->kept = next;
    }
}

int query_exercise(const Query *query, const char *id)
{
    for (int i = 0; i < query->n_exercises; i++)
        if (strcmp(query->exercises[i].id, id) == 0)
            return i;
    return -1;
}

int query_points_in_all(const Query *query)
{
    int halves = 0;
    for (int i = 0; i < query->n_exercises; i++)
        halves += query->exercises[i].max_halves;
    return halves;
}

const char *query_seen(const Query *query)
{
    return query->viewer.role == ROLE_INSTRUCTOR ? "" : query->viewer.sections;
}

const char *const *query_sections(Query *query, int *n)
{
    List list = {0};
    sqlite3_stmt *row = db_ask(query->db, NULL,
                               "SELECT DISTINCT p.section FROM web_person p WHERE p.section <> ''"
                               " AND " QUERY_SEEN " ORDER BY p.section",
                               "ss", "", query_seen(query));
    while (db_row(row))
        *(const char **)list_add(query, &list, sizeof(char *)) = query_column(query, row, 0);
    *n = list.n;
    return list.items;
}

void query_weaker(Query *query, const char *student,
                  void (*each)(void *context, const char *student, int exercise), void *context)
{
    sqlite3_stmt *row = db_ask(query->db, NULL,
                               "SELECT b.student, b.exercise FROM submission s JOIN best b"
                               " ON b.student = s.student AND b.submission = s.id"
                               " WHERE s.weaker AND (?1 = '' OR s.student = ?1)",
                               "s", student);
    while (db_row(row)) {
        int at = query_exercise(query, db_column(row, 1));
        if (at >= 0)
            each(context, db_column(row, 0), at);
    }
}

void query_came(Query *query, const char *student, CameFn *each, void *context)
{
    sqlite3_stmt *row = *student
                            ? db_ask(query->db, NULL,
                                     "SELECT student, exercise, latest, attempts FROM web_attempts"
                                     " WHERE student = ?",
                                     "s", student)
                            : db_ask(query->db, NULL,
                                     "SELECT student, exercise, latest, attempts FROM web_attempts"
                                     " WHERE latest <> 'graded'",
                                     "");
    while (db_row(row)) {
        int at = query_exercise(query, db_column(row, 1));
        const char *came = db_column(row, 2);
        if (at >= 0)
            each(context, db_column(row, 0), at,
                 strcmp(came, "stub") == 0           ? CAME_STUB
                 : strcmp(came, "missing") == 0      ? CAME_MISSING
                 : strcmp(came, "build_failed") == 0 ? CAME_BUILD_FAILED
                                                     : CAME_GRADED,
                 sqlite3_column_int(row, 3));
    }
}

static void came(void *cells, const char *student, int exercise, Came latest, int attempts)
{
    (void)student;
    ((ClassCell *)cells)[exercise].latest = latest;
    ((ClassCell *)cells)[exercise].attempts = attempts;
}

static void mark_cell(void *cells, const char *student, int exercise)
{
    (void)student;
    ((ClassCell *)cells)[exercise].weaker = true;
}

void query_cells(Query *query, const char *student, ClassCell *cells, int *halves, int *max_halves)
{
    *halves = 0;
    *max_halves = query_points_in_all(query);
    sqlite3_stmt *row = db_ask(query->db, NULL,
                               "SELECT exercise, halves, max_halves, latest_halves, submission"
                               " FROM best WHERE student = ?",
                               "s", student);
    while (db_row(row)) {
        int at = query_exercise(query, db_column(row, 0));
        if (at < 0)
            continue;
        cells[at] = (ClassCell){.tried = true,
                                .halves = sqlite3_column_int(row, 1),
                                .max_halves = sqlite3_column_int(row, 2),
                                .latest_halves = sqlite3_column_int(row, 3),
                                .best_id = sqlite3_column_int64(row, 4)};
        *halves += cells[at].halves;
    }
    query_weaker(query, student, mark_cell, cells);
    query_came(query, student, came, cells);
}

void query_job(Query *query, sqlite3_stmt *row, JobLine *line)
{
    *line = (JobLine){.id = sqlite3_column_int64(row, 0),
                      .student = query_column(query, row, 1),
                      .commit = query_column(query, row, 2),
                      .message = query_column(query, row, 3),
                      .state = job_state_named(db_column(row, 4)),
                      .attempt = sqlite3_column_int(row, 5),
                      .attempts_most = ATTEMPTS_MOST,
                      .pushed_s = sqlite3_column_int64(row, 6) / 1000,
                      .started_s = sqlite3_column_int64(row, 7) / 1000,
                      .ended_s = sqlite3_column_int64(row, 8) / 1000,
                      .submission = sqlite3_column_int64(row, 9),
                      .error = query->viewer.role >= ROLE_TA ? query_column(query, row, 10) : ""};
}

bool query_hides(Query *query, const char *student)
{
    Person person;
    return query->viewer.role == ROLE_TA && *student &&
           !(person_find(query->db, student, &person) && person_may_see(&query->viewer, &person));
}
