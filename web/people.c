#include "people.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "course.h"

static const char *const role_names[] = {[ROLE_NONE] = "",
                                         [ROLE_STUDENT] = "student",
                                         [ROLE_TA] = "ta",
                                         [ROLE_INSTRUCTOR] = "instructor"};

const char *role_name(Role role)
{
    return role_names[role];
}

Role role_named(const char *name)
{
    for (Role role = ROLE_STUDENT; role <= ROLE_INSTRUCTOR; role++)
        if (strcmp(name, role_names[role]) == 0)
            return role;
    return ROLE_NONE;
}

static bool ends_in(const char *text, const char *end)
{
    size_t len = strlen(text), n = strlen(end);
    return len >= n && strcasecmp(text + len - n, end) == 0;
}

bool name_valid(const char *name)
{
    size_t len = strnlen(name, NAME_BYTES);
    if (len == 0 || len >= NAME_BYTES || !isalnum((unsigned char)name[0]))
        return false;
    for (size_t i = 0; i < len; i++)
        if ((name[i] & 0x80) || !(isalnum((unsigned char)name[i]) || strchr("-_.", name[i])))
            return false;
    return !strstr(name, "..") && name[len - 1] != '.' && !ends_in(name, ".git") &&
           !ends_in(name, ".lock");
}

/* --- rows --- */

#define PERSON "id, name, shown, section, sections, iif(left_s > 0, '', role), token_s, left_s"
enum { PERSON_COLUMNS = 8 };

static void copy(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text);
}

static void read_person(sqlite3_stmt *row, Person *person)
{
    *person = (Person){.id = sqlite3_column_int64(row, 0)};
    copy(person->name, sizeof person->name, db_column(row, 1));
    copy(person->shown, sizeof person->shown, db_column(row, 2));
    copy(person->section, sizeof person->section, db_column(row, 3));
    copy(person->sections, sizeof person->sections, db_column(row, 4));
    person->role = role_named(db_column(row, 5));
    person->token_s = sqlite3_column_int64(row, 6);
    person->left_s = sqlite3_column_int64(row, 7);
}

static bool take_person(sqlite3_stmt *row, Person *person)
{
    if (!db_row(row))
        return false;
    read_person(row, person);
    db_done(row);
    return true;
}

bool person_find(Db *db, const char *name, Person *person)
{
    return take_person(
        db_ask(db, NULL, "SELECT " PERSON " FROM web_person WHERE name = ?", "s", name), person);
}

bool person_by_id(Db *db, int64_t id, Person *person)
{
    return take_person(db_ask(db, NULL, "SELECT " PERSON " FROM web_person WHERE id = ?", "i", id),
                       person);
}

int staff_add(Db *db, const char *name, Role role, const char *sections, const char *email,
              Fault *fault)
{
    if (!name_valid(name))
        return fault_set(fault, "\"%.60s\" can't be an account's name: letters, digits, - _ . only",
                         name);
    if (db_number(db, 0, "SELECT 1 FROM web_person WHERE name = ? AND role = 'student'", "s", name))
        return fault_set(fault, "%s is a student's account; staff needs a name of its own", name);
    return db_run(db, fault,
                  "INSERT INTO web_person (name, role, sections, created_s, email)"
                  " VALUES (?1, ?2, coalesce(?3, ''), ?4, coalesce(?5, ''))"
                  " ON CONFLICT (name) DO UPDATE SET role = ?2, sections ="
                  "   coalesce(?3, nullif(sections, char(1)), ''),"
                  "  email = coalesce(?5, email)",
                  "sssis", name, role_name(role), sections, now_s(), email);
}

static int end_access(Db *db, int64_t person, Fault *fault)
{
    return db_run(db, fault, "DELETE FROM web_session WHERE person = ?", "i", person) ||
                   db_run(db, fault, "DELETE FROM web_link WHERE person = ?", "i", person)
               ? -1
               : 0;
}

