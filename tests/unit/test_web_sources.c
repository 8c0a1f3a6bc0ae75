/* Which of a submission's files its page gets, and how many such pages one student is sent at once. */
#include "web_scratch.h"

#include "child.h"
#include "query.h"
#include "sample_result.h"
#include "store.h"
#include "underway.h"

static Fault fault;

/* Of 45 files of 30 KiB each the last one is cited. */
static void push_much(Scratch *scratch, char hash[128])
{
    static const char script[] =
        "export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.org"
        " GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.org\n"
        "git init -q -b main repos/ada.git; cd repos/ada.git; mkdir ex1_nonblocking\n"
        "for i in $(seq 10 53) zz; do yes 'int x;' | head -c 30720 >ex1_nonblocking/$i.c; done\n"
        "git add -A; git commit -qm one; git rev-parse HEAD; mv .git/* .";
    Buf out;
    buf_init(&out, 4096);
    const char *argv[] = {"sh", "-ec", script, NULL};
    if (child_output(argv, scratch->dir, &out, &fault))
        fail_msg("%s", fault.text);
    snprintf(hash, 128, "%.*s", (int)strcspn(out.data, "\n"), out.data);
    buf_release(&out);
}

static void grade(Scratch *scratch, const char *hash)
{
    Result result;
    sample_result(&result);
    sample_set(&result.exercises[0].id, "ex1_nonblocking");
    sample_set(&result.submission, "job-1-1");
    CheckResult *check = &result.exercises[0].checks[0];
    sample_fail(check, 0, "this", "that");
    sample_cite(check, "zz.c", 3, "read(4)", NULL);
    db_run(scratch->db, &fault,
           "INSERT INTO web_job (person, hash, state, attempt, pushed_ms)"
           " VALUES ((SELECT id FROM web_person), ?, 'running', 1, 1)",
           "s", hash);
    Store *store = store_open(scratch->course.db_path, &fault);
    if (!store || store_add(store, "ada", &result, NULL, &fault))
        fail_msg("%s", fault.text);
    store_close(store);
    result_release(&result);
}

static void cited_files_come_first(void **state)
{
    Scratch *scratch = *state;
    Query query;
    Person ada;
    SubmissionPage page;
    char hash[128];
    int left_out = 0;
    db_run(scratch->db, &fault,
           "INSERT INTO web_person (name, role, created_s) VALUES ('ada', 'student', 0)", "");
    push_much(scratch, hash);
    grade(scratch, hash);
    assert_true(person_find(scratch->db, "ada", &ada));
    query_init(&query, &scratch->course, scratch->db, &ada);
    if (query_submission(&query, 1, &ada, &page))
        fail_msg("%s", query.fault.text);
    assert_int_equal(page.n_sources, 40);
    assert_true(page.more_sources);
    assert_string_equal(page.sources[0].name, "zz.c");
    assert_int_equal(page.sources[0].n_cited, 1);
    assert_string_equal(page.sources[1].name, "10.c");
    for (int i = 0; i < page.n_sources; i++)
        left_out += page.sources[i].left_out;
    assert_in_range(left_out, 1, 20);
    assert_false(page.sources[1].left_out);
    query_release(&query);
}

static void one_student_has_so_many_under_way(void **state)
{
    (void)state;
    static Request requests[ANSWERS_OF_ONE + 1];
    Request other = {.person = {.id = 2, .role = ROLE_STUDENT}},
            staff = {.person = {.id = 1, .role = ROLE_TA}};
    for (int i = 0; i <= ANSWERS_OF_ONE; i++) {
        requests[i].person = (Person){.id = 1, .role = ROLE_STUDENT};
        assert_int_equal(underway_begin(&requests[i]), i < ANSWERS_OF_ONE);
    }
    assert_null(requests[ANSWERS_OF_ONE].on_end);
    assert_true(underway_begin(&other));
    assert_true(underway_begin(&staff));
    requests[3].on_end(&requests[3]);
    assert_true(underway_begin(&requests[ANSWERS_OF_ONE]));
    assert_false(underway_begin(&requests[3]));
    other.on_end(&other);
    for (int i = 0; i <= ANSWERS_OF_ONE; i++)
        if (i != 3)
            requests[i].on_end(&requests[i]);
    assert_true(underway_begin(&requests[3]));
    requests[3].on_end(&requests[3]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(cited_files_come_first),
        cmocka_unit_test(one_student_has_so_many_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
