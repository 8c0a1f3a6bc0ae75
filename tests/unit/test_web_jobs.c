/* The queue's rules: which push counts, places, attempts, the limit, late graders. */
#include "web_scratch.h"

#include "due.h"
#include "jobs.h"
#include "people.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccc"

static Fault fault;
static Job job;

static int64_t student(Scratch *scratch, const char *name)
{
    db_run(scratch->db, &fault,
           "INSERT INTO web_person (name, role, created_s) VALUES (?, 'student', 0)", "s", name);
    return sqlite3_last_insert_rowid(scratch->db->sql);
}

static int64_t push(Scratch *scratch, int64_t person, const char *hash)
{
    int64_t id = 0;
    assert_int_equal(job_prepare(scratch->db, person, hash, &fault), 0);
    assert_int_equal(job_commit(scratch->db, person, hash, &id, &fault), 0);
    return id;
}

/* So many seconds go by. */
static void pass(Scratch *scratch, int64_t seconds)
{
    db_run(scratch->db, &fault, "UPDATE web_job SET ended_ms = ended_ms - 1000 * ?", "i", seconds);
}

static JobState state_of(Scratch *scratch, int64_t id)
{
    return job_find(scratch->db, id, &job) ? job.state : JOB_NONE;
}

static int store(Scratch *scratch, const char *folder)
{
    return db_run(
        scratch->db, &fault,
        "INSERT INTO submission (student, folder, tree_hash, version, started_s, wall_us,"
        " halves, max_halves, observable_max_halves) VALUES ('a', ?, '', '', 0, 0, 1, 2, 2)",
        "s", folder);
}

static void newest_counts(void **state)
{
    Scratch *scratch = *state;
    int64_t ada = student(scratch, "ada"), bob = student(scratch, "bob");
    int64_t first = push(scratch, ada, A), bobs = push(scratch, bob, A);
    int64_t second = push(scratch, ada, B);
    assert_int_equal(state_of(scratch, first), JOB_SUPERSEDED);
    assert_int_equal(job_place(scratch->db, second), 1); /* pushing again costs no place */
    assert_int_equal(job_place(scratch->db, bobs), 2);
    assert_int_equal(job_place(scratch->db, first), 0);
    assert_int_equal(job_take(scratch->db, &job, &fault), 1);
    assert_int_equal(job.id, second);
    int64_t third = push(scratch, ada, C);
    assert_int_equal(state_of(scratch, second), JOB_RUNNING); /* what runs is kept */
    assert_int_equal(job_take(scratch->db, &job, &fault), 1);
    assert_int_equal(job.id, bobs);
    assert_int_equal(job_take(scratch->db, &job, &fault), 0); /* one run at a time of one student */
    assert_int_equal(state_of(scratch, third), JOB_QUEUED);
}

static void pushed_at(Scratch *scratch, int64_t id, int64_t second)
{
    db_run(scratch->db, &fault, "UPDATE web_job SET pushed_ms = ? * 1000 WHERE id = ?", "ii",
           second, id);
}

/* The push before the date is what was handed in by it: a newer one does not take its place. */
static void what_was_due_between_is_graded(void **state)
{
    Scratch *scratch = *state;
    int64_t ada = student(scratch, "ada"), bob = student(scratch, "bob");
    due_set(scratch->db, 0, "ex1_nonblocking", 1000, &fault);
    int64_t early = push(scratch, ada, A), bobs = push(scratch, bob, A);
    pushed_at(scratch, early, 1000);
    int64_t late = push(scratch, ada, B);
    assert_int_equal(state_of(scratch, early), JOB_QUEUED);
    assert_int_equal(state_of(scratch, late), JOB_QUEUED);
    assert_int_equal(job_place(scratch->db, early), 1);
    assert_int_equal(job_place(scratch->db, bobs), 2);
    assert_int_equal(job_place(scratch->db, late), 3);
    int64_t later = push(scratch, ada, C);
    assert_int_equal(state_of(scratch, early), JOB_QUEUED);
    assert_int_equal(state_of(scratch, late), JOB_SUPERSEDED); /* nothing was due between these */
    assert_int_equal(job_place(scratch->db, later), 3);
    /* A failure of ours, and a server that ends, leave it in the queue, too. */
    JobState now;
    assert_int_equal(job_take(scratch->db, &job, &fault), 1);
    assert_int_equal(job.id, early);
    assert_int_equal(job_give_back(scratch->db, &job, "no tracer", &now, &fault), 0);
    assert_int_equal(now, JOB_QUEUED);
    pass(scratch, AGAIN_S);
    assert_int_equal(job_take(scratch->db, &job, &fault), 1);
    assert_int_equal(job.id, early);
    assert_int_equal(jobs_recover(scratch->db, &fault), 0);
    assert_int_equal(state_of(scratch, early), JOB_QUEUED);
    /* The date of somebody else has nothing to do with it. */
    due_set(scratch->db, 0, "ex1_nonblocking", 0, &fault);
    due_set(scratch->db, ada, "ex1_nonblocking", 1000, &fault);
    pushed_at(scratch, bobs, 1000);
    push(scratch, bob, B);
    assert_int_equal(state_of(scratch, bobs), JOB_SUPERSEDED);
}

