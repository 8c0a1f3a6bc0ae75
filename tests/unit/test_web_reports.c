/* Reports as submissions: whose they are, once for each run, in one transaction, made good. */
#include "web_scratch.h"

#include "people.h"
#include "reports.h"
#include "result_json.h"
#include "sample_result.h"
#include "whose.h"

static Fault fault;
static ReportTaken taken;

static int64_t student(Scratch *scratch, const char *name, const char *user, const char *id)
{
    db_run(scratch->db, &fault,
           "INSERT INTO web_person (name, role, github_username, github_id, created_s)"
           " VALUES (?, 'student', ?, ?, 0)",
           "sss", name, user, id);
    return sqlite3_last_insert_rowid(scratch->db->sql);
}

static Trust trusted(Scratch *scratch)
{
    Trust trust;
    course_set(scratch->db, "github_workflows", "org/course", &fault);
    course_set(scratch->db, "github_owner", "org", &fault);
    trust_load(scratch->db, &trust);
    return trust;
}

/* A report with so many points of 32; the caller frees. */
static char *report_of(int points)
{
    Result result;
    sample_result(&result);
    for (int i = 0; i < 2 && points < 32; i++)
        for (int k = 0; k < SAMPLE_CHECKS && points < 32; k++) {
            sample_fail(&result.exercises[i].checks[k], 0, "this", "that");
            result_total(&result);
            if (result.halves <= 2 * points)
                points = 32;
        }
    json_t *value = result_json(&result);
    char *text = json_dumps(value, JSON_COMPACT);
    json_decref(value);
    result_release(&result);
    return text;
}

static Claims claims_of(const char *repository, const char *number, const char *actor,
                        const char *actor_id, const char *run)
{
    Claims claims = {.owner_id = "77",
                     .attempt = "1",
                     .commit = "1234567890123456789012345678901234567890",
                     .workflow = "org/course/.github/workflows/grade-reusable.yml@refs/heads/main"};
    strcpy(claims.repository, repository);
    strcpy(claims.repository_id, number);
    strcpy(claims.actor, actor);
    strcpy(claims.actor_id, actor_id);
    strcpy(claims.run, run);
    return claims;
}

static int take(Scratch *scratch, const Claims *claims, const char *text)
{
    Trust trust = trusted(scratch);
    fault.text[0] = '\0';
    int status =
        report_take(&scratch->course, scratch->db, &trust,
                    &(Report){.claims = claims, .grader = "9.9", .text = text}, &taken, &fault);
    trust_release(&trust);
    if (status)
        fail_msg("%s", fault.text);
    return (int)taken.fate;
}

static int64_t count(Scratch *scratch, const char *what)
{
    return db_number(scratch->db, -1, what, "");
}

static void stored_once(void **state)
{
    Scratch *scratch = *state;
    char *text = report_of(32), *other = report_of(20);
    int64_t ada = student(scratch, "ada", "ada", "501");
    Claims claims = claims_of("org/lesson8-ada", "1001", "ada", "501", "5001");
    assert_int_equal(take(scratch, &claims, text), REPORT_STORED);
    assert_false(taken.again);
    assert_int_equal(taken.person, ada);
    int64_t first = taken.submission;
    assert_int_equal(take(scratch, &claims, text), REPORT_STORED);
    assert_true(taken.again);
    assert_int_equal(taken.submission, first);
    assert_int_equal(take(scratch, &claims, other), REPORT_OTHER);
    assert_int_equal(count(scratch, "SELECT count(*) FROM submission"), 1);
    assert_int_equal(count(scratch, "SELECT halves FROM submission"), 64);
    assert_int_equal(count(scratch, "SELECT version = '9.9' FROM submission"), 1);
    assert_int_equal(count(scratch, "SELECT length(text) FROM web_report"), 0);
    strcpy(claims.attempt, "2"); /* run again: another grading */
    assert_int_equal(take(scratch, &claims, other), REPORT_STORED);
    assert_false(taken.again);
    assert_int_equal(count(scratch, "SELECT count(*) FROM submission"), 2);
    assert_int_equal(count(scratch, "SELECT max(attempts) FROM best"), 2);
    free(text);
    free(other);
}

