/* What the store keeps, and what it gives back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <zstd.h>

#include "scratch_store.h"
#include "store_v1.h"

/* --- what is stored --- */

static void durable_settings(void **state)
{
    Store *store = opened(*state);
    assert_int_equal(number_in(store, "SELECT count(*) FROM pragma_journal_mode "
                                      "WHERE journal_mode = 'wal'"),
                     1);
    assert_int_equal(number_in(store, "PRAGMA synchronous"), 2);
    assert_int_equal(number_in(store, "PRAGMA foreign_keys"), 1);
    assert_int_equal(number_in(store, "PRAGMA busy_timeout"), 2000);
    assert_int_equal(number_in(store, "PRAGMA user_version"), 5);
    store_close(store);
    store = opened(*state); /* again: nothing to migrate */
    store_close(store);
    store_close(NULL);
}

static void a_submission_with_all_its_rows(void **state)
{
    Scratch *scratch = *state;
    Store *store = opened(scratch);
    Result result;
    int64_t id = 0;
    sample_result(&result);
    sample_fail(sample_check(&result.exercises[0], "retry-interval"), 3, "20 ms", "100 ms");
    sample_trace(&result, "read(4) = -1 EAGAIN\n", 20);
    result.exercises[0].cpu = (CpuFigures){true, 580, 560, 10, 61000};
    sample_set(&result.exercises[1].compiler, "warning: \033[1mx");
    result_total(&result);
    assert_int_equal(store_add(store, "ada", &result, &id, &scratch->fault), 0);
    assert_true(id > 0);
    assert_int_equal(scratch_number(scratch, "SELECT halves FROM submission"), 61);
    assert_int_equal(scratch_number(scratch, "SELECT started_s FROM submission"), 1700000000);
    assert_int_equal(scratch_number(scratch, "SELECT length(tree_hash) FROM submission"), 64);
    assert_int_equal(scratch_number(scratch, "SELECT count(*) FROM exercise"), 2);
    assert_int_equal(scratch_number(scratch, "SELECT run_us FROM exercise"), 640000);
    char *text = scratch_text(scratch, "SELECT checks ->> '$[4].score' FROM exercise");
    assert_string_equal(text, "1.5");
    free(text);
    text = scratch_text(scratch, "SELECT points ->> '$.\"retry-interval\"' FROM exercise");
    assert_string_equal(text, "[3,6]");
    free(text);
    text = scratch_text(scratch, "SELECT cpu ->> 'idle_wakeups_per_s' FROM exercise");
    assert_string_equal(text, "10.0");
    free(text);
    text = scratch_text(scratch, "SELECT compiler FROM exercise WHERE exercise LIKE 'ex2%'");
    assert_string_equal(text, "warning: \\x1b[1mx");
    free(text);
    store_close(store);
    result_release(&result);
}

static void traces_come_back_as_they_were(void **state)
{
    Scratch *scratch = *state;
    Store *store = opened(scratch);
    Result result;
    sample_result(&result);
    size_t len = STORE_TRACE_MOST + 1000;
    char *text = x_calloc(1, len);
    for (size_t i = 0; i < len; i++)
        text[i] = "read(4) = -1 EAGAIN\n"[i % 20];
    sample_trace(&result, text, len);
    sample_trace(&result, "", 0);
    sample_set(&result.traces[1].scenario, "empty");
    sample_trace(&result, text, 40); /* the same scenario again: the last one counts */
    sample_set(&result.traces[2].scenario, "empty");
    assert_int_equal(store_add(store, "ada", &result, NULL, &scratch->fault), 0);

    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(store->db, "SELECT bytes, zstd FROM trace ORDER BY bytes", -1, &statement,
                       NULL);
    char *back = x_calloc(1, len);
    static const size_t lens[] = {40, STORE_TRACE_MOST};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        assert_int_equal(sqlite3_column_int64(statement, 0), lens[i]);
        size_t n = ZSTD_decompress(back, len, sqlite3_column_blob(statement, 1),
                                   (size_t)sqlite3_column_bytes(statement, 1));
        assert_int_equal(n, lens[i]);
        assert_memory_equal(back, text, n);
        assert_true(i == 0 || sqlite3_column_bytes(statement, 1) < STORE_TRACE_MOST / 100);
    }
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
    free(back);
    free(text);
    result_release(&result);
    store_close(store);
}

