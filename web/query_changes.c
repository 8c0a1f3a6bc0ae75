/* What passes in one submission, and what changed since another. */
#include <stdio.h>
#include <string.h>

#include "query.h"

/* One check of one submission. */
typedef struct Passed {
    const char *exercise, *check;
    bool passes;
} Passed;

int query_passed(Query *query, int64_t submission, List *checks, int *cells)
{
    sqlite3_stmt *row =
        db_ask(query->db, &query->fault,
               "SELECT e.exercise, c.key, (c.value ->> 0) >= (c.value ->> 1), e.halves"
               " FROM exercise e LEFT JOIN json_each(e.points) c"
               " WHERE e.submission = ? AND e.status <> 'missing' ORDER BY e.exercise, c.key",
               "i", submission);
    while (db_row(row)) {
        int at = query_exercise(query, db_column(row, 0));
        if (at >= 0 && cells)
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

Changes query_changes(Query *query, const List *older, const List *newer)
{
    Changes changes;
    changes.gained = gained(query, newer, older, &changes.n_gained);
    changes.lost = gained(query, older, newer, &changes.n_lost);
    return changes;
}
