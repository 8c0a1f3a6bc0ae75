/* web_newest: what triggers keep is what a look through everything finds, whatever happens. */
#include "web_scratch.h"

#include "jobs.h"

enum { STEPS = 600, PEOPLE = 5, COMMITS = 4, SEED = 20240229 };

static Fault fault;
static unsigned seed;

static int chance(int below)
{
    seed = seed * 1103515245u + 12345u;
    return (int)(seed >> 16) % below;
}

static void agrees(Scratch *scratch, int step)
{
    int64_t wrong = db_number(
        scratch->db, -1,
        "SELECT count(*) FROM web_person p LEFT JOIN web_newest n ON n.person = p.id"
        " LEFT JOIN web_job j ON j.id ="
        "  (SELECT max(id) FROM web_job WHERE person = p.id AND state <> 'aborted')"
        " WHERE n.person IS NULL"
        "  OR (n.job, n.state, n.pushed_ms, n.hash) IS NOT (j.id, j.state, j.pushed_ms, j.hash)"
        "  OR n.submission IS NOT (SELECT max(id) FROM submission WHERE student = p.name)",
        "");
    if (wrong != 0)
        fail_msg("step %d: %d people are not as they are", step, (int)wrong);
}

static void add_person(Scratch *scratch, int number)
{
    char name[16];
    snprintf(name, sizeof name, "s%d", number);
    db_run(scratch->db, &fault,
           "INSERT OR IGNORE INTO web_person (name, role, created_s) VALUES (?, 'student', 0)", "s",
           name);
}

static void add_result(Scratch *scratch, const char *student, const char *folder)
{
    db_run(scratch->db, NULL,
           "INSERT INTO submission (student, folder, tree_hash, version, started_s, wall_us,"
           " halves, max_halves, observable_max_halves) VALUES (?, ?, '', '', 0, 0, 1, 2, 2)",
           "ss", student, folder);
}

/* As a worker: takes a job, and it ends with a result, on our side, or with the server. */
static void work(Scratch *scratch)
{
    Job job;
    JobState now;
    char folder[64];
    if (job_take(scratch->db, &job, &fault) != 1)
        return;
    snprintf(folder, sizeof folder, "job-%d-%d", (int)job.id, job.attempt);
    switch (chance(3)) {
    case 0:
        add_result(scratch, job.name, folder);
        break;
    case 1:
        job_give_back(scratch->db, &job, "no", &now, &fault);
        break;
    default:
        jobs_recover(scratch->db, &fault);
    }
}

static void step(Scratch *scratch)
{
    char hash[HASH_TEXT], name[16];
    int64_t person = 1 + chance(PEOPLE);
    memset(hash, 'a' + chance(COMMITS), 40);
    hash[40] = '\0';
    snprintf(name, sizeof name, "%c%d", chance(5) ? 's' : 'S', chance(PEOPLE + 2));
    switch (chance(8)) {
    case 0:
        add_person(scratch, chance(PEOPLE));
        break;
    case 1:
    case 2:
        job_prepare(scratch->db, person, hash, &fault);
        break;
    case 3:
        job_commit(scratch->db, person, hash, NULL, &fault);
        break;
    case 4:
        job_abort(scratch->db, person, hash, &fault);
        break;
    case 5:
        add_result(scratch, name, "by-hand");
        break;
    case 6:
        job_retry(scratch->db, 1 + chance(STEPS / 4), &fault);
        break;
    default:
        work(scratch);
    }
}

static void whatever_happens(void **state)
{
    Scratch *scratch = *state;
    course_set(scratch->db, "pushes_an_hour", "100000", &fault);
    course_set(scratch->db, "again_s", "0", &fault);
    db_script(scratch->db, "PRAGMA synchronous = OFF", NULL);
    seed = SEED;
    for (int i = 0; i < STEPS; i++) {
        step(scratch);
        agrees(scratch, i);
    }
    assert_true(db_number(scratch->db, 0, "SELECT count(DISTINCT state) FROM web_job", "") >= 6);
}

/* Somebody graded by hand before the roster named them; upper and lower case are two. */
static void results_first(void **state)
{
    Scratch *scratch = *state;
    add_result(scratch, "s1", "by-hand");
    add_result(scratch, "S1", "by-hand");
    add_person(scratch, 1);
    agrees(scratch, 0);
    assert_int_equal(db_number(scratch->db, 0, "SELECT submission FROM web_newest", ""), 1);
    add_result(scratch, "S1", "by-hand");
    agrees(scratch, 1);
    db_run(scratch->db, &fault, "UPDATE web_person SET name = 'S1'", "");
    agrees(scratch, 2);
    assert_int_equal(db_number(scratch->db, 0, "SELECT submission FROM web_newest", ""), 3);
}

/* No question about the queue walks through all that was ever graded. */
static void no_scans(void **state)
{
    Scratch *scratch = *state;
    Job job;
    char hash[HASH_TEXT] = "cccccccccccccccccccccccccccccccccccccccc";
    add_person(scratch, 1);
    db_script(
        scratch->db,
        "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
        " INSERT INTO web_job (person, hash, state, pushed_ms) SELECT 1, '', 'done', 0 FROM n",
        NULL);
    assert_int_equal(job_prepare(scratch->db, 1, hash, &fault), 0);
    assert_int_equal(job_commit(scratch->db, 1, hash, NULL, &fault), 0);
    assert_int_equal(job_place(scratch->db, 501), 1);
    for (int attempt = 1; attempt <= 2; attempt++) { /* the second one waits */
        assert_int_equal(job_take(scratch->db, &job, &fault), 1);
        assert_int_equal(jobs_recover(scratch->db, &fault), 0);
    }
    assert_true(jobs_again_ms(scratch->db, now_ms()) > 0);
    assert_int_equal(jobs_retry(scratch->db, "", &fault), 0);
    for (sqlite3_stmt *at = NULL; (at = sqlite3_next_stmt(scratch->db->sql, at));)
        if (sqlite3_stmt_status(at, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0) > 100)
            fail_msg("walks through everything: %s", sqlite3_sql(at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {SCRATCH_TEST(whatever_happens), SCRATCH_TEST(results_first),
                                       SCRATCH_TEST(no_scans)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