/* --- the run drawn --- */

static Timeline stored_timeline(const Scratch *scratch, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    Timeline timeline = {0};
    sqlite3_open(scratch->db, &db);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    timeline_unpack(sqlite3_column_blob(statement, 0), (size_t)sqlite3_column_bytes(statement, 0),
                    &timeline);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return timeline;
}

/* Three lanes: the spinner's, the submission's, the reference's. */
static void sample_compared(Result *result, double spinner_us_per_s)
{
    sample_result(result);
    Timeline *timeline = &result->exercises[0].timeline;
    sample_timeline(timeline);
    timeline->lanes[0].of = LANE_SPINNER;
    timeline->lanes[0].cpu_us_per_s = spinner_us_per_s;
    timeline->lanes[2].of = LANE_REFERENCE;
}

static void its_own_lanes_are_stored(void **state)
{
    Scratch *scratch = *state;
    Store *store = opened(scratch);
    Result result;
    sample_compared(&result, 990000);
    result.baseline = x_strdup("key");
    sample_set(&result.exercises[0].first_todo, "non\033[1mblocking.c");
    result.exercises[0].todo = 3;
    assert_int_equal(store_add(store, "ada", &result, NULL, &scratch->fault), 0);
    Timeline own =
        stored_timeline(scratch, "SELECT timeline FROM exercise WHERE exercise LIKE 'ex1%'");
    assert_int_equal(own.n_lanes, 1);
    assert_string_equal(own.lanes[0].name, "your exercise 1");
    assert_int_equal(own.data_us, 500000);
    timeline_release(&own);
    assert_int_equal(scratch_number(scratch, "SELECT count(*) FROM exercise WHERE timeline IS NULL "
                                             "AND first_todo IS NULL AND todo = 0"),
                     1);
    char *text = scratch_text(scratch, "SELECT baseline || ' ' || first_todo || todo FROM "
                                       "submission JOIN exercise WHERE exercise LIKE 'ex1%'");
    assert_string_equal(text, "key non\\x1b[1mblocking.c3");
    free(text);
    result_release(&result);
    store_close(store);
}

static int kept_quality(Scratch *scratch, Store *store, double spinner_us_per_s)
{
    Result result;
    Timeline kept;
    StoreBaseline about;
    sample_compared(&result, spinner_us_per_s);
    assert_int_equal(store_add_baseline(store, "key", &result, &scratch->fault), 0);
    result_release(&result);
    assert_int_equal(
        store_baseline(store, "key", "ex1_nonblocking", &kept, &about, &scratch->fault), 1);
    assert_true(about.taken_s > 1700000000);
    int quality = (int)about.quality;
    assert_int_equal(kept.n_lanes, 2);
    assert_int_equal(kept.lanes[0].of, LANE_SPINNER);
    assert_int_equal(kept.lanes[1].of, LANE_REFERENCE);
    timeline_release(&kept);
    return quality;
}

/* What was measured on a busy machine gives way to what was on an idle one. The reference of
 * the sample reacts within 90 us. */
static void the_better_baseline_is_kept(void **state)
{
    Scratch *scratch = *state;
    Store *store = opened(scratch);
    Timeline none;
    StoreBaseline about;
    assert_int_equal(kept_quality(scratch, store, 400000), 398200);
    assert_int_equal(kept_quality(scratch, store, 300000), 398200);
    assert_int_equal(kept_quality(scratch, store, 990000), 988200);
    assert_int_equal(scratch_number(scratch, "SELECT count(*) FROM baseline"), 1);
    assert_int_equal(
        store_baseline(store, "another", "ex1_nonblocking", &none, &about, &scratch->fault), 0);
    assert_int_equal(none.n_lanes, 0);
    store_close(store);
}

/* --- a database of an older grader --- */

