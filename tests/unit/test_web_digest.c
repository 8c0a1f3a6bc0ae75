/* What is kept from the results, submission after submission: attempts, and what came of the
 * latest; and that the tables of a course from before `latest` come to the same. */
#include "web_scratch.h"

#include "digest.h"
#include "due.h"
#include "query.h"

static Fault fault;

/* One exercise handed in. `todo`: a step of the stub is left. */
static void hand_in(Scratch *scratch, const char *exercise, const char *status, int halves,
                    const char *todo)
{
    db_run(scratch->db, &fault,
           "INSERT INTO submission (student, folder, tree_hash, version, started_s, wall_us,"
           " halves, max_halves, observable_max_halves) VALUES ('ada', 'by-hand', '', '', 0, 0,"
           " 1, 40, 40)",
           "");
    db_run(scratch->db, &fault,
           "INSERT INTO exercise (submission, exercise, status, halves, max_halves,"
           " observable_max_halves, points, checks, compiler, error, build_us, run_us, wall_us,"
           " first_todo, stub) VALUES ((SELECT max(id) FROM submission), ?1, ?2, ?3, 40, 40, '{}',"
           " '[{\"id\":\"build\",\"title\":\"It builds\",\"status\":\"fail\"}]', '', '', 0, 0, 0,"
           " nullif(?4, ''), ?2 = 'graded' AND ?3 = 0 AND ?4 <> '')",
           "ssis", exercise, status, (int64_t)halves, todo);
    assert_string_equal(fault.text, "");
}

static void bring_up(Scratch *scratch)
{
    if (digest_bring_up(scratch->db, &fault))
        fail_msg("%s", fault.text);
}

static void is(Scratch *scratch, const char *exercise, const char *latest, int attempts,
               int full_at)
{
    if (db_number(scratch->db, 0,
                  "SELECT count(*) FROM web_attempts WHERE student = 'ada' AND exercise = ?"
                  " AND latest = ? AND attempts = ? AND full_at = ?",
                  "ssii", exercise, latest, (int64_t)attempts, (int64_t)full_at) != 1)
        fail_msg("%s: not %s after %d attempts, full at %d", exercise, latest, attempts, full_at);
}

static void hand_in_a_term(Scratch *scratch)
{
    hand_in(scratch, "ex1_nonblocking", "graded", 0, "nonblocking.c");
    hand_in(scratch, "ex1_nonblocking", "graded", 0, "nonblocking.c");
    hand_in(scratch, "ex1_nonblocking", "build_failed", 0, "nonblocking.c");
    hand_in(scratch, "ex1_nonblocking", "graded", 12, "nonblocking.c");
    hand_in(scratch, "ex1_nonblocking", "graded", 40, "");
    hand_in(scratch, "ex1_nonblocking", "graded", 0, "");
    hand_in(scratch, "ex1_nonblocking", "error", 0, "");
    hand_in(scratch, "ex2_event_loop", "graded", 0, "event_loop.c");
    hand_in(scratch, "ex3_echo_server", "missing", 0, "");
}

static void is_that_term(Scratch *scratch)
{
    is(scratch, "ex1_nonblocking", "graded", 4, 3);
    is(scratch, "ex2_event_loop", "stub", 0, 0);
    assert_int_equal(db_number(scratch->db, -1, "SELECT count(*) FROM web_attempts", ""), 2);
}

static void each_as_it_comes(void **state)
{
    Scratch *scratch = *state;
    hand_in(scratch, "ex1_nonblocking", "graded", 0, "nonblocking.c");
    bring_up(scratch);
    is(scratch, "ex1_nonblocking", "stub", 0, 0);
    /* A step is left in it, and it was worked on: it does not compile any more. */
    hand_in(scratch, "ex1_nonblocking", "build_failed", 0, "nonblocking.c");
    bring_up(scratch);
    is(scratch, "ex1_nonblocking", "build_failed", 1, 0);
    hand_in(scratch, "ex1_nonblocking", "graded", 40, "");
    bring_up(scratch);
    is(scratch, "ex1_nonblocking", "graded", 2, 2);
}

static void all_at_once(void **state)
{
    hand_in_a_term(*state);
    bring_up(*state);
    is_that_term(*state);
}

/* The server's tables as version 7 made them, with nothing in them. */
static void go_back(Scratch *scratch)
{
    enum { BEFORE_LATEST = 7 };
    char drops[4096] = "PRAGMA foreign_keys = OFF;";
    sqlite3_stmt *row = db_ask(scratch->db, &fault,
                               "SELECT 'DROP ' || type || ' ' || name || ';' FROM sqlite_schema"
                               " WHERE name GLOB 'web_*' AND type IN ('trigger', 'table')"
                               " ORDER BY type DESC",
                               "");
    while (db_row(row))
        strncat(drops, db_column(row, 0), sizeof drops - strlen(drops) - 1);
    if (db_script(scratch->db, drops, &fault) || web_schema_to(scratch->db, BEFORE_LATEST, &fault))
        fail_msg("%s", fault.text);
}

static void the_older_tables_come_to_the_same(void **state)
{
    Scratch *scratch = *state;
    go_back(scratch);
    hand_in_a_term(scratch);
    db_script(scratch->db,
              "INSERT INTO web_attempts VALUES ('ada', 'ex1_nonblocking', 6, 5),"
              "  ('ada', 'ex2_event_loop', 1, 0);"
              "INSERT INTO web_setting VALUES ('digest', 9)",
              &fault);
    /* What is not taken in yet is not counted twice. */
    hand_in(scratch, "ex2_event_loop", "graded", 6, "event_loop.c");
    if (web_schema_ready(scratch->db, &fault))
        fail_msg("%s", fault.text);
    is_that_term(scratch);
    bring_up(scratch);
    is(scratch, "ex2_event_loop", "graded", 1, 0);
}

