#include <stdlib.h>

#include "store_parts.h"

/*
 * Each entry takes the schema from the version of its index to the next one,
 * so the number of entries is the newest version. Entries are never changed,
 * only added.
 *
 * `points` of an exercise row is {"CHECK": [halves, max_halves], ...}: what
 * weighing needs, apart from the long `checks`. `best` is derived from the
 * other tables, kept in the same transaction.
 */
static const char *const migrations[] = {
    "CREATE TABLE submission ("
    "  id INTEGER PRIMARY KEY,"
    "  student TEXT NOT NULL,"
    "  folder TEXT NOT NULL,"
    "  tree_hash TEXT NOT NULL,"
    "  version TEXT NOT NULL,"
    "  started_s INTEGER NOT NULL,"
    "  wall_us INTEGER NOT NULL,"
    "  halves INTEGER NOT NULL,"
    "  max_halves INTEGER NOT NULL,"
    "  observable_max_halves INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX submission_student ON submission(student, id);"

    "CREATE TABLE exercise ("
    "  submission INTEGER NOT NULL REFERENCES submission(id) ON DELETE CASCADE,"
    "  exercise TEXT NOT NULL,"
    "  status TEXT NOT NULL CHECK (status IN ('graded', 'missing', 'build_failed', 'error')),"
    "  halves INTEGER NOT NULL,"
    "  max_halves INTEGER NOT NULL,"
    "  observable_max_halves INTEGER NOT NULL,"
    "  points TEXT NOT NULL,"
    "  checks TEXT NOT NULL,"
    "  cpu TEXT,"
    "  compiler TEXT NOT NULL,"
    "  error TEXT NOT NULL,"
    "  build_us INTEGER NOT NULL,"
    "  run_us INTEGER NOT NULL,"
    "  wall_us INTEGER NOT NULL,"
    "  PRIMARY KEY (submission, exercise)"
    ") STRICT;"

    "CREATE TABLE trace ("
    "  submission INTEGER NOT NULL REFERENCES submission(id) ON DELETE CASCADE,"
    "  exercise TEXT NOT NULL,"
    "  scenario TEXT NOT NULL,"
    "  bytes INTEGER NOT NULL,"
    "  zstd BLOB NOT NULL,"
    "  PRIMARY KEY (submission, exercise, scenario)"
    ") STRICT;"

    "CREATE TABLE best ("
    "  student TEXT NOT NULL,"
    "  exercise TEXT NOT NULL,"
    "  submission INTEGER NOT NULL REFERENCES submission(id),"
    "  halves INTEGER NOT NULL,"
    "  max_halves INTEGER NOT NULL,"
    "  best_s INTEGER NOT NULL,"
    "  latest_halves INTEGER NOT NULL,"
    "  latest_max_halves INTEGER NOT NULL,"
    "  latest_s INTEGER NOT NULL,"
    "  attempts INTEGER NOT NULL,"
    "  PRIMARY KEY (student, exercise)"
    ") STRICT, WITHOUT ROWID;",

    /* The run drawn (store_timeline.c), the stub's first TODO that is left, and what the
     * programs of ours did on the machine that graded it. NULL, '': not known, as of all
     * that was stored before. */
    "ALTER TABLE submission ADD COLUMN baseline TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE exercise ADD COLUMN timeline BLOB;"
    "ALTER TABLE exercise ADD COLUMN first_todo TEXT;"
    "ALTER TABLE exercise ADD COLUMN todo INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE baseline ("
    "  key TEXT NOT NULL,"
    "  exercise TEXT NOT NULL,"
    "  taken_s INTEGER NOT NULL,"
    "  quality INTEGER NOT NULL," /* how idle the machine was */
    "  timeline BLOB NOT NULL,"
    "  PRIMARY KEY (key, exercise)"
    ") STRICT;",

    /* 1: the machine that ran the submission also reported it (store.h). */
    "ALTER TABLE submission ADD COLUMN weaker INTEGER NOT NULL DEFAULT 0;"
    "CREATE INDEX submission_weaker ON submission(student, id) WHERE weaker;",

    /* When it was handed in, which may be long before its turn came; 0: when it was graded. A
     * course's server sets it, by a trigger of its own. */
    "ALTER TABLE submission ADD COLUMN submitted_s INTEGER NOT NULL DEFAULT 0;",

    /* What the report told to do next (result_next.h): is it a stub as it was given out, and the
     * failing check to begin with; NULL: none, or not known, as of what was stored before. */
    "ALTER TABLE exercise ADD COLUMN stub INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE exercise ADD COLUMN key_check TEXT;"
    "UPDATE exercise SET stub = 1"
    "  WHERE status = 'graded' AND halves = 0 AND first_todo IS NOT NULL;",
};
enum { NEWEST = sizeof migrations / sizeof *migrations };

int store_schema_newest(void)
{
    return NEWEST;
}

/* "L8gr": tells a database of the grader from any other program's. */
#define APPLICATION "0x4c386772"

static int number(Store *store, const char *sql, int *value, Fault *fault)
{
    sqlite3_stmt *statement = NULL;
    if (store_prepare(store, &statement, sql, fault))
        return -1;
    int code = sqlite3_step(statement);
    *value = code == SQLITE_ROW ? sqlite3_column_int(statement, 0) : 0;
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? 0 : store_fault(store, fault);
}

static int version_of(Store *store, int *version, Fault *fault)
{
    int application, tables;
    if (number(store, "PRAGMA user_version", version, fault) ||
        number(store, "PRAGMA application_id", &application, fault) ||
        number(store, "SELECT count(*) FROM sqlite_master", &tables, fault))
        return -1;
    bool ours = application == (int)strtol(APPLICATION, NULL, 16);
    if (!ours && (tables > 0 || *version > 0))
        return fault_set(fault,
                         "%s: a database of another program, not of the grader; give --db another "
                         "file",
                         store->path);
    if (*version > NEWEST)
        return fault_set(
            fault,
            "%s: made by a newer grader (schema %d, this one knows up to %d); use that "
            "grader, or another file",
            store->path, *version, NEWEST);
    return 0;
}

static int migrate(Store *store, Fault *fault)
{
    int version;
    /* Asked again under the lock: another process may have been faster. */
    if (version_of(store, &version, fault))
        return -1;
    for (; version < NEWEST; version++)
        if (store_run(store, migrations[version], fault))
            return -1;
    char mark[96];
    sqlite3_snprintf(sizeof mark, mark, "PRAGMA user_version=%d; PRAGMA application_id=%s", NEWEST,
                     APPLICATION);
    return store_run(store, mark, fault);
}

int store_schema_known(Store *store, Fault *fault)
{
    int version;
    return version_of(store, &version, fault);
}

int store_schema_ready(Store *store, Fault *fault)
{
    int version;
    if (version_of(store, &version, fault))
        return -1;
    if (version == NEWEST)
        return 0;
    if (store->readonly)
        return version == 0
                   ? fault_set(fault, "%s: no results are stored in it yet", store->path)
                   : fault_set(fault,
                               "%s: made by an older grader (schema %d); `grader run --db` brings "
                               "it up to date",
                               store->path, version);
    if (store_run(store, "BEGIN IMMEDIATE", fault))
        return -1;
    if (migrate(store, fault) || store_run(store, "COMMIT", fault)) {
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        return -1;
    }
    return 0;
}
