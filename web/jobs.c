#include "jobs.h"

#include <stdio.h>
#include <string.h>

#include "query.h"

static const char *const state_names[] = {
    [JOB_NONE] = "none",       [JOB_PENDING] = "pending", [JOB_QUEUED] = "queued",
    [JOB_RUNNING] = "running", [JOB_DONE] = "done",       [JOB_SUPERSEDED] = "superseded",
    [JOB_ABORTED] = "aborted", [JOB_ERROR] = "error"};

const char *job_state_name(JobState state)
{
    return state_names[state];
}

JobState job_state_named(const char *name)
{
    for (JobState state = JOB_PENDING; state <= JOB_ERROR; state++)
        if (strcmp(name, state_names[state]) == 0)
            return state;
    return JOB_NONE;
}

bool hash_valid(const char *hash)
{
    size_t len = strspn(hash, "0123456789abcdef");
    return (len == 40 || len == 64) && hash[len] == '\0';
}

/* --- limits --- */

int64_t pushes_an_hour(Db *db)
{
    return course_setting_number(db, "pushes_an_hour", PUSHES_AN_HOUR);
}

int64_t pushes_this_hour(Db *db, int64_t person)
{
    return db_number(db, 0,
                     /* one that staff had graded again is not the student's */
                     "SELECT count(*) FROM web_job AS j WHERE person = ? AND pushed_ms > ?"
                     " AND state <> 'aborted' AND NOT EXISTS (SELECT 1 FROM web_job AS first"
                     "  WHERE first.person = j.person AND first.id < j.id AND first.hash = j.hash"
                     "  AND first.pushed_ms = j.pushed_ms AND first.state = 'done')",
                     "ii", person, now_ms() - 3600 * INT64_C(1000));
}

int job_allowed(Db *db, int64_t person, Fault *fault)
{
    int64_t most = pushes_an_hour(db);
    if (pushes_this_hour(db, person) < most)
        return 0;
    int64_t oldest = db_number(db, 0,
                               "SELECT min(pushed_ms) FROM web_job WHERE person = ?"
                               " AND pushed_ms > ? AND state <> 'aborted'",
                               "ii", person, now_ms() - 3600 * INT64_C(1000));
    int64_t minutes = (oldest + 3600 * INT64_C(1000) - now_ms()) / 60000 + 1;
    return fault_set(fault,
                     "%d pushes an hour are taken, and these were %d. The next one in %d min. "
                     "Until then: `grader run` at home says the same",
                     (int)most, (int)most, (int)minutes);
}

/* --- a push --- */

/* A newer push takes the place of an older one unless something was due in between: then the older
 * one is what was handed in by that date. Both are rows of web_job. */
#define TAKES_PLACE(newer, older)                                                                  \
    "(" newer ".person = " older ".person AND " newer ".id > " older ".id"                         \
    " AND NOT EXISTS (SELECT 1 FROM web_due d WHERE d.person IN (0, " older ".person)"             \
    "  AND " older ".pushed_ms / 1000 <= d.due_s AND " newer ".pushed_ms / 1000 > d.due_s))"
/* Of a row of web_job: such a newer one waits. */
#define IS_OUTDATED                                                                                \
    "EXISTS (SELECT 1 FROM web_job AS newer WHERE newer.state = 'queued'"                          \
    " AND " TAKES_PLACE("newer", "web_job") ")"

int job_prepare(Db *db, int64_t person, const char *hash, Fault *fault)
{
    if (db_begin(db, fault))
        return -1;
    if (job_allowed(db, person, fault) ||
        db_run(db, fault,
               "INSERT INTO web_job (person, hash, state, pushed_ms) VALUES (?, ?, 'pending', ?)",
               "isi", person, hash, now_ms()) ||
        db_commit(db, fault)) {
        db_rollback(db);
        return -1;
    }
    return 0;
}

/* Inside a transaction. What ended in an error of ours is not graded once there is something newer. */
static int queue_row(Db *db, int64_t person, int64_t id, Fault *fault)
{
    int64_t place = db_number(db, id,
                              "SELECT min(old.place) FROM web_job AS old, web_job AS newest"
                              " WHERE newest.id = ?2 AND old.person = ?1 AND old.state = 'queued'"
                              " AND " TAKES_PLACE("newest", "old"),
                              "ii", person, id);
    if (db_run(db, fault,
               "UPDATE web_job SET state = 'superseded', ended_ms = ?1, submission = 0"
               " FROM web_job AS newest WHERE newest.id = ?3 AND web_job.person = ?2"
               " AND web_job.state IN ('queued', 'error') AND " TAKES_PLACE("newest", "web_job"),
               "iii", now_ms(), person, id))
        return -1;
    return db_run(db, fault, "UPDATE web_job SET state = 'queued', place = ? WHERE id = ?", "ii",
                  place, id);
}