/* By the roster: the name of the repository and who pushes have to be of one student. */
static void by_roster(void **state)
{
    Scratch *scratch = *state;
    Trust trust = trusted(scratch);
    int64_t mary = student(scratch, "m", "mary-ada", "503");
    int64_t ada = student(scratch, "ada", "Ada", "501");
    int64_t zoe = student(scratch, "z", "zoe-ada", "506");
    int64_t bob = student(scratch, "bob", "bob", "");
    student(scratch, "nobody", "", "504");
    student(scratch, "twin1", "twin", "505");
    student(scratch, "twin2", "twin", "505");
    const struct {
        const char *repository, *actor, *actor_id;
        int64_t whose;
    } rows[] = {
        {"org/lesson8-ada", "ada", "501", ada},
        {"org/LESSON8-ADA", "renamed", "501", ada},
        {"org/lesson8-ada", "ada", "999", 0}, /* the name was taken over */
        {"org/lesson8-ada", "mallory", "666", 0},
        {"org/lesson8-mary-ada", "x", "503", mary},
        {"org/lesson8-mary-ada", "ada", "501", 0}, /* ends in -ada, and is not hers */
        {"org/lesson8-zoe-ada", "x", "506", zoe},
        {"org/lesson8-bob", "Bob", "7", bob},
        {"org/lesson8-bob", "bobby", "7", 0},
        {"org/ada", "ada", "501", 0},
        {"org/lesson8ada", "ada", "501", 0},
        {"org/lesson8-ada-1", "ada", "501", 0},
        {"org/lesson8-", "x", "504", 0},
        {"org/lesson8-twin", "twin", "505", 0}, /* twice in the roster */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Claims claims = claims_of(rows[i].repository, "1", rows[i].actor, rows[i].actor_id, "1");
        if (whose_by_roster(scratch->db, &trust, &claims) != rows[i].whose)
            fail_msg("%s pushed by %s", rows[i].repository, rows[i].actor);
    }
    free(trust.prefix);
    trust.prefix = x_strdup("lesson8-");
    Claims claims = claims_of("org/lesson8-ada", "1", "ada", "501", "1");
    assert_int_equal(whose_by_roster(scratch->db, &trust, &claims), ada);
    claims = claims_of("org/other-ada", "1", "ada", "501", "1");
    assert_int_equal(whose_by_roster(scratch->db, &trust, &claims), 0);
    trust_release(&trust);
}

static void waits_and_is_linked(void **state)
{
    Scratch *scratch = *state;
    char *text = report_of(32), *less = report_of(20), number[24];
    int n = 0;
    student(scratch, "ada", "ada", "501");
    student(scratch, "bob", "bob", "502");
    Claims claims = claims_of("org/project-x", "1001", "ada", "501", "5001");
    assert_int_equal(take(scratch, &claims, less), REPORT_WAITS);
    strcpy(claims.run, "5002");
    assert_int_equal(take(scratch, &claims, text), REPORT_WAITS);
    assert_int_equal(take(scratch, &claims, text), REPORT_WAITS); /* again: no third */
    assert_true(taken.again);
    assert_int_equal(count(scratch, "SELECT count(*) FROM web_report"), 2);
    assert_int_equal(count(scratch, "SELECT count(*) FROM submission"), 0);
    assert_int_equal(whose_link(scratch->db, "org/none", "ada", number, &fault), -1);
    assert_int_equal(whose_link(scratch->db, "org/project-x", "nobody", number, &fault), -1);
    assert_int_equal(whose_link(scratch->db, "ORG/project-x", "bob", number, &fault), 0);
    assert_int_equal(reports_settle(&scratch->course, scratch->db, number, &n, &fault), 0);
    assert_int_equal(n, 2);
    assert_int_equal(count(scratch, "SELECT count(*) FROM submission WHERE student = 'bob'"), 2);
    assert_int_equal(count(scratch, "SELECT max(id) FROM submission WHERE halves = 64"), 2);
    /* What staff said stands, whoever pushes and whatever it is called now. */
    claims = claims_of("org/lesson8-ada", "1001", "ada", "501", "5003");
    assert_int_equal(take(scratch, &claims, text), REPORT_STORED);
    assert_int_equal(count(scratch, "SELECT count(*) FROM submission WHERE student = 'bob'"), 3);
    assert_int_equal(whose_link(scratch->db, "1001", NULL, number, &fault), 0);
    strcpy(claims.repository, "org/project-x");
    strcpy(claims.run, "5004");
    assert_int_equal(take(scratch, &claims, text), REPORT_WAITS);
    free(text);
    free(less);
}

