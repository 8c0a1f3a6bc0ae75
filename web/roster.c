#include "roster_parts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "course.h"
#include "people.h"

/* Which header stands for which column, in each of the two forms. */
static const struct {
    const char *header;
    Column column;
} forms[2][8] = {
    {{"identifier", COLUMN_KEY},
     {"github_username", COLUMN_GITHUB},
     {"github_id", COLUMN_GITHUB_ID},
     {"name", COLUMN_NAME},
     {"email", COLUMN_EMAIL},
     {"section", COLUMN_SECTION}},
    {{"username", COLUMN_KEY},
     {"first_name", COLUMN_NAME},
     {"last_name", COLUMN_LAST_NAME},
     {"email", COLUMN_EMAIL},
     {"section", COLUMN_SECTION},
     {"github_id", COLUMN_GITHUB_ID}},
};

void roster_mistake(Roster *roster, const char *text)
{
    if (++roster->n_mistakes <= ROSTER_MISTAKES)
        buf_printf(roster->mistakes, "%s\n", text);
}

void roster_mistake_here(Roster *roster, const char *what, const char *value)
{
    Fault fault;
    Buf shown;
    buf_init(&shown, 400);
    text_quote(&shown, value, strlen(value), 60);
    fault_set(&fault, "line %d: %s: \"%s\"", roster->csv.line, what, shown.data);
    roster_mistake(roster, fault.text);
    buf_release(&shown);
}

/* --- the header --- */

static bool same_header(const char *given, const char *wanted)
{
    while (*given == ' ')
        given++;
    size_t len = strlen(given);
    while (len && given[len - 1] == ' ')
        len--;
    return len == strlen(wanted) && strncasecmp(given, wanted, len) == 0;
}

static void match_form(Roster *roster, int form)
{
    for (int i = 0; i < COLUMNS; i++)
        roster->columns[i] = -1;
    for (int i = 0; i < 8 && forms[form][i].header; i++)
        for (int k = roster->csv.n_fields - 1; k >= 0; k--)
            if (same_header(roster->csv.fields[k], forms[form][i].header))
                roster->columns[forms[form][i].column] = k;
}

/* A heading that was misspelt is found by who reads that it was passed over. */
static void note_unused(Roster *roster)
{
    Buf list;
    buf_init(&list, sizeof roster->count->unused - 1);
    for (int k = 0; k < roster->csv.n_fields; k++) {
        bool used = false;
        for (int i = 0; i < COLUMNS; i++)
            used |= roster->columns[i] == k;
        if (used || !*roster->csv.fields[k])
            continue;
        buf_str(&list, list.len ? ", " : "");
        text_quote(&list, roster->csv.fields[k], strlen(roster->csv.fields[k]), 40);
    }
    snprintf(roster->count->unused, sizeof roster->count->unused, "%s", list.data);
    buf_release(&list);
}

static bool matches(Roster *roster)
{
    match_form(roster, 0);
    if (roster->columns[COLUMN_KEY] >= 0)
        return true;
    match_form(roster, 1);
    roster->classroom50 = true;
    return roster->columns[COLUMN_KEY] >= 0;
}

static int read_header(Roster *roster, Fault *fault)
{
    int got = csv_next(&roster->csv, fault);
    if (got < 0)
        return -1;
    if (got == 0)
        return fault_set(fault, "the file is empty");
    roster->n_header = roster->csv.n_fields;
    if (matches(roster)) {
        note_unused(roster);
        return 0;
    }
    if (strchr(roster->csv.fields[0], ';'))
        return fault_set(fault, "line 1: semicolons stand between the columns; save the list with "
                                "commas (\"CSV, comma delimited\")");
    return fault_set(fault, "line 1: neither a column `identifier` (GitHub Classroom) nor "
                            "`username` (Classroom 50) stands in the header");
}

/* --- one person --- */

static const char *field(const Roster *roster, Column column)
{
    int at = roster->columns[column];
    return at >= 0 && at < roster->csv.n_fields ? roster->csv.fields[at] : "";
}

static void trimmed(char *out, size_t size, const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    snprintf(out, size, "%s", text);
    for (size_t len = strlen(out); len && isspace((unsigned char)out[len - 1]);)
        out[--len] = '\0';
}

/* Clean and on one line; false if it must not be stored as it is. */
static bool inert(const char *text)
{
    Buf clean;
    buf_init(&clean, 16 * CSV_FIELD_BYTES);
    text_clean(&clean, text, strlen(text));
    bool same = strcmp(clean.data, text) == 0 && !strpbrk(text, "\n\t");
    buf_release(&clean);
    return same;
}

