/*
 * Who may do what: accounts, tokens, links, sessions. Secrets are stored hashed
 * (secret.h).
 *
 * A name is what stands in addresses and results: 1 to 39 letters, digits, `-`, `_` and
 * `.`, beginning with a letter or digit, not ending in `.`, `.git` or `.lock`. Upper and
 * lower case are one.
 */
#ifndef WEB_PEOPLE_H
#define WEB_PEOPLE_H

#include <stdbool.h>

#include "db.h"
#include "pages/pages.h"
#include "secret.h"

enum {
    NAME_BYTES = 40,
    SHOWN_BYTES = 200,
    SESSION_S = 14 * 24 * 3600,
    SESSIONS_MOST = 20, /* of one person */
    LINK_S = 14 * 24 * 3600,
    STAFF_LINK_S = 2 * 24 * 3600,
    SIGNIN_LINK_S = 3600
};

typedef struct Person {
    int64_t id;
    char name[NAME_BYTES], shown[SHOWN_BYTES], section[SHOWN_BYTES];
    char sections[1024]; /* a TA's, one a line; "": all */
    Role role;
    int64_t token_s, left_s; /* 0: none; still here */
} Person;

bool name_valid(const char *name);
Role role_named(const char *name); /* "student", "ta", "instructor"; else ROLE_NONE */
const char *role_name(Role role);

/* Finds by name. False: nobody has it. Who has left the course is ROLE_NONE. */
bool person_find(Db *db, const char *name, Person *person);
bool person_by_id(Db *db, int64_t id, Person *person);

/* Staff of that name and role. `email`, `sections` (one a line) NULL: as they were; of somebody
 * new: none, and all. */
int staff_add(Db *db, const char *name, Role role, const char *sections, const char *email,
              Fault *fault);
/* Ends the account: sessions, token and links with it. One that pushed keeps its name, and may
 * neither sign in nor see anybody. */
int staff_remove(Db *db, const char *name, Fault *fault);

/* A student who has left is in no class table, grades or export, and can't sign in or push; token, sessions
 * and links end, results stay. Back by student_return(), or by standing in an imported list again. */
int student_leave(Db *db, const char *name, Fault *fault);
int student_return(Db *db, const char *name, Fault *fault);

/* May `viewer` see the work of `student`? */
bool person_may_see(const Person *viewer, const Person *student);
bool person_has_section(const Person *ta, const char *section);

/* A new token; the old one ends, and with it every session and link. */
int token_renew(Db *db, const Person *person, char token[SECRET_TEXT], Fault *fault);
/* Whose name and token these are. */
bool token_check(Db *db, const char *name, const char *token, Person *person);

/* A link: signs in once, until it expires. `seconds` from now. */
int link_make(Db *db, const Person *person, int seconds, char secret[SECRET_TEXT], Fault *fault);
/* Whose it is, if it is still good; with `use` it is used up. */
bool link_check(Db *db, const char *secret, bool use, Person *person);

/* Signs in: of more than SESSIONS_MOST the person's oldest end. What has expired, sessions and links,
 * goes in the same transaction. */
int session_make(Db *db, const Person *person, char id[SECRET_TEXT], Fault *fault);
/* When it ends; 0: it is none. `view_as` gets a student's name or "". */
int64_t session_check(Db *db, const char *id, Person *person, char view_as[NAME_BYTES]);
int session_view_as(Db *db, const char *id, const char *name, Fault *fault);
void session_end(Db *db, const char *id);

#endif
