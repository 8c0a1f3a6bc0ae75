/*
 * SQLite as the server uses it: one Db for each thread, statements prepared once and
 * kept by the address of their text (so the text must be a constant). Of more than
 * DB_KEPT_MOST those go that were not used for longest.
 *
 * Arguments follow a format, one letter each: `i` int64_t, `s` text (NULL: null),
 * `b` bytes (const void *, size_t). Text and bytes must live until the statement is
 * done.
 *
 * Failures are a Fault in one line. The database waits up to DB_PATIENCE_MS for a
 * lock that another thread or program holds.
 */
#ifndef WEB_DB_H
#define WEB_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fault.h"

enum { DB_PATIENCE_MS = 20000, DB_KEPT_MOST = 256 };

typedef struct DbKept {
    const char *text;
    sqlite3_stmt *statement;
    int64_t used; /* db->uses when it was asked for last */
} DbKept;

typedef struct Db {
    sqlite3 *sql;
    DbKept kept[DB_KEPT_MOST];
    int n_kept;
    int64_t uses;
} Db;

/* The file must be there. NULL and the fault. */
Db *db_open(const char *path, Fault *fault);
void db_close(Db *db); /* NULL is fine */

/* A statement without rows. 0, or -1 and the fault. */
int db_run(Db *db, Fault *fault, const char *text, const char *format, ...);
/* The same; the number of rows that changed, or -1. */
int db_change(Db *db, Fault *fault, const char *text, const char *format, ...);
/* The first column of the first row; `absent` if there is no row, also on a fault. */
int64_t db_number(Db *db, int64_t absent, const char *text, const char *format, ...);
/* The same as text, which the caller frees; NULL: no row, or null in it. */
char *db_text(Db *db, const char *text, const char *format, ...);

/* A statement with rows: step with db_row() until it is false (which resets it), or
 * db_done() it early. NULL and the fault if it can't be prepared. */
sqlite3_stmt *db_ask(Db *db, Fault *fault, const char *text, const char *format, ...);
bool db_row(sqlite3_stmt *statement);
void db_done(sqlite3_stmt *statement); /* NULL is fine */

/* A column as text, never NULL; valid until the next step. */
const char *db_column(sqlite3_stmt *statement, int column);

/* What has been committed, as far as this Db sees it: two that are equal, and nothing has
 * changed in between. Tells it in microseconds. */
typedef struct DbVersion {
    int64_t others, own;
} DbVersion;
DbVersion db_version(Db *db);
bool db_version_equal(DbVersion a, DbVersion b);

int db_begin(Db *db, Fault *fault); /* takes the writer's lock at once */
int db_commit(Db *db, Fault *fault);
void db_rollback(Db *db);
/* All of it, as of one moment, into a new file. What is left there after a fault is no copy. */
int db_copy(Db *db, const char *file, Fault *fault);
/* Many statements without arguments. */
int db_script(Db *db, const char *text, Fault *fault);

#endif
