/* What the class is stuck on, from web_check (digest.h). */
#include <stdlib.h>
#include <string.h>

#include "query.h"

enum { MESSAGES_MOST = 32 };

/* A message and how many were told it. */
typedef struct Said {
    const char *message;
    int times;
} Said;

typedef struct Stuck {
    FailureRow row;
    List since, names, shown, latest; /* int64_t, const char *, the same, int64_t */
    Said said[MESSAGES_MOST];
    int n_said;
} Stuck;

static int tried(Query *query, const char *exercise, const char *section)
{
    return (int)db_number(query->db, 0,
                          "SELECT count(*) FROM web_attempts a JOIN web_person p ON p.name = "
                          "a.student WHERE a.exercise = ?3 AND a.latest <> 'stub' AND " QUERY_SEEN,
                          "sss", section, query_seen(query), exercise);
}

/* Figures differ from one to the next ("held the thread for 549 ms"): what stands before the first
 * is the same. */
static bool same_words(const char *a, const char *b)
{
    size_t len = strcspn(a, "0123456789");
    return len == strcspn(b, "0123456789") && strncmp(a, b, len) == 0;
}

static void count_message(Query *query, Stuck *stuck, sqlite3_stmt *answer)
{
    const char *message = db_column(answer, 4);
    for (int i = 0; i < stuck->n_said; i++)
        if (same_words(stuck->said[i].message, message)) {
            stuck->said[i].times++;
            return;
        }
    if (stuck->n_said < MESSAGES_MOST)
        stuck->said[stuck->n_said++] = (Said){query_column(query, answer, 4), 1};
}

static void choose_message(Stuck *stuck)
{
    stuck->row.message = "";
    for (int i = 0; i < stuck->n_said; i++)
        if (stuck->said[i].times > stuck->row.told) {
            stuck->row.message = stuck->said[i].message;
            stuck->row.told = stuck->said[i].times;
        }
}

static void add(Query *query, sqlite3_stmt *answer, List *list, const char *section)
{
    Stuck *stuck = list->n ? (Stuck *)list->items + list->n - 1 : NULL;
    if (!stuck || strcmp(stuck->row.exercise, db_column(answer, 0)) != 0 ||
        strcmp(stuck->row.check, db_column(answer, 1)) != 0) {
        int known =
            stuck && strcmp(stuck->row.exercise, db_column(answer, 0)) == 0 ? stuck->row.tried : -1;
        stuck = list_add(query, list, sizeof *stuck);
        stuck->row = (FailureRow){.exercise = query_column(query, answer, 0),
                                  .check = query_column(query, answer, 1),
                                  .title = query_column(query, answer, 2),
                                  .since_s = sqlite3_column_int64(answer, 3)};
        stuck->row.tried = known < 0 ? tried(query, stuck->row.exercise, section) : known;
    }
    stuck->row.stuck++;
    count_message(query, stuck, answer);
    *(int64_t *)list_add(query, &stuck->since, sizeof(int64_t)) = sqlite3_column_int64(answer, 3);
    if (stuck->names.n < STUCK_NAMES) {
        *(const char **)list_add(query, &stuck->names, sizeof(char *)) =
            query_column(query, answer, 5);
        *(const char **)list_add(query, &stuck->shown, sizeof(char *)) =
            query_column(query, answer, 6);
        *(int64_t *)list_add(query, &stuck->latest, sizeof(int64_t)) =
            sqlite3_column_int64(answer, 7);
    }
}

static int most_stuck_first(const void *left, const void *right)
{
    const FailureRow *a = left, *b = right;
    int result = b->stuck - a->stuck;
    result = result ? result : strcmp(a->exercise, b->exercise);
    return result ? result : strcmp(a->check, b->check);
}

int query_failures(Query *query, const char *section, FailuresPage *page)
{
    List list = {0};
    sqlite3_stmt *answer =
        db_ask(query->db, &query->fault,
               /* Who has not begun an exercise is not stuck on its checks. */
               "SELECT c.exercise, c.id, c.title, c.since_s, c.message, p.name,"
               "  iif(p.shown <> '', p.shown, p.name),"
               "  (SELECT submission FROM web_newest WHERE person = p.id)"
               " FROM web_check c JOIN web_person p ON p.name = c.student"
               " JOIN web_attempts a ON a.student = c.student AND a.exercise = c.exercise"
               " WHERE c.failing AND a.latest <> 'stub' AND a.full_at = 0"
               "  AND " QUERY_SEEN " ORDER BY c.exercise, c.id, c.since_s, p.name",
               "ss", section, query_seen(query));
    if (!answer)
        return -1;
    while (db_row(answer))
        add(query, answer, &list, section);
    FailureRow *rows = query_keep(query, (size_t)list.n * sizeof *rows + 1);
    for (int i = 0; i < list.n; i++) {
        Stuck *stuck = (Stuck *)list.items + i;
        choose_message(stuck);
        stuck->row.names = stuck->names.items;
        stuck->row.shown = stuck->shown.items;
        stuck->row.latest = stuck->latest.items;
        stuck->row.n_names = stuck->names.n;
        int64_t *since = stuck->since.items; /* in order */
        int n = stuck->since.n;
        stuck->row.median_s = now_s() - (since[(n - 1) / 2] + since[n / 2]) / 2;
        rows[i] = stuck->row;
    }
    qsort(rows, (size_t)list.n, sizeof *rows, most_stuck_first);
    *page = (FailuresPage){.rows = rows, .n_rows = list.n, .section = section};
    page->sections = query_sections(query, &page->n_sections);
    return 0;
}