/* An account name out of any identifier: what is allowed of it, the rest as `-`. */
static void name_from(char name[NAME_BYTES], const char *identifier)
{
    size_t len = 0;
    for (; *identifier && *identifier != '@' && len < NAME_BYTES - 8; identifier++) {
        unsigned char c = (unsigned char)*identifier;
        if (c < 0x80 && isalnum(c))
            name[len++] = (char)tolower(c);
        else if (len && name[len - 1] != '-')
            name[len++] = '-';
    }
    while (len && name[len - 1] == '-')
        len--;
    name[len] = '\0';
    if (len == 0)
        snprintf(name, NAME_BYTES, "student");
}

static bool taken(Roster *roster, const char *name)
{
    return db_number(roster->db, 0, "SELECT 1 FROM web_person WHERE name = ?", "s", name) != 0;
}

static void free_name(Roster *roster, char name[NAME_BYTES], const char *identifier)
{
    char base[NAME_BYTES], numbered[2 * NAME_BYTES];
    name_from(base, identifier); /* leaves room for a number */
    snprintf(name, NAME_BYTES, "%s", base);
    for (int i = 2; taken(roster, name) && i < ROSTER_PEOPLE; i++) {
        snprintf(numbered, sizeof numbered, "%s-%d", base, i);
        memcpy(name, numbered, NAME_BYTES - 1);
        name[NAME_BYTES - 1] = '\0';
    }
}

/* Wider than what mail is sent to (mail.h): an address there is one's identity with a proxy, too. */
static bool looks_like_email(const char *text)
{
    const char *at = strchr(text, '@');
    return at && at != text && at[1] && !strchr(at + 1, '@') && !strpbrk(text, " ,;<>()\"");
}

static bool read_line(Roster *roster, Line *line)
{
    char last[CSV_FIELD_BYTES];
    trimmed(line->key, sizeof line->key, field(roster, COLUMN_KEY));
    trimmed(line->github, sizeof line->github,
            field(roster, roster->classroom50 ? COLUMN_KEY : COLUMN_GITHUB));
    trimmed(line->github_id, sizeof line->github_id, field(roster, COLUMN_GITHUB_ID));
    trimmed(line->email, sizeof line->email, field(roster, COLUMN_EMAIL));
    trimmed(line->section, sizeof line->section, field(roster, COLUMN_SECTION));
    trimmed(line->shown, CSV_FIELD_BYTES, field(roster, COLUMN_NAME));
    trimmed(last, sizeof last, field(roster, COLUMN_LAST_NAME));
    if (*last) {
        size_t len = strlen(line->shown);
        snprintf(line->shown + len, sizeof line->shown - len, "%s%s", len ? " " : "", last);
    }
    const struct {
        const char *what, *text;
        size_t most;
    } checks[] = {
        {"an identifier that is too long or has control characters", line->key, 200},
        {"a name that is too long or has control characters", line->shown, SHOWN_BYTES - 1},
        {"an e-mail address that is too long or has control characters", line->email, 200},
        {"a section that is too long or has control characters", line->section, 100},
        {"a github_id that is too long or has control characters", line->github_id, 40},
    };
    bool good = true;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (strlen(checks[i].text) > checks[i].most || !inert(checks[i].text)) {
            roster_mistake_here(roster, checks[i].what, checks[i].text);
            good = false;
        }
    if (!*line->key) {
        roster_mistake_here(roster, "nobody is named here; the identifier is empty", "");
        good = false;
    }
    if (line->github_id[strspn(line->github_id, "0123456789")]) {
        roster_mistake_here(roster, "a github_id is a number (or left empty)", line->github_id);
        good = false;
    }
    if (*line->github && !name_valid(line->github)) {
        roster_mistake_here(roster, "not a user name", line->github);
        good = false;
    }
    if (*line->email && !looks_like_email(line->email)) {
        roster_mistake_here(roster, "not an e-mail address", line->email);
        good = false;
    }
    return good;
}

/* The name is cut where the comma stands, and nobody sees it. */
static bool fits_header(Roster *roster)
{
    for (int i = roster->n_header; i < roster->csv.n_fields; i++)
        if (*roster->csv.fields[i]) {
            roster_mistake_here(roster,
                                "more fields than the header has: a comma in a name wants quotes",
                                roster->csv.fields[i]);
            return false;
        }
    return true;
}

static int add_person(Roster *roster, const Line *line, Fault *fault)
{
    char name[NAME_BYTES];
    if (!*line->github) {
        free_name(roster, name, line->key);
    } else {
        snprintf(name, sizeof name, "%.*s", NAME_BYTES - 1, line->github);
        if (!roster_name_free(roster, name))
            return 0;
    }
    roster->count->added++;
    return db_run(roster->db, fault,
                  "INSERT INTO web_person (name, role, roster_key, github_username, github_id,"
                  "  shown, email, section, created_s)"
                  " VALUES (?, 'student', ?, ?, ?, ?, ?, ?, ?)",
                  "sssssssi", name, line->key, line->github, line->github_id, line->shown,
                  line->email, line->section, now_s());
}