/* Its folder is not in the newest push; what was never handed in is not missing. */
static void a_folder_that_is_gone(void **state)
{
    Scratch *scratch = *state;
    hand_in(scratch, "ex1_nonblocking", "graded", 12, "");
    hand_in(scratch, "ex1_nonblocking", "missing", 0, "");
    hand_in(scratch, "ex2_event_loop", "missing", 0, "");
    bring_up(scratch);
    is(scratch, "ex1_nonblocking", "missing", 1, 0);
    assert_int_equal(db_number(scratch->db, -1, "SELECT count(*) FROM web_attempts", ""), 1);
}

/* The same push once more is no other attempt; a later push of the same tree is. */
static void graded_again(void **state)
{
    Scratch *scratch = *state;
    hand_in(scratch, "ex1_nonblocking", "graded", 12, "");
    hand_in(scratch, "ex1_nonblocking", "graded", 40, "");
    db_run(scratch->db, &fault, "UPDATE submission SET submitted_s = 1000", "");
    bring_up(scratch);
    is(scratch, "ex1_nonblocking", "graded", 1, 1);
    hand_in(scratch, "ex1_nonblocking", "graded", 12, "");
    db_run(scratch->db, &fault, "UPDATE submission SET submitted_s = 2000 WHERE id = 3", "");
    bring_up(scratch);
    is(scratch, "ex1_nonblocking", "graded", 2, 1);
}

static void a_class_of_ada(Scratch *scratch)
{
    course_set(scratch->db, "exercises",
               "{\"exercises\":[{\"id\":\"ex1_nonblocking\",\"title\":\"\",\"max_score\":20},"
               "{\"id\":\"ex2_event_loop\",\"title\":\"\",\"max_score\":20},"
               "{\"id\":\"ex3_echo_server\",\"title\":\"\",\"max_score\":35},"
               "{\"id\":\"ex4_reactor\",\"title\":\"\",\"max_score\":25}]}",
               &fault);
    db_run(scratch->db, &fault,
           "INSERT INTO web_person (id, name, role, created_s) VALUES (1, 'ada', 'student', 0)",
           "");
}

static const ClassCell *adas_cells(Scratch *scratch, Query *query)
{
    ClassPage page;
    Person viewer = {.role = ROLE_INSTRUCTOR, .name = "grace"};
    query_init(query, &scratch->course, scratch->db, &viewer);
    if (query_class(query, "", false, "", "", false, &page))
        fail_msg("%s", query->fault.text);
    return page.rows[0].cells;
}

/* Graded at 200 s, what was pushed at 100 s: a queue makes nobody late. */
static void late_is_who_pushed_late(void **state)
{
    Scratch *scratch = *state;
    Query query;
    static const struct {
        int64_t due_s, own_s; /* 0: none */
        bool late;
    } cases[] = {{0, 0, false},    {99, 0, true},   {100, 0, false}, {250, 0, false},
                 {99, 100, false}, {150, 99, true}, {0, 99, true}};
    a_class_of_ada(scratch);
    hand_in(scratch, "ex1_nonblocking", "graded", 12, "");
    db_script(scratch->db,
              "UPDATE submission SET started_s = 200, submitted_s = 100;"
              "INSERT INTO best VALUES ('ada', 'ex1_nonblocking', 1, 12, 40, 200, 12, 40, 200, 1)",
              &fault);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        due_set(scratch->db, 0, "ex1_nonblocking", cases[i].due_s, &fault);
        due_set(scratch->db, 1, "ex1_nonblocking", cases[i].own_s, &fault);
        if (adas_cells(scratch, &query)[0].late != cases[i].late)
            fail_msg("case %zu", i);
        query_release(&query);
    }
    assert_string_equal(fault.text, "");
}

static void the_class_sees_three_kinds_of_nothing(void **state)
{
    Scratch *scratch = *state;
    Query query;
    a_class_of_ada(scratch);
    hand_in(scratch, "ex1_nonblocking", "graded", 0, "");
    hand_in(scratch, "ex2_event_loop", "graded", 0, "event_loop.c");
    hand_in(scratch, "ex3_echo_server", "build_failed", 0, "");
    db_script(scratch->db,
              "INSERT INTO best SELECT 'ada', value, 1, 0, 40, 0, 0, 40, 0, 1 FROM json_each("
              "'[\"ex1_nonblocking\",\"ex2_event_loop\",\"ex3_echo_server\"]')",
              &fault);
    bring_up(scratch);
    const ClassCell *cells = adas_cells(scratch, &query);
    assert_int_equal(cells[0].latest, CAME_GRADED);
    assert_int_equal(cells[1].latest, CAME_STUB);
    assert_int_equal(cells[2].latest, CAME_BUILD_FAILED);
    assert_false(cells[3].tried);
    query_release(&query);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(each_as_it_comes),
        SCRATCH_TEST(all_at_once),
        SCRATCH_TEST(the_older_tables_come_to_the_same),
        SCRATCH_TEST(a_folder_that_is_gone),
        SCRATCH_TEST(graded_again),
        SCRATCH_TEST(late_is_who_pushed_late),
        SCRATCH_TEST(the_class_sees_three_kinds_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