static int64_t newest_pending(Db *db, int64_t person, const char *hash)
{
    return db_number(db, 0,
                     "SELECT max(id) FROM web_job WHERE person = ? AND hash = ? AND state = "
                     "'pending'",
                     "is", person, hash);
}

/* The row that this push has; one is made if there is none. The hook and jobs_settle()
 * may both come with the same push: then the newest row is that push already. */
static int64_t row_of_push(Db *db, int64_t person, const char *hash, bool *queued, Fault *fault)
{
    int64_t id = newest_pending(db, person, hash);
    *queued = false;
    if (id)
        return id;
    id = job_standing(db, person, hash);
    *queued = id != 0;
    if (id)
        return id;
    if (db_run(db, fault,
               "INSERT INTO web_job (person, hash, state, pushed_ms) VALUES (?, ?, 'pending', ?)",
               "isi", person, hash, now_ms()))
        return 0;
    return sqlite3_last_insert_rowid(db->sql);
}

int64_t job_standing(Db *db, int64_t person, const char *hash)
{
    return db_number(db, 0,
                     "SELECT iif(hash = ?2, id, 0) FROM web_job WHERE person = ?1"
                     " AND state NOT IN ('pending', 'aborted') ORDER BY id DESC LIMIT 1",
                     "is", person, hash);
}

int job_commit_inside(Db *db, int64_t person, const char *hash, int64_t *job, Fault *fault)
{
    bool queued;
    int64_t id = row_of_push(db, person, hash, &queued, fault);
    if (id == 0 || (!queued && queue_row(db, person, id, fault)))
        return -1;
    if (job)
        *job = id;
    return 0;
}

int job_commit(Db *db, int64_t person, const char *hash, int64_t *job, Fault *fault)
{
    if (db_begin(db, fault))
        return -1;
    if (!job_commit_inside(db, person, hash, job, fault) && !db_commit(db, fault))
        return 0;
    db_rollback(db);
    return -1;
}

int job_abort(Db *db, int64_t person, const char *hash, Fault *fault)
{
    return db_run(db, fault,
                  "UPDATE web_job SET state = 'aborted', ended_ms = ?"
                  " WHERE person = ? AND hash = ? AND state = 'pending'",
                  "iis", now_ms(), person, hash);
}

/* --- workers --- */

int jobs_recover(Db *db, Fault *fault)
{
    /* What was running counts as an attempt: a submission that kills the server must
     * not do it for ever. A newer push that waits takes its place. The first time nobody
     * waits: a server that is started again is mostly one that somebody has stopped. */
    return db_run(db, fault,
                  "UPDATE web_job SET ended_ms = iif(attempt > 1 OR " IS_OUTDATED ", ?1, 0),"
                  "  state = CASE"
                  "  WHEN " IS_OUTDATED " THEN 'superseded'"
                  "  WHEN attempt >= ?2 THEN 'error' ELSE 'queued' END,"
                  "  error = iif(attempt >= ?2, 'the server ended while this was graded', '')"
                  " WHERE state = 'running'",
                  "ii", now_ms(), (int64_t)ATTEMPTS_MOST);
}

#define JOB                                                                                        \
    "SELECT j.id, j.person, j.submission, j.attempt, j.state, p.name, p.section, j.hash"           \
    " FROM web_job j JOIN web_person p ON p.id = j.person "

static bool take_row(sqlite3_stmt *row, Job *job)
{
    if (!db_row(row))
        return false;
    *job = (Job){.id = sqlite3_column_int64(row, 0),
                 .person = sqlite3_column_int64(row, 1),
                 .submission = sqlite3_column_int64(row, 2),
                 .attempt = sqlite3_column_int(row, 3),
                 .state = job_state_named(db_column(row, 4))};
    snprintf(job->name, sizeof job->name, "%s", db_column(row, 5));
    snprintf(job->section, sizeof job->section, "%s", db_column(row, 6));
    snprintf(job->hash, sizeof job->hash, "%s", db_column(row, 7));
    db_done(row);
    return true;
}

bool job_find(Db *db, int64_t id, Job *job)
{
    return take_row(db_ask(db, NULL, JOB "WHERE j.id = ?", "i", id), job);
}

/* Of a queued row j, now ?1, AGAIN_S ?2: it failed a moment ago. (Where the clock was set back, nobody
 * waits for it to come round again.) */
