#include "whose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Does the repository's name stand for this user? */
static bool named_after(const Trust *trust, const char *repository, const char *user)
{
    const char *name = strchr(repository, '/') + 1;
    size_t prefix = strlen(trust->prefix), len = strlen(name), user_len = strlen(user);
    if (prefix)
        return strncasecmp(name, trust->prefix, prefix) == 0 &&
               strcasecmp(name + prefix, user) == 0;
    return len > user_len && name[len - user_len - 1] == '-' &&
           strcasecmp(name + len - user_len, user) == 0;
}

static bool pushed_by(const Claims *claims, const char *user, const char *id)
{
    return *id ? strcmp(claims->actor_id, id) == 0 : strcasecmp(claims->actor, user) == 0;
}

int64_t whose_by_roster(Db *db, const Trust *trust, const Claims *claims)
{
    int64_t found = 0;
    size_t longest = 0;
    sqlite3_stmt *row = db_ask(db, NULL,
                               "SELECT id, github_username, github_id FROM web_person"
                               " WHERE role = 'student' AND left_s = 0"
                               "  AND github_username <> ''",
                               "");
    while (db_row(row)) {
        const char *user = db_column(row, 1);
        if (strlen(user) < longest || !named_after(trust, claims->repository, user))
            continue;
        bool again = strlen(user) == longest; /* twice in the roster: staff decide */
        longest = strlen(user);
        found =
            !again && pushed_by(claims, user, db_column(row, 2)) ? sqlite3_column_int64(row, 0) : 0;
    }
    return found;
}

int64_t whose_repository(Db *db, const Trust *trust, const Claims *claims, Fault *fault)
{
    if (db_run(db, fault,
               "INSERT INTO web_repo (id, name, person, linked_by) VALUES (?1, ?2, 0, '')"
               " ON CONFLICT (id) DO UPDATE SET name = ?2",
               "ss", claims->repository_id, claims->repository))
        return -1;
    int64_t person =
        db_number(db, 0, "SELECT person FROM web_repo WHERE id = ?", "s", claims->repository_id);
    if (person)
        return person;
    person = whose_by_roster(db, trust, claims);
    if (person &&
        db_run(db, fault, "UPDATE web_repo SET person = ?, linked_by = 'roster' WHERE id = ?", "is",
               person, claims->repository_id))
        return -1;
    return person;
}

/* --- by staff --- */

static int find_repository(Db *db, const char *repository, char *number, Fault *fault)
{
    int n = 0;
    sqlite3_stmt *row =
        db_ask(db, fault, "SELECT id FROM web_repo WHERE id = ?1 OR name = ?1 COLLATE NOCASE", "s",
               repository);
    for (; db_row(row); n++)
        snprintf(number, 21, "%s", db_column(row, 0));
    if (n == 1)
        return 0;
    if (n > 1)
        return fault_set(fault,
                         "%d repositories were called %.150s (it was made anew); give the number "
                         "of the one: courseweb repo list",
                         n, repository);
    return fault_set(fault,
                     "no report has come from %.150s yet; a repository is known from its first "
                     "one on (courseweb repo list)",
                     repository);
}

int whose_link(Db *db, const char *repository, const char *name, char *number, Fault *fault)
{
    Person person = {0};
    if (find_repository(db, repository, number, fault))
        return -1;
    if (name && *name && (!person_find(db, name, &person) || person.role != ROLE_STUDENT))
        return fault_set(fault, "no student here is called \"%.60s\"", name);
    return db_run(db, fault, "UPDATE web_repo SET person = ?, linked_by = 'staff' WHERE id = ?",
                  "is", person.id, number);
}