static int one_person(Roster *roster, Fault *fault)
{
    Line line;
    if (++roster->n_people > ROSTER_PEOPLE)
        return fault_set(fault, "line %d: more than %d people", roster->csv.line, ROSTER_PEOPLE);
    if (!fits_header(roster) || !read_line(roster, &line) || !roster_alone(roster, &line))
        return 0;
    int64_t id = roster_person(roster, &line);
    if (id == 0)
        return add_person(roster, &line, fault);
    /* A column that this file does not have keeps what an earlier one said. */
    int changed =
        db_change(roster->db, fault,
                  "UPDATE web_person SET github_username = iif(?2 <> '', ?2, github_username),"
                  "  github_id = iif(?3 <> '', ?3, github_id), shown = iif(?4 <> '', ?4, shown),"
                  "  email = iif(?5 <> '', ?5, email), section = iif(?6 <> '', ?6, section),"
                  "  left_s = 0"
                  " WHERE id = ?1 AND (left_s > 0 OR (?2 <> '' AND ?2 <> github_username)"
                  "  OR (?3 <> '' AND ?3 <> github_id) OR (?4 <> '' AND ?4 <> shown)"
                  "  OR (?5 <> '' AND ?5 <> email) OR (?6 <> '' AND ?6 <> section))",
                  "isssss", id, line.github, line.github_id, line.shown, line.email, line.section);
    if (changed < 0)
        return -1;
    *(changed ? &roster->count->changed : &roster->count->same) += 1;
    return 0;
}

/* All identifiers, before the first line is taken: whose is gone may have been corrected. What is
 * wrong with a line is said when its turn comes. */
static int note_keys(const Roster *roster, const char *text, size_t len, Fault *fault)
{
    Csv csv;
    Fault later;
    char key[CSV_FIELD_BYTES];
    int status = 0, at = roster->columns[COLUMN_KEY];
    csv_init(&csv, text, len);
    csv_next(&csv, &later);
    while (status == 0 && csv_next(&csv, &later) > 0) {
        trimmed(key, sizeof key, at < csv.n_fields ? csv.fields[at] : "");
        status = db_run(roster->db, fault, "INSERT OR IGNORE INTO temp.roster_key (key) VALUES (?)",
                        "s", key);
    }
    csv_release(&csv);
    return status;
}

static int read_people(Roster *roster, const char *text, size_t len, Fault *fault)
{
    int got;
    if (read_header(roster, fault) || note_keys(roster, text, len, fault))
        return -1;
    while ((got = csv_next(&roster->csv, fault)) > 0)
        if (one_person(roster, fault))
            return -1;
    if (got == 0)
        roster_look_for_shared(roster);
    return got;
}

int roster_import(Db *db, const char *text, size_t len, Buf *preview, RosterCount *count,
                  Buf *mistakes)
{
    Fault fault = {""};
    Roster roster = {.db = db, .count = count, .mistakes = mistakes};
    *count = (RosterCount){0};
    if (len > ROSTER_BYTES) {
        roster_mistake(&roster, "the file is larger than 4 MiB");
        return -1;
    }
    csv_init(&roster.csv, text, len);
    if (db_begin(db, &fault) ||
        db_script(db,
                  "DROP TABLE IF EXISTS temp.roster_seen; DROP TABLE IF EXISTS temp.roster_key;"
                  "CREATE TEMP TABLE roster_seen (what TEXT, value TEXT, line INTEGER,"
                  " PRIMARY KEY (what, value)) WITHOUT ROWID;"
                  "CREATE TEMP TABLE roster_key (key TEXT PRIMARY KEY) WITHOUT ROWID;",
                  &fault) ||
        roster_note_before(db, &fault) || read_people(&roster, text, len, &fault))
        roster_mistake(&roster, fault.text);
    if (roster.n_mistakes == 0) {
        count->absent = roster_absent(db);
        if (preview)
            roster_tell_changes(db, preview);
        else if (db_commit(db, &fault))
            roster_mistake(&roster, fault.text);
    }
    if (roster.n_mistakes > ROSTER_MISTAKES)
        buf_printf(mistakes, "and %d more\n", roster.n_mistakes - ROSTER_MISTAKES);
    if (roster.n_mistakes || preview)
        db_rollback(db);
    csv_release(&roster.csv);
    return roster.n_mistakes ? -1 : 0;
}
