/* The store on a disk, a lock, a file that is not as it should be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch_store.h"

static void a_full_disk(void **state)
{
    Scratch *scratch = *state;
    Store *store = opened(scratch);
    assert_int_equal(scratch_add(store, "ada", 0, 1, NULL, &scratch->fault), 0);
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA max_page_count=%lld",
             (long long)number_in(store, "PRAGMA page_count") + 1);
    number_in(store, sql);
    int added = 1, status = 0;
    while (added < 100 && (status = scratch_add(store, "bob", 0, 2, NULL, &scratch->fault)) == 0)
        added++;
    assert_int_equal(status, -1);
    assert_says(&scratch->fault, "the disk is full; nothing was stored");
    assert_says(&scratch->fault, scratch->db);
    assert_int_equal(number_in(store, "SELECT count(*) FROM submission"), added);
    assert_int_equal(number_in(store, "SELECT count(*) FROM exercise"), 2 * added);
    assert_int_equal(number_in(store, "SELECT sum(attempts) FROM best"), 2 * added);
    number_in(store, "PRAGMA max_page_count=1000000");
    assert_int_equal(scratch_add(store, "bob", 0, 3, NULL, &scratch->fault), 0);
    store_close(store);
    assert_int_equal(scratch_number(scratch, "SELECT count(*) FROM submission"), added + 1);
}

static void a_lock_that_is_not_given_back(void **state)
{
    Scratch *scratch = *state;
    store_set_patience(60);
    Store *store = opened(scratch);
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(scratch->db, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(scratch_add(store, "ada", 0, 1, NULL, &scratch->fault), -1);
    assert_says(&scratch->fault, "another program holds the database; nothing was stored");
    /* Readers are not held up. */
    Store *reader = store_open_readonly(scratch->db, &scratch->fault);
    assert_non_null(reader);
    store_close(reader);
    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
    assert_int_equal(scratch_add(store, "ada", 0, 1, NULL, &scratch->fault), 0);
    sqlite3_close(other);
    store_close(store);
    assert_int_equal(scratch_number(scratch, "SELECT count(*) FROM submission"), 1);
}