int staff_remove(Db *db, const char *name, Fault *fault)
{
    Person person;
    if (!person_find(db, name, &person) || person.role < ROLE_TA)
        return fault_set(fault, "nobody of the staff is called \"%.60s\"", name);
    /* What was pushed under that name keeps it; a section that nobody is in shows nobody. */
    bool pushed =
        db_number(db, 0, "SELECT 1 FROM web_job WHERE person = ? LIMIT 1", "i", person.id) != 0;
    if (!pushed)
        return db_run(db, fault, "DELETE FROM web_person WHERE id = ?", "i", person.id);
    if (db_begin(db, fault))
        return -1;
    if (db_run(db, fault,
               "UPDATE web_person SET role = 'ta', sections = char(1), token = NULL, email = ''"
               " WHERE id = ?",
               "i", person.id) ||
        end_access(db, person.id, fault) || db_commit(db, fault)) {
        db_rollback(db);
        return -1;
    }
    return 0;
}

int student_leave(Db *db, const char *name, Fault *fault)
{
    Person person;
    if (!person_find(db, name, &person) || person.role != ROLE_STUDENT)
        return fault_set(fault, "no student here is called \"%.60s\"", name);
    if (db_begin(db, fault))
        return -1;
    if (db_run(db, fault,
               "UPDATE web_person SET left_s = ?, token = NULL, token_s = 0 WHERE id = ?", "ii",
               now_s(), person.id) ||
        end_access(db, person.id, fault) || db_commit(db, fault)) {
        db_rollback(db);
        return -1;
    }
    return 0;
}

int student_return(Db *db, const char *name, Fault *fault)
{
    int changed = db_change(db, fault,
                            "UPDATE web_person SET left_s = 0 WHERE name = ? AND role = 'student'"
                            " AND left_s > 0",
                            "s", name);
    return changed == 0  ? fault_set(fault, "nobody called \"%.60s\" has left", name)
           : changed > 0 ? 0
                         : -1;
}

/* --- rights --- */

bool person_has_section(const Person *ta, const char *section)
{
    if (ta->role == ROLE_INSTRUCTOR || !*ta->sections)
        return ta->role == ROLE_INSTRUCTOR || ta->role == ROLE_TA;
    size_t len = strlen(section);
    for (const char *at = ta->sections; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (len && strncmp(at, section, len) == 0 && (at[len] == '\n' || at[len] == '\0'))
            return true;
    }
    return false;
}

bool person_may_see(const Person *viewer, const Person *student)
{
    if (viewer->role == ROLE_STUDENT)
        return viewer->id == student->id;
    return viewer->role != ROLE_NONE &&
           (viewer->id == student->id || person_has_section(viewer, student->section));
}

/* --- tokens --- */

int token_renew(Db *db, const Person *person, char token[SECRET_TEXT], Fault *fault)
{
    unsigned char hash[SECRET_HASH];
    secret_make(token);
    secret_hash(token, hash);
    if (db_begin(db, fault))
        return -1;
    if (db_run(db, fault, "UPDATE web_person SET token = ?, token_s = ? WHERE id = ?", "bii", hash,
               sizeof hash, now_s(), person->id) ||
        db_run(db, fault, "DELETE FROM web_session WHERE person = ?", "i", person->id) ||
        db_run(db, fault, "DELETE FROM web_link WHERE person = ? AND used_s = 0", "i",
               person->id) ||
        db_commit(db, fault)) {
        db_rollback(db);
        return -1;
    }
    return 0;
}

bool token_check(Db *db, const char *name, const char *token, Person *person)
{
    unsigned char hash[SECRET_HASH];
    size_t len = 0;
    sqlite3_stmt *row = db_ask(db, NULL, "SELECT token FROM web_person WHERE name = ?", "s", name);
    if (db_row(row)) {
        len = (size_t)sqlite3_column_bytes(row, 0);
        if (len == sizeof hash)
            memcpy(hash, sqlite3_column_blob(row, 0), len);
        db_done(row);
    }
    /* Asked for a name that nobody has, too: it takes as long. */
    return secret_matches(token, hash, len) && person_find(db, name, person) &&
           person->role != ROLE_NONE;
}

