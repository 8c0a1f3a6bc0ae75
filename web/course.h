/*
 * A course on disk: one folder with everything in it.
 *
 *   course.db     results (the grader's store) and the server's own tables (web_*),
 *                 whose version is in web_schema; one file, one transaction
 *   repos/        one bare repository for each student, made on the first push
 *   work/         what is being graded or spooled now; emptied at every start
 *   hooks/        links to courseweb, by which git runs it as its hooks
 *   serve.sock    a running server listens here for hooks and commands
 */
#ifndef WEB_COURSE_H
#define WEB_COURSE_H

#include "db.h"

typedef struct Course {
    char *dir; /* absolute */
    char *db_path, *repos, *work, *hooks, *socket;
} Course;

/* Makes the folder (it may be there, empty or a course already) and what is in it. */
int course_make(const char *dir, Fault *fault);

/* Finds an existing one and brings its tables up to date. */
int course_open(Course *course, const char *dir, Fault *fault);
void course_release(Course *course); /* safe twice */

/* The calling thread's own Db; closed when the thread ends, or by course_db_drop().
 * NULL and the fault. One course for each process. */
Db *course_db(const Course *course, Fault *fault);
void course_db_drop(void);

/* "https://lesson8.example.org", with a port or not, and no path: pages' links begin at "/". */
bool url_valid(const char *url);

/* Settings: text by name. The caller frees; NULL: not set. */
char *course_setting(Db *db, const char *key);
int course_set(Db *db, const char *key, const char *value, Fault *fault);
int course_unset(Db *db, const char *key, Fault *fault); /* as if it had never been set */
int64_t course_setting_number(Db *db, const char *key, int64_t absent);

/* Brings web_* up to the newest version (web/schema.c). */
int web_schema_ready(Db *db, Fault *fault);
/* Up to this version only: a course as it was then, for tests. */
int web_schema_to(Db *db, int version, Fault *fault);
/* Is there anything for it to do? */
bool web_schema_old(Db *db);

int64_t now_s(void); /* Unix time */
int64_t now_ms(void);

#endif
