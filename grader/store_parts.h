/*
 * What the files of the store share. Nothing outside store*.c and its test
 * includes this.
 */
#ifndef GRADER_STORE_PARTS_H
#define GRADER_STORE_PARTS_H

#include <sqlite3.h>
#include <stdbool.h>

#include "store.h"

struct Store {
    sqlite3 *db;
    char *path;
    bool readonly;
    /* Prepared once, kept; NULL until the first store_add(). */
    sqlite3_stmt *begin, *commit;
    sqlite3_stmt *add_submission, *add_exercise, *add_trace, *keep_best;
};

/* A Fault for what SQLite last said of this store, with what to do about it. */
int store_fault(const Store *store, Fault *fault);
/* The same for a result code of its own. */
int store_fault_code(const Store *store, int code, Fault *fault);

/* Runs statements without results. */
int store_run(Store *store, const char *sql, Fault *fault);
int store_prepare(Store *store, sqlite3_stmt **statement, const char *sql, Fault *fault);

/* Is it empty, or of a schema that this grader knows? Changes nothing. */
int store_schema_known(Store *store, Fault *fault);
/* Brings an empty or older one up to the newest schema. */
int store_schema_ready(Store *store, Fault *fault);

/* The student's name as it is stored; the caller frees it. */
char *store_student(const char *name);

#endif