static void an_older_schema_is_migrated(void **state)
{
    Scratch *scratch = *state;
    sqlite3 *db = NULL;
    sqlite3_open(scratch->db, &db);
    assert_int_equal(sqlite3_exec(db, store_v1, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    assert_null(store_open_readonly(scratch->db, &scratch->fault));
    assert_says(&scratch->fault, "made by an older grader (schema 1)");
    Store *store = opened(scratch);
    assert_int_equal(number_in(store, "PRAGMA user_version"), 5);
    assert_int_equal(scratch_add(store, "new", 1, 200, NULL, &scratch->fault), 0);
    Seen seen = {""};
    assert_int_equal(store_scores(store, NULL, NULL, see, &seen, &scratch->fault), 0);
    assert_string_equal(seen.text, "new ex1 31/32 31/32 x1 200 200 #8\n"
                                   "new ex2 32/32 32/32 x1 200 200 #8\n"
                                   "old ex1 30/32 30/32 x1 100 100 #7\n");
    assert_int_equal(number_in(store, "SELECT count(*) FROM exercise WHERE submission = 7 AND "
                                      "timeline IS NULL AND first_todo IS NULL AND todo = 0"),
                     1);
    assert_int_equal(number_in(store, "SELECT baseline = '' FROM submission WHERE id = 7"), 1);
    assert_int_equal(number_in(store, "SELECT count(*) FROM pragma_integrity_check "
                                      "WHERE integrity_check = 'ok'"),
                     1);
    store_close(store);
    /* A new one and a migrated one are the same. */
    char *migrated = scratch_text(
        scratch, "SELECT group_concat(m.name || '.' || c.name || c.type || c.\"notnull\") FROM "
                 "sqlite_master m, pragma_table_info(m.name) c ORDER BY m.name, c.cid");
    unlink(scratch->db);
    store_close(opened(scratch));
    char *fresh = scratch_text(
        scratch, "SELECT group_concat(m.name || '.' || c.name || c.type || c.\"notnull\") FROM "
                 "sqlite_master m, pragma_table_info(m.name) c ORDER BY m.name, c.cid");
    assert_string_equal(migrated, fresh);
    assert_true(strlen(fresh) > 100);
    free(migrated);
    free(fresh);
}

/* --- what is not --- */

static void practice_is_never_stored(void **state)
{
    Scratch *scratch = *state;
    Store *store = opened(scratch);
    Result result;
    sample_result(&result);
    result.practice = true;
    assert_int_equal(store_add(store, "ada", &result, NULL, &scratch->fault), -1);
    assert_says(&scratch->fault, "--own");
    result_release(&result);
    assert_int_equal(scratch_number(scratch, "SELECT count(*) FROM submission"), 0);
    store_close(store);
}

/* --- names --- */

static void names_are_clean_bounded_and_never_empty(void **state)
{
    (void)state;
    static const struct {
        const char *name, *stored;
    } cases[] = {
        {"ada", "ada"},
        {"", "(no name)"},
        {NULL, "(no name)"},
        {" \t\n ", "(no name)"},
        {"  Ada \n\t Lovelace ", "Ada Lovelace"},
        {"\033[2Jada", "\\x1b[2Jada"},
        {"a\xff", "a\\xff"},
        {"Åsa 日本", "Åsa 日本"},
        {"a\u202eb", "a\\u{202e}b"},
        {"'); DROP TABLE best; --", "'); DROP TABLE best; --"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *stored = store_student(cases[i].name);
        assert_string_equal(stored, cases[i].stored);
        free(stored);
    }
    char exact[STORE_STUDENT_MOST + 1] = "", over[STORE_STUDENT_MOST + 2] = "";
    memset(exact, 'x', sizeof exact - 1);
    memset(over, 'x', sizeof over - 1);
    char *a = store_student(exact), *b = store_student(over);
    assert_string_equal(a, exact);
    assert_int_equal(strlen(b), STORE_STUDENT_MOST);
    over[STORE_STUDENT_MOST] = 'y';
    char *c = store_student(over);
    assert_string_not_equal(b, c);
    free(a);
    free(b);
    free(c);
    char *huge = x_calloc(1, 1000001);
    for (int i = 0; i < 1000000; i += 4)
        memcpy(huge + i, "\xf0\x9f\x90\x9f", 4);
    a = store_student(huge);
    assert_true(strlen(a) <= STORE_STUDENT_MOST && strlen(a) > STORE_STUDENT_MOST - 5);
    assert_null(strchr(a, '\\'));
    free(a);
    free(huge);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(durable_settings),
        TEST(a_submission_with_all_its_rows),
        TEST(traces_come_back_as_they_were),
        TEST(its_own_lanes_are_stored),
        TEST(the_better_baseline_is_kept),
        TEST(an_older_schema_is_migrated),
        TEST(practice_is_never_stored),
        TEST(names_are_clean_bounded_and_never_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
