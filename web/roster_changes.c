/* What an import does to the class, person by person: the table held against itself as it was. */
#include <string.h>

#include "roster_parts.h"

int roster_note_before(Db *db, Fault *fault)
{
    return db_script(
        db,
        "DROP TABLE IF EXISTS temp.roster_before;"
        "CREATE TEMP TABLE roster_before AS SELECT id, coalesce(roster_key, '') AS key,"
        "  github_username, github_id, shown, email, section, left_s"
        " FROM web_person WHERE role = 'student'",
        fault);
}

int roster_absent(Db *db)
{
    return (int)db_number(db, 0,
                          "SELECT count(*) FROM web_person WHERE role = 'student' AND left_s = 0"
                          " AND coalesce(roster_key, '') NOT IN (SELECT key FROM temp.roster_key)",
                          "");
}

static void person(Buf *out, char sign, sqlite3_stmt *row)
{
    const char *shown = db_column(row, 1), *section = db_column(row, 2);
    buf_printf(out, "%c %s", sign, db_column(row, 0));
    if (*shown)
        buf_printf(out, " (%s)", shown);
    if (*section && sign == '+')
        buf_printf(out, ", section %s", section);
}

static void quoted(Buf *out, const char *text)
{
    buf_printf(out, *text ? "\"%s\"" : "nothing", text);
}

/* The columns of `row` from 4 on are pairs, before and after. */
static void changes(Buf *out, sqlite3_stmt *row)
{
    static const char *const names[] = {"identifier", "GitHub account", "github_id",
                                        "name",       "e-mail",         "section"};
    const char *between = ": ";
    if (sqlite3_column_int64(row, 3) > 0) {
        buf_printf(out, "%sback in the course", between);
        between = "; ";
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *before = db_column(row, (int)(4 + 2 * i));
        const char *after = db_column(row, (int)(5 + 2 * i));
        if (strcmp(before, after) == 0)
            continue;
        buf_printf(out, "%s%s ", between, names[i]);
        quoted(out, before);
        buf_str(out, " -> ");
        quoted(out, after);
        between = "; ";
    }
}

void roster_tell_changes(Db *db, Buf *out)
{
    sqlite3_stmt *row = db_ask(
        db, NULL,
        "SELECT p.name, p.shown, p.section, iif(p.left_s = 0, coalesce(b.left_s, 0), 0),"
        "  coalesce(b.key, ''), coalesce(p.roster_key, ''), b.github_username, p.github_username,"
        "  b.github_id, p.github_id, b.shown, p.shown, b.email, p.email, b.section, p.section,"
        "  b.id IS NULL"
        " FROM web_person p LEFT JOIN temp.roster_before b ON b.id = p.id"
        " WHERE p.role = 'student' AND (b.id IS NULL OR"
        "  (b.key, b.github_username, b.github_id, b.shown, b.email, b.section, b.left_s) IS NOT"
        "  (coalesce(p.roster_key, ''), p.github_username, p.github_id, p.shown, p.email,"
        "   p.section, p.left_s)) ORDER BY b.id IS NULL, p.id",
        "");
    while (db_row(row)) {
        bool added = sqlite3_column_int(row, 16);
        person(out, added ? '+' : '~', row);
        if (!added)
            changes(out, row);
        buf_char(out, '\n');
    }
    row = db_ask(db, NULL,
                 "SELECT name, shown, '' FROM web_person WHERE role = 'student' AND left_s = 0"
                 " AND coalesce(roster_key, '') NOT IN (SELECT key FROM temp.roster_key)"
                 " ORDER BY id",
                 "");
    while (db_row(row)) {
        person(out, '?', row);
        buf_str(out, " is not in this list, and stays\n");
    }
}