/* Else staff would grade it once more, and it would be the latest. */
static void a_newer_push_ends_an_error(void **state)
{
    Scratch *scratch = *state;
    int64_t ada = student(scratch, "ada"), id = push(scratch, ada, A);
    db_run(scratch->db, &fault, "UPDATE web_job SET state = 'error' WHERE id = ?", "i", id);
    push(scratch, ada, B);
    assert_int_equal(state_of(scratch, id), JOB_SUPERSEDED);
    assert_int_equal(job_retry(scratch->db, id, &fault), -1);
}

static void same_push_once(void **state)
{
    Scratch *scratch = *state;
    int64_t ada = student(scratch, "ada"), id = push(scratch, ada, A), again = 0;
    assert_int_equal(job_commit(scratch->db, ada, A, &again, &fault), 0);
    assert_int_equal(again, id);
    assert_int_equal(db_number(scratch->db, 0, "SELECT count(*) FROM web_job", ""), 1);
    push(scratch, ada, B);
    assert_int_not_equal(push(scratch, ada, A), id); /* back to an older commit is a new push */
}

static void attempts(void **state)
{
    Scratch *scratch = *state;
    JobState now;
    int64_t ada = student(scratch, "ada"), id = push(scratch, ada, A);
    for (int i = 1; i <= ATTEMPTS_MOST; i++) {
        assert_int_equal(job_take(scratch->db, &job, &fault), 1);
        assert_int_equal(job.attempt, i);
        assert_int_equal(job_give_back(scratch->db, &job, "why", &now, &fault), 0);
        assert_int_equal(now, i < ATTEMPTS_MOST ? JOB_QUEUED : JOB_ERROR);
        pass(scratch, AGAIN_S * i);
    }
    assert_int_equal(job_take(scratch->db, &job, &fault), 0);
    assert_int_equal(job_retry(scratch->db, id, &fault), 0);
    assert_int_equal(job_retry(scratch->db, id, &fault), -1);
    assert_int_equal(state_of(scratch, id), JOB_QUEUED);
}

/* A grader that is just being replaced must not cost all attempts in a moment. */
static void the_next_attempt_waits(void **state)
{
    Scratch *scratch = *state;
    JobState now;
    int64_t ada = student(scratch, "ada"), bob = student(scratch, "bob");
    int64_t id = push(scratch, ada, A);
    assert_int_equal(jobs_again_ms(scratch->db, now_ms()), -1);
    for (int i = 1; i < ATTEMPTS_MOST; i++) {
        assert_int_equal(job_take(scratch->db, &job, &fault), 1);
        assert_int_equal(job.id, id);
        assert_int_equal(job_give_back(scratch->db, &job, "why", &now, &fault), 0);
        assert_int_equal(job_take(scratch->db, &job, &fault), 0);
        pass(scratch, AGAIN_S * i - 2);
        assert_in_range(jobs_again_ms(scratch->db, now_ms()), 1, 2000);
        assert_int_equal(job_take(scratch->db, &job, &fault), 0);
        pass(scratch, 2);
        assert_int_equal(jobs_again_ms(scratch->db, now_ms()), -1);
    }
    /* Who has not failed goes first meanwhile; and a clock that was set back holds nobody up. */
    pass(scratch, -2);
    int64_t bobs = push(scratch, bob, A);
    assert_int_equal(job_take(scratch->db, &job, &fault), 1);
    assert_int_equal(job.id, bobs);
    assert_int_equal(job_take(scratch->db, &job, &fault), 0);
    pass(scratch, -3600);
    assert_int_equal(job_take(scratch->db, &job, &fault), 1);
    assert_int_equal(job.id, id);
}