static void a_lock_while_opening(void **state)
{
    Scratch *scratch = *state;
    store_set_patience(60);
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(scratch->db, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_null(store_open(scratch->db, &scratch->fault));
    assert_says(&scratch->fault, "another program holds the database");
    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(other);
    store_close(opened(scratch));
}

static void write_file(const char *path, const char *bytes, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

static void garbage_is_no_database(void **state)
{
    Scratch *scratch = *state;
    char garbage[8192];
    for (size_t i = 0; i < sizeof garbage; i++)
        garbage[i] = (char)(i * 7 + i / 256);
    write_file(scratch->db, garbage, sizeof garbage);
    assert_null(store_open(scratch->db, &scratch->fault));
    assert_says(&scratch->fault, "not a database, or a damaged one");
    assert_null(store_open_readonly(scratch->db, &scratch->fault));
    assert_says(&scratch->fault, "not a database, or a damaged one");
    char back[8192];
    FILE *file = fopen(scratch->db, "r");
    assert_int_equal(fread(back, 1, sizeof back, file), sizeof back);
    fclose(file);
    assert_memory_equal(back, garbage, sizeof back);
}

/* An empty file is what mktemp leaves: as good as none. */
static void an_empty_file_is_a_new_database(void **state)
{
    Scratch *scratch = *state;
    write_file(scratch->db, "", 0);
    assert_null(store_open_readonly(scratch->db, &scratch->fault));
    assert_says(&scratch->fault, "no results are stored");
    store_close(opened(scratch));
}

static void fill(Scratch *scratch, int submissions)
{
    Store *store = opened(scratch);
    for (int i = 0; i < submissions; i++) {
        char name[32];
        snprintf(name, sizeof name, "student %d", i);
        assert_int_equal(scratch_add(store, name, i % 7, i, NULL, &scratch->fault), 0);
    }
    store_close(store);
}

/* Cut at any place: a Fault or, where what is left holds together, no crash;
 * and never a store that says it has stored what is not there. */
static void a_truncated_database(void **state)
{
    Scratch *scratch = *state;
    fill(scratch, 40);
    struct stat info;
    assert_int_equal(stat(scratch->db, &info), 0);
    int faults = 0;
    for (off_t len = info.st_size - 100; len > 0; len -= len > 8192 ? 7001 : 997) {
        assert_int_equal(truncate(scratch->db, len), 0);
        scratch->fault = (Fault){""};
        Store *store = store_open(scratch->db, &scratch->fault);
        Seen seen = {""};
        int status = store ? scratch_add(store, "eve", 0, 1, NULL, &scratch->fault) : -1;
        if (status == 0)
            status = store_scores(store, NULL, NULL, see, &seen, &scratch->fault);
        store_close(store);
        if (status) {
            faults++;
            if (!strstr(scratch->fault.text, "damaged"))
                assert_says(&scratch->fault, "not a database");
        }
        char *log = x_printf("%s-wal", scratch->db);
        unlink(log);
        free(log);
    }
    assert_true(faults > 10);
}

static void a_damaged_page(void **state)
{
    Scratch *scratch = *state;
    fill(scratch, 200);
    int64_t page = scratch_number(
        scratch, "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = 'best'");
    int64_t size = scratch_number(scratch, "PRAGMA page_size");
    FILE *file = fopen(scratch->db, "r+");
    assert_int_equal(fseek(file, (long)((page - 1) * size), SEEK_SET), 0);
    for (int i = 0; i < 512; i++)
        fputc(0xa5, file);
    fclose(file);
    Store *store = opened(scratch);
    Seen seen = {""};
    assert_int_equal(store_scores(store, NULL, NULL, see, &seen, &scratch->fault), -1);
    assert_says(&scratch->fault, "the database is damaged");
    assert_int_equal(scratch_add(store, "eve", 0, 1, NULL, &scratch->fault), -1);
    assert_says(&scratch->fault, "the database is damaged; nothing was stored");
    assert_int_equal(number_in(store, "SELECT count(*) FROM submission"), 200);
    store_close(store);
}

static void points_that_are_none(void **state)
{
    Scratch *scratch = *state;
    fill(scratch, 1);
    scratch_number(scratch, "UPDATE exercise SET points = '[1]' RETURNING 1");
    Store *store = store_open_readonly(scratch->db, &scratch->fault);
    CourseRules none;
    course_rules_init(&none);
    Seen seen = {""};
    assert_int_equal(store_scores(store, &none, NULL, see, &seen, &scratch->fault), -1);
    assert_says(&scratch->fault, "the database is damaged");
    store_close(store);
}

static void anothers_database_is_left_alone(void **state)
{
    Scratch *scratch = *state;
    scratch_number(scratch, "CREATE TABLE bookmarks (url TEXT)");
    assert_null(store_open(scratch->db, &scratch->fault));
    assert_says(&scratch->fault, "another program");
    assert_int_equal(scratch_number(scratch, "SELECT count(*) FROM sqlite_master"), 1);
    char *mode = scratch_text(scratch, "PRAGMA journal_mode");
    assert_string_equal(mode, "delete");
    free(mode);
}

static void a_newer_schema(void **state)
{
    Scratch *scratch = *state;
    fill(scratch, 1);
    scratch_number(scratch, "PRAGMA user_version=7");
    assert_null(store_open(scratch->db, &scratch->fault));
    assert_says(&scratch->fault, "made by a newer grader (schema 7, this one knows up to 5)");
    assert_null(store_open_readonly(scratch->db, &scratch->fault));
    assert_says(&scratch->fault, "made by a newer grader");
    assert_int_equal(scratch_number(scratch, "SELECT count(*) FROM submission"), 1);
}

static void places_that_are_none(void **state)
{
    Scratch *scratch = *state;
    assert_null(store_open("", &scratch->fault));
    assert_says(&scratch->fault, "no name");
    assert_null(store_open(scratch->folder, &scratch->fault));
    assert_says(&scratch->fault, scratch->folder);
    char *path = x_printf("%s/not/there.db", scratch->folder);
    assert_null(store_open(path, &scratch->fault));
    assert_says(&scratch->fault, "can't be opened; nothing was stored");
    assert_null(store_open_readonly(path, &scratch->fault));
    assert_says(&scratch->fault, "No such file");
    free(path);
}

/* Names that mean something to SQLite are files like any other. */
static void names_that_sqlite_reads_otherwise(void **state)
{
    Scratch *scratch = *state;
    char *before = getcwd(NULL, 0);
    assert_int_equal(chdir(scratch->folder), 0);
    static const char *const names[] = {":memory:", "file:x?mode=memory", "a b%20?c#d.db"};
    for (int i = 0; i < 3; i++) {
        Store *store = store_open(names[i], &scratch->fault);
        assert_non_null(store);
        assert_int_equal(scratch_add(store, "ada", 0, 1, NULL, &scratch->fault), 0);
        store_close(store);
        assert_int_equal(access(names[i], R_OK), 0);
    }
    assert_int_equal(chdir(before), 0);
    free(before);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_set_up, scratch_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_full_disk),
        TEST(a_lock_that_is_not_given_back),
        TEST(a_lock_while_opening),
        TEST(garbage_is_no_database),
        TEST(an_empty_file_is_a_new_database),
        TEST(a_truncated_database),
        TEST(a_damaged_page),
        TEST(points_that_are_none),
        TEST(anothers_database_is_left_alone),
        TEST(a_newer_schema),
        TEST(places_that_are_none),
        TEST(names_that_sqlite_reads_otherwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