/* --- links --- */

int link_make(Db *db, const Person *person, int seconds, char secret[SECRET_TEXT], Fault *fault)
{
    unsigned char hash[SECRET_HASH];
    secret_make(secret);
    secret_hash(secret, hash);
    return db_run(db, fault, "INSERT INTO web_link (hash, person, expires_s) VALUES (?, ?, ?)",
                  "bii", hash, sizeof hash, person->id, now_s() + seconds);
}

bool link_check(Db *db, const char *secret, bool use, Person *person)
{
    unsigned char hash[SECRET_HASH];
    secret_hash(secret, hash);
    int64_t id = db_number(
        db, 0, "SELECT person FROM web_link WHERE hash = ? AND used_s = 0 AND expires_s > ?", "bi",
        hash, sizeof hash, now_s());
    if (id == 0)
        return false;
    /* Only one of two at the same time changes the row. */
    if (use && db_change(db, NULL, "UPDATE web_link SET used_s = ? WHERE hash = ? AND used_s = 0",
                         "ib", now_s(), hash, sizeof hash) != 1)
        return false;
    return person_by_id(db, id, person) && person->role != ROLE_NONE;
}

/* --- sessions --- */

/* What has expired, of everybody, found by the indexes of schema.c. */
static int sweep(Db *db, Fault *fault)
{
    if (db_run(db, fault, "DELETE FROM web_session WHERE expires_s <= ?", "i", now_s()))
        return -1;
    return db_run(db, fault, "DELETE FROM web_link WHERE expires_s <= ?", "i", now_s() - LINK_S);
}

int session_make(Db *db, const Person *person, char id[SECRET_TEXT], Fault *fault)
{
    unsigned char hash[SECRET_HASH];
    secret_make(id);
    secret_hash(id, hash);
    if (db_begin(db, fault))
        return -1;
    if (db_run(db, fault,
               "DELETE FROM web_session WHERE person = ?1 AND hash NOT IN (SELECT hash FROM"
               " web_session WHERE person = ?1 ORDER BY expires_s DESC LIMIT ?2)",
               "ii", person->id, (int64_t)SESSIONS_MOST - 1) ||
        db_run(db, fault, "INSERT INTO web_session (hash, person, expires_s) VALUES (?, ?, ?)",
               "bii", hash, sizeof hash, person->id, now_s() + SESSION_S) ||
        sweep(db, fault) || db_commit(db, fault)) {
        db_rollback(db);
        return -1;
    }
    return 0;
}

int64_t session_check(Db *db, const char *id, Person *person, char view_as[NAME_BYTES])
{
    unsigned char hash[SECRET_HASH];
    secret_hash(id, hash);
    sqlite3_stmt *row =
        db_ask(db, NULL,
               "SELECT " PERSON ", view_as, expires_s FROM web_session JOIN web_person"
               " ON id = person WHERE hash = ? AND expires_s > ?",
               "bi", hash, sizeof hash, now_s());
    if (!db_row(row))
        return 0;
    int64_t expires_s = sqlite3_column_int64(row, PERSON_COLUMNS + 1);
    copy(view_as, NAME_BYTES, db_column(row, PERSON_COLUMNS));
    read_person(row, person);
    db_done(row);
    return expires_s;
}

int session_view_as(Db *db, const char *id, const char *name, Fault *fault)
{
    unsigned char hash[SECRET_HASH];
    secret_hash(id, hash);
    return db_run(db, fault, "UPDATE web_session SET view_as = ? WHERE hash = ?", "sb", name, hash,
                  sizeof hash);
}

void session_end(Db *db, const char *id)
{
    unsigned char hash[SECRET_HASH];
    secret_hash(id, hash);
    db_run(db, NULL, "DELETE FROM web_session WHERE hash = ?", "b", hash, sizeof hash);
}