static void all_errors_again(void **state)
{
    Scratch *scratch = *state;
    int64_t ada = student(scratch, "ada"), bob = student(scratch, "bob"),
            cy = student(scratch, "cy");
    int64_t first = push(scratch, ada, A), second = push(scratch, bob, A),
            third = push(scratch, cy, A);
    db_script(scratch->db,
              "UPDATE web_person SET section = 'Mon' WHERE name = 'ada';"
              "UPDATE web_person SET left_s = 1 WHERE name = 'cy';"
              "UPDATE web_job SET state = 'error', attempt = 3, error = 'why', ended_ms = 1",
              &fault);
    assert_int_equal(jobs_retry(scratch->db, "Tue\nMon", &fault), 1);
    assert_int_equal(state_of(scratch, first), JOB_QUEUED);
    assert_int_equal(job.attempt, 0);
    assert_int_equal(state_of(scratch, second), JOB_ERROR);
    assert_int_equal(jobs_retry(scratch->db, "", &fault), 1);
    assert_int_equal(state_of(scratch, second), JOB_QUEUED);
    assert_int_equal(state_of(scratch, third), JOB_ERROR); /* has left */
    assert_int_equal(jobs_retry(scratch->db, "", &fault), 0);
    assert_int_equal(job_take(scratch->db, &job, &fault), 1); /* at once */
}

static void result_ends_the_job(void **state)
{
    Scratch *scratch = *state;
    JobState now;
    char folder[64];
    int64_t ada = student(scratch, "ada"), id = push(scratch, ada, A);
    snprintf(folder, sizeof folder, "job-%d-1", (int)id);
    assert_int_equal(store(scratch, folder), -1); /* it does not run */
    assert_int_equal(job_take(scratch->db, &job, &fault), 1);
    Job first = job;
    assert_int_equal(jobs_recover(scratch->db, &fault), 0);
    pass(scratch, AGAIN_S);
    assert_int_equal(job_take(scratch->db, &job, &fault), 1);
    assert_int_equal(job.attempt, 2);
    assert_int_equal(store(scratch, folder), -1); /* a late grader of the first attempt */
    snprintf(folder, sizeof folder, "job-%d-2", (int)id);
    assert_int_equal(store(scratch, folder), 0);
    assert_int_equal(state_of(scratch, id), JOB_DONE);
    assert_int_equal(job.submission, 1);
    assert_int_equal(store(scratch, folder), -1); /* and not twice */
    assert_int_equal(job_give_back(scratch->db, &first, "late", &now, &fault), 0);
    assert_int_equal(now, JOB_DONE);
    assert_int_equal(store(scratch, "homework"), 0); /* other folders are no job */
}

static void recover_waits_the_second_time(void **state)
{
    Scratch *scratch = *state;
    push(scratch, student(scratch, "ada"), A);
    assert_int_equal(job_take(scratch->db, &job, &fault), 1);
    assert_int_equal(jobs_recover(scratch->db, &fault), 0);
    assert_int_equal(job_take(scratch->db, &job, &fault), 1); /* at once */
    assert_int_equal(jobs_recover(scratch->db, &fault), 0);
    assert_int_equal(job_take(scratch->db, &job, &fault), 0);
    pass(scratch, 2 * AGAIN_S);
    assert_int_equal(job_take(scratch->db, &job, &fault), 1);
    assert_int_equal(job.attempt, 3);
}

static void recover_gives_up(void **state)
{
    Scratch *scratch = *state;
    int64_t ada = student(scratch, "ada"), id = push(scratch, ada, A);
    for (int i = 0; i < ATTEMPTS_MOST; i++) {
        assert_int_equal(job_take(scratch->db, &job, &fault), 1);
        assert_int_equal(jobs_recover(scratch->db, &fault), 0);
        pass(scratch, ATTEMPTS_MOST * AGAIN_S);
    }
    assert_int_equal(state_of(scratch, id), JOB_ERROR);
}

static void limit_and_pause(void **state)
{
    Scratch *scratch = *state;
    int64_t ada = student(scratch, "ada");
    course_set(scratch->db, "pushes_an_hour", "2", &fault);
    push(scratch, ada, A);
    assert_int_equal(job_prepare(scratch->db, ada, B, &fault), 0);
    assert_int_equal(job_abort(scratch->db, ada, B, &fault), 0); /* counts as none */
    push(scratch, ada, B);
    assert_int_equal(job_prepare(scratch->db, ada, C, &fault), -1);
    assert_non_null(strstr(fault.text, "2 pushes an hour"));
    course_set(scratch->db, "paused", "1", &fault);
    assert_int_equal(job_take(scratch->db, &job, &fault), 0);
    course_set(scratch->db, "paused", "0", &fault);
    assert_int_equal(job_take(scratch->db, &job, &fault), 1);
}

