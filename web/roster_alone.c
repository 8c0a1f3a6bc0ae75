/* What is to be one person's alone, and who somebody is whose identifier was corrected. */
#include "roster_parts.h"

#include <stdio.h>
#include <stdlib.h>

/* --- within the file --- */

/* The line where it stood first, 0: nowhere. */
static int first_seen(Roster *roster, const char *what, const char *value)
{
    int line = (int)db_number(roster->db, 0,
                              "SELECT line FROM temp.roster_seen WHERE what = ?"
                              " AND value = lower(?)",
                              "ss", what, value);
    if (!line)
        db_run(roster->db, NULL,
               "INSERT INTO temp.roster_seen (what, value, line) VALUES (?, lower(?), ?)", "ssi",
               what, value, (int64_t)roster->csv.line);
    return line;
}

static bool alone(Roster *roster, const char *what, const char *value)
{
    char text[120];
    int line = *value ? first_seen(roster, what, value) : 0;
    if (!line)
        return true;
    snprintf(text, sizeof text, "this %s stands on line %d already", what, line);
    roster_mistake_here(roster, text, value);
    return false;
}

bool roster_alone(Roster *roster, const Line *line)
{
    bool good = alone(roster, "identifier", line->key);
    if (!roster->classroom50)
        good &= alone(roster, "github_username", line->github);
    good &= alone(roster, "github_id", line->github_id);
    return alone(roster, "email", line->email) && good;
}

/* --- with those of earlier files --- */

#define NOT_IN_THIS_FILE                                                                           \
    " AND role = 'student' AND roster_key NOT IN (SELECT key FROM temp.roster_key)"

int64_t roster_person(Roster *roster, const Line *line)
{
    int64_t id =
        db_number(roster->db, 0, "SELECT id FROM web_person WHERE roster_key = ?", "s", line->key);
    if (id == 0)
        id = db_number(roster->db, 0,
                       "SELECT id FROM web_person WHERE ((?1 <> '' AND name = ?1)"
                       "  OR (?2 <> '' AND github_id = ?2)"
                       "  OR (?3 <> '' AND lower(email) = lower(?3)))" NOT_IN_THIS_FILE
                       " ORDER BY name = ?1 DESC, github_id = ?2 DESC LIMIT 1",
                       "sss", line->github, line->github_id, line->email);
    else
        return id;
    if (id == 0)
        return 0;
    db_run(roster->db, NULL, "UPDATE web_person SET roster_key = ?2 WHERE id = ?1", "is", id,
           line->key);
    roster->count->renamed++;
    return id;
}

bool roster_name_free(Roster *roster, const char *name)
{
    char text[320];
    char *other = db_text(roster->db,
                          "SELECT iif(role = 'student', 'the identifier ' || roster_key, 'staff')"
                          " FROM web_person WHERE name = ?",
                          "s", name);
    if (!other)
        return true;
    snprintf(text, sizeof text, "this user name belongs to %.200s already", other);
    roster_mistake_here(roster, text, name);
    free(other);
    return false;
}

void roster_look_for_shared(Roster *roster)
{
    static const char *const queries[] = {
        "SELECT 'github_id', a.github_id, a.roster_key, b.roster_key FROM web_person a"
        " JOIN web_person b ON b.github_id = a.github_id AND b.id <> a.id AND b.role = 'student'"
        " WHERE a.github_id <> '' AND a.roster_key IN (SELECT key FROM temp.roster_key)",
        "SELECT 'email', a.email, a.roster_key, b.roster_key FROM web_person a"
        " JOIN web_person b ON lower(b.email) = lower(a.email) AND b.id <> a.id"
        "  AND b.role = 'student'"
        " WHERE a.email <> '' AND a.roster_key IN (SELECT key FROM temp.roster_key)"};
    for (int i = 0; i < 2; i++) {
        sqlite3_stmt *row = db_ask(roster->db, NULL, queries[i], "");
        while (row && db_row(row)) {
            Fault fault;
            fault_set(&fault, "the identifiers %.80s and %.80s would share the %s \"%.80s\"",
                      db_column(row, 2), db_column(row, 3), db_column(row, 0), db_column(row, 1));
            roster_mistake(roster, fault.text);
        }
    }
}