static void of_who_has_left(void **state)
{
    Scratch *scratch = *state;
    char *text = report_of(32);
    student(scratch, "ada", "ada", "501");
    Claims claims = claims_of("org/lesson8-ada", "1001", "ada", "501", "5001");
    assert_int_equal(take(scratch, &claims, text), REPORT_STORED);
    assert_int_equal(student_leave(scratch->db, "ada", &fault), 0);
    assert_int_equal(take(scratch, &claims, text), REPORT_STORED); /* it was, and still is */
    strcpy(claims.run, "5002");
    assert_int_equal(take(scratch, &claims, text), REPORT_LEFT);
    assert_int_equal(count(scratch, "SELECT count(*) FROM web_report"), 1);
    assert_int_equal(student_return(scratch->db, "ada", &fault), 0);
    assert_int_equal(take(scratch, &claims, text), REPORT_STORED);
    free(text);
}

static void the_newest_wait(void **state)
{
    Scratch *scratch = *state;
    char *text = report_of(32);
    for (int i = 0; i < WAITING_OF_REPO + 5; i++) {
        char run[16];
        snprintf(run, sizeof run, "%d", 6001 + i);
        Claims claims = claims_of("org/x", "1001", "ada", "501", run);
        assert_int_equal(take(scratch, &claims, text), REPORT_WAITS);
    }
    assert_int_equal(count(scratch, "SELECT count(*) FROM web_report"), WAITING_OF_REPO);
    assert_int_equal(count(scratch, "SELECT min(run) FROM web_report"), 6006);
    free(text);
}

/* The server died between the two transactions. */
static void made_good(void **state)
{
    Scratch *scratch = *state;
    char *text = report_of(32);
    int n = 0;
    Claims claims = claims_of("org/x-ada", "1001", "ada", "501", "5001");
    assert_int_equal(take(scratch, &claims, text), REPORT_WAITS);
    student(scratch, "ada", "ada", "501");
    db_run(scratch->db, &fault, "UPDATE web_repo SET person = (SELECT id FROM web_person)", "");
    assert_int_equal(take(scratch, &claims, text), REPORT_STORED); /* by the next try */
    assert_int_equal(count(scratch, "SELECT count(*) FROM submission"), 1);
    db_run(scratch->db, &fault, "UPDATE web_repo SET person = 0", "");
    strcpy(claims.repository, "org/y");
    strcpy(claims.run, "5002");
    assert_int_equal(take(scratch, &claims, text), REPORT_WAITS);
    assert_int_equal(
        db_run(scratch->db, &fault,
               "INSERT INTO web_report (repository, run, attempt, hash, workflow, actor, one_job,"
               " grader, digest, text, received_ms) VALUES ('1001', '5003', '1', '', '', '', 0, "
               "'', x'',"
               " 'no report', 1)",
               ""),
        0);
    strcpy(claims.run, "5004");
    assert_int_equal(take(scratch, &claims, text), REPORT_WAITS);
    db_run(scratch->db, &fault, "UPDATE web_repo SET person = (SELECT id FROM web_person)", "");
    /* At the start; what can't be read any more holds nobody up. */
    assert_int_equal(reports_settle(&scratch->course, scratch->db, NULL, &n, &fault), 0);
    assert_int_equal(count(scratch, "SELECT count(*) FROM submission"), 3);
    assert_int_equal(reports_settle(&scratch->course, scratch->db, NULL, &n, &fault), 0);
    assert_int_equal(n, 0);
    free(text);
}

