/*
 * A scratch folder with a database in it, for the tests of store and scores.
 */
#ifndef TESTS_UNIT_SCRATCH_STORE_H
#define TESTS_UNIT_SCRATCH_STORE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sample_result.h"
#include "store_parts.h"

typedef struct Scratch {
    char *folder, *db;
    Fault fault;
} Scratch;

static inline int scratch_set_up(void **state)
{
    Scratch *scratch = x_calloc(1, sizeof *scratch);
    scratch->folder = x_strdup("/tmp/test-store-XXXXXX");
    if (!mkdtemp(scratch->folder))
        return -1;
    scratch->db = x_printf("%s/class.db", scratch->folder);
    *state = scratch;
    store_set_patience(2000);
    return 0;
}

static inline int scratch_tear_down(void **state)
{
    Scratch *scratch = *state;
    char *command = x_printf("chmod -R u+rwx %s; rm -r %s", scratch->folder, scratch->folder);
    int status = system(command);
    free(command);
    free(scratch->folder);
    free(scratch->db);
    free(scratch);
    return status;
}

/* Adds the sample result, with `lost` half points of exercise 1's retry-interval missing. */
static inline int scratch_add(Store *store, const char *student, int lost, int64_t started_s,
                              int64_t *id, Fault *fault)
{
    Result result;
    sample_result(&result);
    result.started_s = started_s;
    CheckResult *check = sample_check(&result.exercises[0], "retry-interval");
    if (lost)
        sample_fail(check, check->max_halves - lost, "20 ms", "100 ms");
    result_total(&result);
    int status = store_add(store, student, &result, id, fault);
    result_release(&result);
    return status;
}

/* The first column of the first row, by a connection of its own; -1 if there is none. */
static inline int64_t scratch_number(const Scratch *scratch, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    int64_t number = -1;
    if (sqlite3_open(scratch->db, &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return number;
}

static inline char *scratch_text(const Scratch *scratch, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    char *text = NULL;
    if (sqlite3_open(scratch->db, &db) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0))
        text = x_strdup((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return text ? text : x_strdup("");
}

/* --- for cmocka --- */

/* Part of the fault, which is one line. */
static inline void assert_says(const Fault *fault, const char *part)
{
    if (!strstr(fault->text, part) || strchr(fault->text, '\n')) {
        fprintf(stderr, "wanted \"%s\" in: %s\n", part, fault->text);
        fail();
    }
}

static inline Store *opened(Scratch *scratch)
{
    Store *store = store_open(scratch->db, &scratch->fault);
    if (!store)
        fprintf(stderr, "%s\n", scratch->fault.text);
    assert_non_null(store);
    return store;
}

static inline int64_t number_in(Store *store, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

/* Scores as lines: student, exercise, best, latest, attempts, when, when, which. */
typedef struct Seen {
    char text[4096];
} Seen;

static inline void see(void *context, const StoreScore *score)
{
    Seen *seen = context;
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, sizeof seen->text - used,
             "%s %.3s %d/%d %d/%d x%d %lld %lld #%lld\n", score->student, score->exercise,
             score->halves, score->max_halves, score->latest_halves, score->latest_max_halves,
             score->attempts, (long long)score->best_s, (long long)score->latest_s,
             (long long)score->best_id);
}

#endif
