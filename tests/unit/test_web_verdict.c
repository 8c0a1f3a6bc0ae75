/* What a push reads at its end: points, what counts, and where to go on. */
#include "web_scratch.h"

#include "due.h"
#include "verdict.h"

static Fault fault;
static Buf text;

/* The submission 1 of ada, pushed at 5,000 s, and her best in all. */
static void submission(Scratch *scratch, int halves)
{
    db_run(scratch->db, &fault,
           "INSERT INTO web_person (id, name, role, created_s) VALUES (1, 'ada', 'student', 0)",
           "");
    db_run(scratch->db, &fault,
           "INSERT INTO submission (student, folder, tree_hash, version, started_s, wall_us,"
           " halves, max_halves, observable_max_halves, submitted_s) VALUES ('ada', 'by-hand', '',"
           " '', 9000, 0, ?, 80, 80, 5000)",
           "i", (int64_t)halves);
    assert_string_equal(fault.text, "");
}

static void exercise(Scratch *scratch, const char *id, const char *status, const char *checks,
                     const char *key, int todo)
{
    db_run(scratch->db, &fault,
           "INSERT INTO exercise (submission, exercise, status, halves, max_halves,"
           " observable_max_halves, points, checks, compiler, error, build_us, run_us, wall_us,"
           " first_todo, todo, stub, key_check)"
           " VALUES (1, ?1, ?2, 0, 40, 40, '{}', ?3, '', '', 0, 0, 0, iif(?5, 'loop.c', NULL), ?5,"
           " ?5 > 0, nullif(?4, ''))",
           "ssssi", id, status, checks, key, (int64_t)todo);
    assert_string_equal(fault.text, "");
}

static void says(Scratch *scratch, const char *expected)
{
    Job job = {.person = 1, .submission = 1};
    strcpy(job.name, "ada");
    buf_init(&text, 16384);
    verdict_text(scratch->db, &job, true, &text);
    if (!strstr(text.data, expected))
        fail_msg("not \"%s\" in: %s", expected, text.data);
    buf_release(&text);
}

static const char two_checks[] =
    "[{\"id\":\"build\",\"title\":\"It builds\",\"status\":\"fail\",\"message\":\"a warning\","
    "\"evidence\":[]},"
    "{\"id\":\"asleep\",\"title\":\"It sleeps\",\"status\":\"fail\",\"message\":\"it does not\\nat "
    "all\",\"evidence\":[{\"file\":null,\"line\":null},{\"file\":\"loop.c\",\"line\":31}]}]";

static void the_key_check_and_its_line(void **state)
{
    submission(*state, 20);
    exercise(*state, "ex2_event_loop", "graded", two_checks, "asleep", 0);
    says(*state, "Next: ex2_event_loop, \"It sleeps\" (loop.c:31): it does not\n");
}

/* As of what was stored before there was a key check. */
static void the_first_that_fails(void **state)
{
    submission(*state, 20);
    exercise(*state, "ex2_event_loop", "graded", two_checks, "", 0);
    says(*state, "Next: ex2_event_loop, \"It builds\": a warning\n");
}

static void a_stub_before_what_fails_later(void **state)
{
    submission(*state, 20);
    exercise(*state, "ex2_event_loop", "graded", two_checks, "asleep", 3);
    exercise(*state, "ex3_echo_server", "graded", two_checks, "asleep", 0);
    says(*state, "Next: ex2_event_loop: TODO 3 in loop.c.\n");
    says(*state, "  ex2_event_loop         0 of 20   is still the stub\n"
                 "  ex3_echo_server        0 of 20\n");
}

static void what_is_missing(void **state)
{
    submission(*state, 20);
    exercise(*state, "ex1_nonblocking", "graded", "[]", "", 0);
    exercise(*state, "ex2_event_loop", "missing", "[]", "", 0);
    says(*state, "Next: ex2_event_loop: hand in its folder.\n");
}

static void nothing_was_found(void **state)
{
    submission(*state, 0);
    exercise(*state, "ex1_nonblocking", "missing", "[]", "", 0);
    says(*state, "No exercise's folder was found");
}

static void what_counts(void **state)
{
    Scratch *scratch = *state;
    submission(scratch, 20);
    exercise(scratch, "ex1_nonblocking", "graded", "[]", "", 0);
    db_run(scratch->db, &fault,
           "INSERT INTO best VALUES ('ada', 'ex1_nonblocking', 1, 37, 40, 0, 20, 40, 0, 2)", "");
    due_set(scratch->db, 0, "ex1_nonblocking", 4999, &fault);
    says(scratch, "Your best of each exercise counts: 18.5 in all.\n"
                  "Pushed after the due date of ex1_nonblocking.\n");
    due_set(scratch->db, 1, "ex1_nonblocking", 5000, &fault); /* more time for ada */
    Job job = {.person = 1, .submission = 1, .name = "ada"};
    buf_init(&text, 16384);
    verdict_text(scratch->db, &job, false, &text);
    assert_null(strstr(text.data, "due date"));
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(the_key_check_and_its_line),
        SCRATCH_TEST(the_first_that_fails),
        SCRATCH_TEST(a_stub_before_what_fails_later),
        SCRATCH_TEST(what_is_missing),
        SCRATCH_TEST(nothing_was_found),
        SCRATCH_TEST(what_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