static int insert(Scratch *scratch, const char *who, const char *folder)
{
    return db_run(
        scratch->db, &fault,
        "INSERT INTO submission (student, folder, tree_hash, version, started_s, wall_us,"
        " halves, max_halves, observable_max_halves) VALUES (?, ?, '', '', 0, 0, 1, 2, 2)",
        "ss", who, folder);
}

/* Whatever the code above it does: the database itself takes no report twice or for another. */
static void the_last_door(void **state)
{
    Scratch *scratch = *state;
    char *text = report_of(32);
    student(scratch, "ada", "ada", "501");
    student(scratch, "bob", "bob", "502");
    Claims claims = claims_of("org/x-ada", "1001", "x", "7", "5001");
    assert_int_equal(take(scratch, &claims, text), REPORT_WAITS);
    assert_int_equal(insert(scratch, "ada", "report-1"), -1); /* nobody's yet */
    db_run(scratch->db, &fault,
           "UPDATE web_repo SET person = (SELECT id FROM web_person WHERE name = 'ada')", "");
    assert_int_equal(insert(scratch, "bob", "report-1"), -1);
    assert_int_equal(insert(scratch, "ada", "report-01"), -1);
    assert_int_equal(insert(scratch, "ada", "report-2"), -1);
    assert_int_equal(insert(scratch, "ada", "report-1"), 0);
    assert_int_equal(insert(scratch, "ada", "report-1"), -1);
    assert_int_equal(insert(scratch, "ada", "report"), 0); /* other folders are no report */
    free(text);
}

static void owner_is_learnt(void **state)
{
    Scratch *scratch = *state;
    char *text = report_of(32);
    Claims claims = claims_of("org/x", "1001", "x", "7", "5001");
    take(scratch, &claims, text);
    assert_int_equal(course_setting_number(scratch->db, "github_owner_id", 0), 77);
    strcpy(claims.owner_id, "78");
    strcpy(claims.run, "5002");
    take(scratch, &claims, text);
    assert_int_equal(course_setting_number(scratch->db, "github_owner_id", 0), 77);
    free(text);
}

/* What waits is found by the index of what waits, however much was stored. */
static void what_waits_is_found_at_once(void **state)
{
    Scratch *scratch = *state;
    char *text = report_of(32);
    Claims claims = claims_of("org/x", "1001", "ada", "501", "5001");
    assert_int_equal(take(scratch, &claims, text), REPORT_WAITS);
    db_script(
        scratch->db,
        "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
        " INSERT INTO web_report (repository, run, attempt, hash, workflow, actor, one_job,"
        " grader, digest, text, received_ms, submission) SELECT '1001', 'r' || i, '1', '', '',"
        " '', 0, '', x'', '', 1, 1 FROM n",
        &fault);
    assert_int_equal(reports_settle(&scratch->course, scratch->db, "1001", NULL, &fault), 0);
    for (sqlite3_stmt *at = NULL; (at = sqlite3_next_stmt(scratch->db->sql, at));)
        if (strstr(sqlite3_sql(at), "min(r.id)"))
            assert_in_range(sqlite3_stmt_status(at, SQLITE_STMTSTATUS_VM_STEP, 0), 1, 1000);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(stored_once),         SCRATCH_TEST(by_roster),
        SCRATCH_TEST(waits_and_is_linked), SCRATCH_TEST(of_who_has_left),
        SCRATCH_TEST(the_newest_wait),     SCRATCH_TEST(made_good),
        SCRATCH_TEST(the_last_door),       SCRATCH_TEST(what_waits_is_found_at_once),
        SCRATCH_TEST(owner_is_learnt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
