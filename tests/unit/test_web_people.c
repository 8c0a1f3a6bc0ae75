/* Names, tokens, links, sessions, rights, and how often one may try. */
#include "web_scratch.h"

#include "due.h"
#include "people.h"

static Fault fault;

static Person make(Scratch *scratch, const char *name, const char *section)
{
    Person person;
    assert_int_equal(db_run(scratch->db, &fault,
                            "INSERT INTO web_person (name, role, section, created_s)"
                            " VALUES (?, 'student', ?, 0)",
                            "ss", name, section),
                     0);
    assert_true(person_find(scratch->db, name, &person));
    return person;
}

static void names(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "Ada-1", "x_y.z", "0"};
    static const char *const bad[] = {"",
                                      ".x",
                                      "-x",
                                      "a/b",
                                      "a b",
                                      "a.git",
                                      "a.GIT",
                                      "a..b",
                                      "x.",
                                      "a.lock",
                                      "\xc3\xa4",
                                      "a\n",
                                      "a123456789012345678901234567890123456789"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(name_valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (name_valid(bad[i]))
            fail_msg("\"%s\" was taken", bad[i]);
}

static void tokens(void **state)
{
    Scratch *scratch = *state;
    char first[SECRET_TEXT], second[SECRET_TEXT], session[SECRET_TEXT], as[NAME_BYTES];
    Person ada = make(scratch, "ada", ""), found;
    assert_false(token_check(scratch->db, "ada", "", &found));
    assert_int_equal(token_renew(scratch->db, &ada, first, &fault), 0);
    assert_int_equal(strlen(first), 64);
    assert_true(token_check(scratch->db, "ADA", first, &found));
    assert_int_equal(found.id, ada.id);
    assert_false(token_check(scratch->db, "eve", first, &found));
    assert_int_equal(session_make(scratch->db, &ada, session, &fault), 0);
    assert_int_equal(token_renew(scratch->db, &ada, second, &fault), 0);
    assert_string_not_equal(first, second);
    assert_false(token_check(scratch->db, "ada", first, &found));
    assert_true(token_check(scratch->db, "ada", second, &found));
    assert_false(session_check(scratch->db, session, &found, as));
    /* Nothing that signs in is stored as it is. */
    assert_int_equal(db_number(scratch->db, -1,
                               "SELECT count(*) FROM web_person WHERE instr(token, ?) > 0", "s",
                               second),
                     0);
}

static void links(void **state)
{
    Scratch *scratch = *state;
    char link[SECRET_TEXT], old[SECRET_TEXT];
    Person ada = make(scratch, "ada", ""), found;
    assert_int_equal(link_make(scratch->db, &ada, 60, link, &fault), 0);
    assert_true(link_check(scratch->db, link, false, &found));
    assert_true(link_check(scratch->db, link, false, &found));
    assert_true(link_check(scratch->db, link, true, &found));
    assert_int_equal(found.id, ada.id);
    assert_false(link_check(scratch->db, link, true, &found));
    assert_false(link_check(scratch->db, link, false, &found));
    assert_int_equal(link_make(scratch->db, &ada, -1, old, &fault), 0);
    assert_false(link_check(scratch->db, old, true, &found));
    assert_false(link_check(scratch->db, "", true, &found));
}

static void sessions(void **state)
{
    Scratch *scratch = *state;
    char id[SECRET_TEXT], as[NAME_BYTES];
    Person ada = make(scratch, "ada", ""), found;
    assert_int_equal(session_make(scratch->db, &ada, id, &fault), 0);
    assert_true(session_check(scratch->db, id, &found, as));
    assert_string_equal(as, "");
    assert_int_equal(session_view_as(scratch->db, id, "bob", &fault), 0);
    assert_true(session_check(scratch->db, id, &found, as));
    assert_string_equal(as, "bob");
    db_run(scratch->db, &fault, "UPDATE web_session SET expires_s = ?", "i", now_s() - 1);
    assert_false(session_check(scratch->db, id, &found, as));
    char link[SECRET_TEXT];
    assert_int_equal(link_make(scratch->db, &ada, -LINK_S, link, &fault), 0);
    assert_int_equal(session_make(scratch->db, &ada, id, &fault), 0);
    assert_int_equal(db_number(scratch->db, -1, "SELECT count(*) FROM web_session", ""), 1);
    assert_int_equal(db_number(scratch->db, -1, "SELECT count(*) FROM web_link", ""), 0);
    session_end(scratch->db, id);
    assert_false(session_check(scratch->db, id, &found, as));
}

/* Whoever signs in without end fills nothing; others' sessions are not theirs to end. */
static void the_newest_sessions_stay(void **state)
{
    Scratch *scratch = *state;
    char first[SECRET_TEXT], id[SECRET_TEXT], other[SECRET_TEXT], as[NAME_BYTES];
    Person ada = make(scratch, "ada", ""), bob = make(scratch, "bob", ""), found;
    assert_int_equal(session_make(scratch->db, &bob, other, &fault), 0);
    assert_int_equal(session_make(scratch->db, &ada, first, &fault), 0);
    db_run(scratch->db, &fault, "UPDATE web_session SET expires_s = expires_s - 1", "");
    for (int i = 1; i < SESSIONS_MOST; i++)
        assert_int_equal(session_make(scratch->db, &ada, id, &fault), 0);
    assert_true(session_check(scratch->db, first, &found, as));
    assert_int_equal(session_make(scratch->db, &ada, id, &fault), 0);
    assert_false(session_check(scratch->db, first, &found, as));
    assert_true(session_check(scratch->db, id, &found, as));
    assert_true(session_check(scratch->db, other, &found, as));
    assert_int_equal(db_number(scratch->db, -1, "SELECT count(*) FROM web_session", ""),
                     SESSIONS_MOST + 1);
}

/* How SQLite goes about it: "SCAN" is to look at every row. */
static void assert_no_scan(Scratch *scratch, const char *question)
{
    sqlite3_stmt *row = db_ask(scratch->db, &fault, question, "");
    assert_non_null(row);
    while (db_row(row))
        if (strncmp(db_column(row, 3), "SCAN", 4) == 0)
            fail_msg("%s: %s", question, db_column(row, 3));
}

static void who_signs_in_waits_for_no_scan(void **state)
{
    assert_no_scan(*state, "EXPLAIN QUERY PLAN DELETE FROM web_session WHERE expires_s <= 1");
    assert_no_scan(*state, "EXPLAIN QUERY PLAN DELETE FROM web_link WHERE expires_s <= 1");
}

static void rights(void **state)
{
    Scratch *scratch = *state;
    Person ada = make(scratch, "ada", "Mon"), bob = make(scratch, "bob", "Tue"), none, ta, all,
           boss;
    none = make(scratch, "cy", "");
    assert_int_equal(staff_add(scratch->db, "ta", ROLE_TA, "Mon\nWed", NULL, &fault), 0);
    assert_int_equal(staff_add(scratch->db, "all", ROLE_TA, "", NULL, &fault), 0);
    assert_int_equal(staff_add(scratch->db, "boss", ROLE_INSTRUCTOR, "", NULL, &fault), 0);
    assert_int_equal(staff_add(scratch->db, "ada", ROLE_TA, "", NULL, &fault), -1);
    person_find(scratch->db, "ta", &ta);
    person_find(scratch->db, "all", &all);
    person_find(scratch->db, "boss", &boss);
    assert_true(person_may_see(&ada, &ada));
    assert_false(person_may_see(&ada, &bob));
    assert_true(person_may_see(&ta, &ada));
    assert_false(person_may_see(&ta, &bob));
    assert_false(person_may_see(&ta, &none));
    assert_true(person_may_see(&all, &none));
    assert_true(person_may_see(&boss, &bob));
    Person nobody = {.role = ROLE_NONE};
    assert_false(person_may_see(&nobody, &ada));
}

static void staff_comes_and_goes(void **state)
{
    Scratch *scratch = *state;
    Person tim, ada = make(scratch, "ada", "Mon"), bob = make(scratch, "bob", "Tue");
    char secret[SECRET_TEXT];
    assert_int_equal(staff_add(scratch->db, "tim", ROLE_TA, "Mon", "tim@x.org", &fault), 0);
    assert_int_equal(staff_add(scratch->db, "tim", ROLE_TA, NULL, NULL, &fault), 0);
    assert_true(person_find(scratch->db, "tim", &tim));
    assert_true(person_may_see(&tim, &ada));
    assert_false(person_may_see(&tim, &bob)); /* what was not said again stays */
    assert_int_equal(session_make(scratch->db, &tim, secret, &fault), 0);
    assert_int_equal(staff_remove(scratch->db, "ada", &fault), -1);
    assert_int_equal(staff_remove(scratch->db, "nobody", &fault), -1);
    assert_int_equal(staff_remove(scratch->db, "tim", &fault), 0);
    assert_false(person_find(scratch->db, "tim", &tim));
    assert_int_equal(db_number(scratch->db, -1, "SELECT count(*) FROM web_session", ""), 0);
    /* One that pushed: the name stays, and sees nobody. */
    assert_int_equal(staff_add(scratch->db, "sue", ROLE_INSTRUCTOR, NULL, NULL, &fault), 0);
    assert_true(person_find(scratch->db, "sue", &tim));
    assert_int_equal(db_run(scratch->db, &fault,
                            "INSERT INTO web_job (person, hash, state, pushed_ms)"
                            " VALUES (?, 'a', 'done', 1)",
                            "i", tim.id),
                     0);
    assert_int_equal(staff_remove(scratch->db, "sue", &fault), 0);
    assert_true(person_find(scratch->db, "sue", &tim));
    assert_false(person_may_see(&tim, &ada));
}

static void who_has_left_has_no_way_in(void **state)
{
    Scratch *scratch = *state;
    char token[SECRET_TEXT], link[SECRET_TEXT], session[SECRET_TEXT], as[NAME_BYTES];
    Person ada = make(scratch, "ada", "Monday"), found;
    assert_int_equal(token_renew(scratch->db, &ada, token, &fault), 0);
    assert_int_equal(link_make(scratch->db, &ada, 60, link, &fault), 0);
    assert_int_equal(session_make(scratch->db, &ada, session, &fault), 0);
    assert_int_equal(student_leave(scratch->db, "ADA", &fault), 0);
    assert_false(token_check(scratch->db, "ada", token, &found));
    assert_false(link_check(scratch->db, link, true, &found));
    assert_false(session_check(scratch->db, session, &found, as));
    assert_true(person_find(scratch->db, "ada", &found));
    assert_int_equal(found.role, ROLE_NONE);
    assert_int_equal(student_leave(scratch->db, "ada", &fault), -1);
    assert_int_equal(student_leave(scratch->db, "nobody", &fault), -1);
    /* The name is not free for others, and a token made all the same is none. */
    assert_int_equal(staff_add(scratch->db, "ada", ROLE_TA, NULL, NULL, &fault), -1);
    assert_int_equal(token_renew(scratch->db, &ada, token, &fault), 0);
    assert_false(token_check(scratch->db, "ada", token, &found));
    assert_int_equal(student_return(scratch->db, "ada", &fault), 0);
    assert_int_equal(student_return(scratch->db, "ada", &fault), -1);
    assert_true(person_find(scratch->db, "ada", &found));
    assert_int_equal(found.role, ROLE_STUDENT);
    assert_string_equal(found.section, "Monday");
}

static void when_it_is_due(void **state)
{
    Scratch *scratch = *state;
    Person ada = make(scratch, "ada", ""), bob = make(scratch, "bob", "");
    assert_false(due_any(scratch->db));
    assert_int_equal(due_of(scratch->db, ada.id, "ex1"), 0);
    assert_int_equal(due_set(scratch->db, 0, "ex1", 100, &fault), 0);
    assert_int_equal(due_set(scratch->db, ada.id, "ex1", 200, &fault), 0);
    assert_true(due_any(scratch->db));
    assert_int_equal(due_of(scratch->db, 0, "ex1"), 100);
    assert_int_equal(due_of(scratch->db, ada.id, "ex1"), 200);
    assert_int_equal(due_of(scratch->db, bob.id, "ex1"), 100);
    assert_int_equal(due_of(scratch->db, bob.id, "ex2"), 0);
    assert_int_equal(due_set(scratch->db, ada.id, "ex1", 50, &fault), 0); /* earlier, too */
    assert_int_equal(due_of(scratch->db, ada.id, "ex1"), 50);
    assert_int_equal(due_set(scratch->db, ada.id, "ex1", 0, &fault), 0);
    assert_int_equal(due_of(scratch->db, ada.id, "ex1"), 100);
    assert_int_equal(due_set(scratch->db, 0, "ex1", 0, &fault), 0);
    assert_false(due_any(scratch->db));
    /* By number or id, and nothing else. */
    assert_int_equal(course_set(scratch->db, "exercises",
                                "{\"exercises\":[{\"id\":\"ex1_a\"},{\"id\":\"ex12_b\"}]}", &fault),
                     0);
    static const char *const asked[][2] = {{"1", "ex1_a"}, {"12", "ex12_b"}, {"ex1_a", "ex1_a"},
                                           {"2", ""},      {"*", ""},        {"1*", ""},
                                           {"", ""}};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        char *id = due_exercise(scratch->db, asked[i][0]);
        assert_string_equal(id ? id : "", asked[i][1]);
        free(id);
    }
}

static void secrets(void **state)
{
    (void)state;
    char a[SECRET_TEXT], b[SECRET_TEXT];
    unsigned char hash[SECRET_HASH];
    secret_make(a);
    secret_hash(a, hash);
    assert_true(secret_matches(a, hash, sizeof hash));
    assert_false(secret_matches(a, hash, 0));
    assert_false(secret_matches(a, NULL, sizeof hash));
    a[0] = a[0] == '0' ? '1' : '0';
    assert_false(secret_matches(a, hash, sizeof hash));
    secret_derive(a, "csrf", b);
    assert_true(secret_equal(b, b));
    assert_false(secret_equal(a, b));
    assert_false(secret_equal("", b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(secrets),
        SCRATCH_TEST(tokens),
        SCRATCH_TEST(links),
        SCRATCH_TEST(sessions),
        SCRATCH_TEST(the_newest_sessions_stay),
        SCRATCH_TEST(who_signs_in_waits_for_no_scan),
        SCRATCH_TEST(rights),
        SCRATCH_TEST(staff_comes_and_goes),
        SCRATCH_TEST(when_it_is_due),
        SCRATCH_TEST(who_has_left_has_no_way_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
