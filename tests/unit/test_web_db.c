/* Statements kept and let go. */
#include "web_scratch.h"

enum { MANY = DB_KEPT_MOST + 20 };

static void nothing_is_done(void **state)
{
    Scratch *scratch = *state;
    Fault fault = {""};
    sqlite3_stmt *row = db_ask(scratch->db, &fault, "SELECT nonsense FROM nowhere", "");
    assert_null(row);
    assert_false(db_row(row));
    db_done(row);
}

/* A connection of a page or command that asks more than there are places for. */
static void more_statements_than_places(void **state)
{
    Scratch *scratch = *state;
    static char texts[MANY][32];
    Fault fault = {""};
    sqlite3_stmt *first = db_ask(scratch->db, &fault, "VALUES (1), (2), (3)", "");
    assert_true(db_row(first));
    for (int i = 0; i < 2 * MANY; i++) {
        snprintf(texts[i % MANY], sizeof texts[0], "SELECT %d", i % MANY);
        assert_int_equal(db_number(scratch->db, -1, texts[i % MANY], ""), i % MANY);
    }
    /* One that is being stepped keeps its place. */
    assert_true(db_row(first));
    assert_string_equal(db_column(first, 0), "2");
    db_done(first);
    assert_int_equal(scratch->db->n_kept, DB_KEPT_MOST);
}

/* What can't be written to the end is no copy, also where it is nobody's fault for long. */
static void a_copy_is_whole(void **state)
{
    Scratch *scratch = *state;
    Fault fault = {""};
    sqlite3 *other;
    char *file = x_printf("%s/copy.db", scratch->dir);
    assert_int_equal(db_copy(scratch->db, file, &fault), 0);
    assert_int_equal(sqlite3_open(file, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "SELECT * FROM web_person", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(db_copy(scratch->db, file, &fault), -1);
    assert_non_null(strstr(fault.text, "locked"));
    sqlite3_close(other);
    free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(nothing_is_done),
        SCRATCH_TEST(more_statements_than_places),
        SCRATCH_TEST(a_copy_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
