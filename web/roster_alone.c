/* What is to be one person's alone. */
#include "roster_parts.h"

#include <stdio.h>
#include <stdlib.h>

/* What must be one person's alone within the file: the line where it stood first, 0: nowhere. */
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

/* Not another student's, by an earlier list. The query gives that one's identifier. */
bool roster_unclaimed(Roster *roster, const char *what, const char *query, const char *value,
                      const char *key)
{
    char text[320];
    char *other = *value ? db_text(roster->db, query, "ss", value, key) : NULL;
    if (!other)
        return true;
    snprintf(text, sizeof text, "this %s belongs to the identifier %.200s already", what, other);
    roster_mistake_here(roster, text, value);
    free(other);
    return false;
}

bool roster_alone(Roster *roster, const Line *line)
{
    bool good = alone(roster, "identifier", line->key);
    if (!roster->classroom50)
        good &= alone(roster, "github_username", line->github);
    good &= alone(roster, "github_id", line->github_id);
    good &= alone(roster, "email", line->email);
    good &=
        roster_unclaimed(roster, "github_id",
                         "SELECT roster_key FROM web_person WHERE github_id = ? AND roster_key <> ?"
                         " AND role = 'student'",
                         line->github_id, line->key);
    good &= roster_unclaimed(roster, "email",
                             "SELECT roster_key FROM web_person WHERE lower(email) = lower(?)"
                             " AND roster_key <> ? AND role = 'student'",
                             line->email, line->key);
    return good;
}