/* What jobs_settle() finds in a branch's file. */
static void branch(Scratch *scratch, const char *name, const char *hash)
{
    char command[512];
    snprintf(command, sizeof command,
             "mkdir -p %s/repos/%s.git/refs/heads && echo %s > %s/repos/%s.git/refs/heads/main",
             scratch->dir, name, hash, scratch->dir, name);
    assert_int_equal(system(command), 0);
}

static void settles(void **state)
{
    Scratch *scratch = *state;
    int64_t ada = student(scratch, "ada"), bob = student(scratch, "bob"),
            cy = student(scratch, "cy");
    job_prepare(scratch->db, ada, A, &fault); /* the branch moved, the hook died */
    branch(scratch, "ada", A);
    job_prepare(scratch->db, bob, A, &fault); /* it did not move */
    branch(scratch, "cy", C);                 /* no row at all */
    for (int i = 0; i < 2; i++)
        assert_int_equal(jobs_settle(&scratch->course, scratch->db, NULL, &fault), 0);
    assert_int_equal(db_number(scratch->db, 0, "SELECT count(*) FROM web_job", ""), 3);
    assert_true(job_standing(scratch->db, ada, A));
    assert_false(job_standing(scratch->db, bob, A));
    assert_true(job_standing(scratch->db, cy, C));
    assert_int_equal(
        db_number(scratch->db, 0, "SELECT count(*) FROM web_job WHERE state = 'queued'", ""), 2);
}

static void again_as_of_then(void **state)
{
    Scratch *scratch = *state;
    int64_t ada = student(scratch, "ada");
    assert_int_equal(job_again(scratch->db, ada, &fault), 0); /* nothing was pushed */
    job_prepare(scratch->db, ada, A, &fault);
    job_commit(scratch->db, ada, A, NULL, &fault);
    assert_int_equal(job_again(scratch->db, ada, &fault), 0); /* it waits */
    assert_int_equal(job_take(scratch->db, &job, &fault), 1);
    assert_int_equal(job_again(scratch->db, ada, &fault), 0); /* it runs */
    assert_int_equal(
        db_run(scratch->db, &fault, "UPDATE web_job SET state = 'done', pushed_ms = 1000", ""), 0);
    assert_int_equal(job_again(scratch->db, ada, &fault), 1);
    assert_int_equal(job_again(scratch->db, ada, &fault), 0);
    assert_int_equal(job_take(scratch->db, &job, &fault), 1);
    assert_string_equal(job.hash, A);
    assert_int_equal(
        db_number(scratch->db, 0, "SELECT pushed_ms FROM web_job WHERE id = ?", "i", job.id), 1000);
}

/* After a restore: the database's copy is older than the repositories'. */
static void settles_as_of_the_push(void **state)
{
    Scratch *scratch = *state;
    int64_t ada = student(scratch, "ada"), bob = student(scratch, "bob");
    branch(scratch, "ada", A);
    branch(scratch, "bob", B);
    char command[1024];
    snprintf(
        command, sizeof command,
        "mkdir -p %s/repos/ada.git/logs/refs/heads %s/repos/bob.git/logs/refs/heads\n"
        "printf '%s %s C <c@x> 1700000000 +0100\\tpush\\n%s %s C <c@x> 1700000777 +0100\\tpush\\n'"
        " >%s/repos/ada.git/logs/refs/heads/main\n"
        "printf '%s %s C <c@x> 1700000888 +0100\\tanother one\\n'"
        " >%s/repos/bob.git/logs/refs/heads/main",
        scratch->dir, scratch->dir, A, B, B, A, scratch->dir, B, A, scratch->dir);
    assert_int_equal(system(command), 0);
    assert_int_equal(jobs_settle(&scratch->course, scratch->db, NULL, &fault), 0);
    static const char when[] = "SELECT pushed_ms FROM web_job WHERE person = ?";
    assert_int_equal(db_number(scratch->db, 0, when, "i", ada), INT64_C(1700000777000));
    assert_true(db_number(scratch->db, 0, when, "i", bob) > INT64_C(1700000999000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(newest_counts),
        SCRATCH_TEST(what_was_due_between_is_graded),
        SCRATCH_TEST(a_newer_push_ends_an_error),
        SCRATCH_TEST(same_push_once),
        SCRATCH_TEST(attempts),
        SCRATCH_TEST(the_next_attempt_waits),
        SCRATCH_TEST(all_errors_again),
        SCRATCH_TEST(result_ends_the_job),
        SCRATCH_TEST(recover_waits_the_second_time),
        SCRATCH_TEST(recover_gives_up),
        SCRATCH_TEST(limit_and_pause),
        SCRATCH_TEST(again_as_of_then),
        SCRATCH_TEST(settles),
        SCRATCH_TEST(settles_as_of_the_push),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