#define FAILED_JUST_NOW "?1 BETWEEN j.ended_ms AND j.ended_ms + 1000 * ?2 * j.attempt - 1"

/* Set for tests alone. */
static int64_t again_s(Db *db)
{
    return course_setting_number(db, "again_s", AGAIN_S);
}

int64_t jobs_again_ms(Db *db, int64_t now)
{
    return db_number(db, 1000 * AGAIN_S, /* a fault: then it is asked again */
                     "SELECT coalesce(min(j.ended_ms + 1000 * ?2 * j.attempt) - ?1, -1)"
                     " FROM web_job j WHERE j.state = 'queued' AND " FAILED_JUST_NOW,
                     "ii", now, again_s(db));
}

int job_take(Db *db, Job *job, Fault *fault)
{
    if (db_begin(db, fault))
        return -1;
    if (course_setting_number(db, "paused", 0) ||
        !take_row(db_ask(db, fault,
                         JOB "WHERE j.state = 'queued' AND NOT " FAILED_JUST_NOW
                             " AND NOT EXISTS (SELECT 1 FROM web_job r"
                             "  WHERE r.person = j.person AND r.state = 'running')"
                             " ORDER BY j.place, j.id LIMIT 1",
                         "ii", now_ms(), again_s(db)),
                  job)) {
        db_rollback(db);
        return 0;
    }
    job->attempt++;
    job->state = JOB_RUNNING;
    if (db_run(db, fault,
               "UPDATE web_job SET state = 'running', attempt = attempt + 1, started_ms = ?,"
               "  ended_ms = 0 WHERE id = ?",
               "ii", now_ms(), job->id) ||
        db_commit(db, fault)) {
        db_rollback(db);
        return -1;
    }
    return 1;
}

int job_give_back(Db *db, const Job *job, const char *why, JobState *state, Fault *fault)
{
    if (db_run(db, fault,
               "UPDATE web_job SET error = ?3, ended_ms = ?4, state = CASE"
               "  WHEN " IS_OUTDATED " THEN 'superseded'"
               "  WHEN attempt >= ?5 THEN 'error' ELSE 'queued' END"
               " WHERE id = ?1 AND attempt = ?2 AND state = 'running'",
               "iisii", job->id, (int64_t)job->attempt, why, now_ms(), (int64_t)ATTEMPTS_MOST))
        return -1;
    Job now;
    *state = job_find(db, job->id, &now) ? now.state : JOB_NONE;
    return 0;
}

int job_retry(Db *db, int64_t id, Fault *fault)
{
    int changed = db_change(db, fault,
                            "UPDATE web_job SET state = 'queued', attempt = 0, error = ''"
                            " WHERE id = ?1 AND state = 'error' AND NOT " IS_OUTDATED,
                            "i", id);
    if (changed == 0)
        return fault_set(fault, "this job did not end in an error, or a newer push waits already");
    return changed < 0 ? -1 : 0;
}

int jobs_retry(Db *db, const char *sections, Fault *fault)
{
    return db_change(db, fault,
                     "UPDATE web_job SET state = 'queued', attempt = 0, error = ''"
                     " WHERE state = 'error' AND NOT " IS_OUTDATED
                     " AND person IN (SELECT p.id FROM web_person p WHERE " QUERY_SEEN ")",
                     "ss", "", sections);
}

int job_place(Db *db, int64_t id)
{
    return (int)db_number(db, 0,
                          "SELECT 1 + (SELECT count(*) FROM web_job o WHERE o.state = 'queued'"
                          "  AND (o.place, o.id) < (j.place, j.id))"
                          " FROM web_job j WHERE j.id = ? AND j.state = 'queued'",
                          "i", id);
}

int job_again(Db *db, int64_t person, Fault *fault)
{
    if (db_begin(db, fault))
        return -1;
    int64_t newest = db_number(
        db, 0, "SELECT max(id) FROM web_job WHERE person = ? AND state <> 'aborted'", "i", person);
    bool over =
        db_number(db, 0, "SELECT state = 'done' FROM web_job WHERE id = ?", "i", newest) != 0;
    if (over &&
        (db_run(db, fault,
                "INSERT INTO web_job (person, hash, message, state, pushed_ms)"
                " SELECT person, hash, message, 'pending', pushed_ms FROM web_job WHERE id = ?",
                "i", newest) ||
         queue_row(db, person, sqlite3_last_insert_rowid(db->sql), fault))) {
        db_rollback(db);
        return -1;
    }
    if (db_commit(db, fault)) {
        db_rollback(db);
        return -1;
    }
    return over;
}
