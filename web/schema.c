#include "course.h"

/*
 * Each entry takes the server's tables from the version of its index to the next.
 * Entries are never changed, only added. The store's user_version is not touched.
 *
 * The trigger is the heart of "no score lost or doubled": the grader stores a result
 * in one transaction of its own, and this ends the job in that same transaction. The
 * folder that a worker grades is called job-ID-ATTEMPT, so a grader of an attempt that
 * has been given up (its server was killed, it lives on) can store nothing.
 */
#define OPEN "state = 'pending' OR state = 'queued' OR state = 'running' OR state = 'error'"

static const char *const migrations[] = {
    "CREATE TABLE web_setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"

    "CREATE TABLE web_person ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL UNIQUE COLLATE NOCASE," /* the account, in addresses and results */
    "  role TEXT NOT NULL CHECK (role IN ('student', 'ta', 'instructor')),"
    "  shown TEXT NOT NULL DEFAULT '',"
    "  roster_key TEXT UNIQUE," /* how the roster knows them: import is idempotent by it */
    "  github_username TEXT NOT NULL DEFAULT '',"
    "  github_id TEXT NOT NULL DEFAULT '',"
    "  email TEXT NOT NULL DEFAULT '',"
    "  section TEXT NOT NULL DEFAULT '',"
    "  sections TEXT NOT NULL DEFAULT ''," /* a TA's, one a line; '': all */
    "  token BLOB,"
    "  token_s INTEGER NOT NULL DEFAULT 0,"
    "  created_s INTEGER NOT NULL"
    ") STRICT;"

    "CREATE TABLE web_session ("
    "  hash BLOB PRIMARY KEY,"
    "  person INTEGER NOT NULL REFERENCES web_person(id) ON DELETE CASCADE,"
    "  view_as TEXT NOT NULL DEFAULT '',"
    "  expires_s INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX web_session_person ON web_session(person);"

    "CREATE TABLE web_link ("
    "  hash BLOB PRIMARY KEY,"
    "  person INTEGER NOT NULL REFERENCES web_person(id) ON DELETE CASCADE,"
    "  expires_s INTEGER NOT NULL,"
    "  used_s INTEGER NOT NULL DEFAULT 0"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE web_job ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  person INTEGER NOT NULL REFERENCES web_person(id),"
    "  hash TEXT NOT NULL,"
    "  message TEXT NOT NULL DEFAULT '',"
    "  state TEXT NOT NULL CHECK (state IN"
    "    ('pending', 'queued', 'running', 'done', 'superseded', 'aborted', 'error')),"
    "  place INTEGER NOT NULL DEFAULT 0," /* order in the queue; a newer push inherits it */
    "  attempt INTEGER NOT NULL DEFAULT 0,"
    "  pushed_ms INTEGER NOT NULL,"
    "  started_ms INTEGER NOT NULL DEFAULT 0,"
    "  ended_ms INTEGER NOT NULL DEFAULT 0,"
    "  submission INTEGER NOT NULL DEFAULT 0,"
    "  error TEXT NOT NULL DEFAULT ''"
    ") STRICT;"
    "CREATE INDEX web_job_open ON web_job(state, place)"
    "  WHERE state IN ('pending', 'queued', 'running', 'error');"
    "CREATE INDEX web_job_person ON web_job(person, id);"
    "CREATE INDEX web_job_ended ON web_job(ended_ms);"
    "CREATE INDEX web_job_submission ON web_job(submission) WHERE submission > 0;"

    "CREATE TRIGGER web_job_graded AFTER INSERT ON submission WHEN NEW.folder GLOB 'job-*-*'"
    " BEGIN"
    "  SELECT RAISE(ABORT, 'this job is not being graded by this run any more')"
    "   WHERE NOT EXISTS (SELECT 1 FROM web_job WHERE state = 'running'"
    "    AND 'job-' || id || '-' || attempt = NEW.folder"
    "    AND id = CAST(substr(NEW.folder, 5) AS INTEGER));"
    "  UPDATE web_job SET state = 'done', submission = NEW.id, error = '',"
    "    ended_ms = CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    "   WHERE id = CAST(substr(NEW.folder, 5) AS INTEGER);"
    " END;"

    /* Derived from the results, submission after submission (web/digest.c). */
    "CREATE TABLE web_check ("
    "  student TEXT NOT NULL, exercise TEXT NOT NULL, id TEXT NOT NULL,"
    "  title TEXT NOT NULL, failing INTEGER NOT NULL, since_s INTEGER NOT NULL,"
    "  message TEXT NOT NULL,"
    "  PRIMARY KEY (student, exercise, id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX web_check_failing ON web_check(exercise, id) WHERE failing;"
    "CREATE TABLE web_attempts ("
    "  student TEXT NOT NULL, exercise TEXT NOT NULL,"
    "  attempts INTEGER NOT NULL, full_at INTEGER NOT NULL,"
    "  PRIMARY KEY (student, exercise)"
    ") STRICT, WITHOUT ROWID;",

    /* SQLite takes an index of a part of the rows only where it sees that a question asks for
     * no other; from `state = 'queued'` it sees that of an OR, and not of an IN. */
    "DROP INDEX web_job_open;"
    "CREATE INDEX web_job_open ON web_job(state, place) WHERE " OPEN ";"
    "CREATE INDEX web_job_open_person ON web_job(person, state) WHERE " OPEN ";"

    /* The newest push and the newest result of each person, kept by triggers: a class of
     * 1,000 would look each of them up among 200,000. NULL: none. */
    "CREATE TABLE web_newest ("
    "  person INTEGER PRIMARY KEY REFERENCES web_person(id) ON DELETE CASCADE,"
    "  job INTEGER, state TEXT, pushed_ms INTEGER, hash TEXT," /* not of one that was aborted */
    "  submission INTEGER"
    ") STRICT;"
    "INSERT INTO web_newest"
    " SELECT p.id, j.id, j.state, j.pushed_ms, j.hash,"
    "   (SELECT max(id) FROM submission WHERE student = p.name)"
    "  FROM web_person p LEFT JOIN web_job j ON j.id ="
    "   (SELECT max(id) FROM web_job WHERE person = p.id AND state <> 'aborted');"
    /* Somebody's results may be there before the roster names them. */
    "CREATE TRIGGER web_newest_person AFTER INSERT ON web_person BEGIN"
    "  INSERT INTO web_newest (person, submission)"
    "   VALUES (NEW.id, (SELECT max(id) FROM submission WHERE student = NEW.name));"
    " END;"
    "CREATE TRIGGER web_newest_name AFTER UPDATE OF name ON web_person BEGIN"
    "  UPDATE web_newest SET submission ="
    "   (SELECT max(id) FROM submission WHERE student = NEW.name) WHERE person = NEW.id;"
    " END;"
    "CREATE TRIGGER web_newest_job AFTER INSERT ON web_job WHEN NEW.state <> 'aborted' BEGIN"
    "  UPDATE web_newest SET job = NEW.id, state = NEW.state, pushed_ms = NEW.pushed_ms,"
    "    hash = NEW.hash WHERE person = NEW.person AND coalesce(job, 0) < NEW.id;"
    " END;"
    "CREATE TRIGGER web_newest_state AFTER UPDATE OF state ON web_job"
    " WHEN NEW.state <> OLD.state BEGIN"
    "  UPDATE web_newest SET (job, state, pushed_ms, hash) ="
    "   (SELECT id, state, pushed_ms, hash FROM web_job WHERE person = NEW.person"
    "     AND state <> 'aborted' ORDER BY id DESC LIMIT 1) WHERE person = NEW.person;"
    " END;"
    "CREATE TRIGGER web_newest_result AFTER INSERT ON submission BEGIN"
    "  UPDATE web_newest SET submission = NEW.id WHERE coalesce(submission, 0) < NEW.id"
    "   AND person = (SELECT id FROM web_person WHERE name = NEW.student"
    "     AND name = NEW.student COLLATE BINARY);"
    " END;",

    /* What is to be sent (web/mail.h). No secret stands in it. */
    "CREATE TABLE web_mail ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  kind TEXT NOT NULL CHECK (kind IN ('link', 'alert')),"
    "  asked TEXT NOT NULL,"               /* as typed by who wants a link */
    "  person INTEGER NOT NULL DEFAULT 0," /* whom it went to; 0: not known yet, or nobody */
    "  text TEXT NOT NULL DEFAULT '',"
    "  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dropped')),"
    "  tries INTEGER NOT NULL DEFAULT 0,"
    "  made_s INTEGER NOT NULL,"
    "  next_s INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "CREATE INDEX web_mail_waiting ON web_mail(id) WHERE state = 'waiting';"
    "CREATE INDEX web_mail_person ON web_mail(person, made_s) WHERE person > 0;",

    /* Reports of the grading workflow (web/reports.h). A repository on GitHub is known by its
     * number; `person` 0: staff have to say whose it is. `text` is kept until it is stored. */
    "CREATE TABLE web_repo ("
    "  id TEXT PRIMARY KEY, name TEXT NOT NULL, person INTEGER NOT NULL, linked_by TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE web_report ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  repository TEXT NOT NULL REFERENCES web_repo(id),"
    "  run TEXT NOT NULL, attempt TEXT NOT NULL, hash TEXT NOT NULL,"
    "  workflow TEXT NOT NULL, actor TEXT NOT NULL, one_job INTEGER NOT NULL,"
    "  grader TEXT NOT NULL, digest BLOB NOT NULL, text TEXT NOT NULL,"
    "  received_ms INTEGER NOT NULL,"
    "  submission INTEGER NOT NULL DEFAULT 0, person INTEGER NOT NULL DEFAULT 0,"
    "  UNIQUE (repository, run, attempt)"
    ") STRICT;"
    "CREATE INDEX web_report_open ON web_report(repository, id) WHERE submission = 0;"
    "CREATE INDEX web_report_submission ON web_report(submission) WHERE submission > 0;"
    "CREATE INDEX web_report_person ON web_report(person, id) WHERE person > 0;"
    "ALTER TABLE web_newest ADD COLUMN reported_ms INTEGER NOT NULL DEFAULT 0;"
    "CREATE TRIGGER web_report_stored AFTER INSERT ON submission"
    "  WHEN NEW.folder GLOB 'report-[0-9]*'"
    " BEGIN"
    "  SELECT RAISE(ABORT, 'this report is stored already, or is not of this student')"
    "   WHERE NOT EXISTS (SELECT 1 FROM web_report r JOIN web_repo o ON o.id = r.repository"
    "    JOIN web_person p ON p.id = o.person"
    "    WHERE r.id = CAST(substr(NEW.folder, 8) AS INTEGER) AND 'report-' || r.id = NEW.folder"
    "     AND r.submission = 0 AND p.role = 'student' AND p.name = NEW.student);"
    "  UPDATE web_report SET submission = NEW.id, text = '',"
    "    person = (SELECT o.person FROM web_repo o WHERE o.id = repository)"
    "   WHERE id = CAST(substr(NEW.folder, 8) AS INTEGER);"
    "  UPDATE web_newest SET reported_ms = max(reported_ms, (SELECT r.received_ms FROM web_report r"
    "    WHERE r.id = CAST(substr(NEW.folder, 8) AS INTEGER)))"
    "   WHERE person = (SELECT id FROM web_person WHERE name = NEW.student);"
    " END;",

    /* When a result was handed in: pushed here or to GitHub, or else received. Deadlines go by
     * it. */
    "ALTER TABLE web_report ADD COLUMN pushed_ms INTEGER NOT NULL DEFAULT 0;"
    "CREATE TRIGGER web_job_submitted AFTER UPDATE OF submission ON web_job"
    "  WHEN NEW.submission > 0 BEGIN"
    "  UPDATE submission SET submitted_s = NEW.pushed_ms / 1000 WHERE id = NEW.submission;"
    " END;"
    "CREATE TRIGGER web_report_submitted AFTER UPDATE OF submission ON web_report"
    "  WHEN NEW.submission > 0 BEGIN"
    "  UPDATE submission SET submitted_s ="
    "    iif(NEW.pushed_ms > 0, NEW.pushed_ms, NEW.received_ms) / 1000 WHERE id = NEW.submission;"
    " END;"
    "UPDATE submission SET submitted_s = j.pushed_ms / 1000 FROM web_job j"
    "  WHERE j.submission = submission.id AND j.submission > 0;"
    "UPDATE submission SET submitted_s = r.received_ms / 1000 FROM web_report r"
    "  WHERE r.submission = submission.id AND r.submission > 0;",

    /* Students who have left the course keep their row and their results; 0: still here. */
    "ALTER TABLE web_person ADD COLUMN left_s INTEGER NOT NULL DEFAULT 0;",

    /* When exercises are due (web/due.h); person 0: for everybody. */
    "CREATE TABLE web_due ("
    "  exercise TEXT NOT NULL, person INTEGER NOT NULL, due_s INTEGER NOT NULL,"
    "  PRIMARY KEY (exercise, person)"
    ") STRICT, WITHOUT ROWID;",

    /* What came of the newest, whose folder may be missing; and a stub is no attempt any more. */
    "ALTER TABLE web_attempts ADD COLUMN latest TEXT NOT NULL DEFAULT 'graded'"
    "  CHECK (latest IN ('graded', 'build_failed', 'stub', 'missing'));"
    "CREATE INDEX web_attempts_latest ON web_attempts(student, exercise, latest)"
    "  WHERE latest <> 'graded';"
    "WITH e AS MATERIALIZED (SELECT s.id, s.student, e.exercise, e.halves >= e.max_halves AS full,"
    "   iif(e.status = 'graded' AND e.halves = 0 AND e.first_todo IS NOT NULL, 'stub', e.status)"
    "    AS came"
    "   FROM submission s JOIN exercise e ON e.submission = s.id"
    "   WHERE e.status <> 'error' AND s.id <= (SELECT CAST(value AS INTEGER)"
    "    FROM web_setting WHERE key = 'digest')),"
    "  n AS (SELECT *, count(*) FILTER (WHERE came NOT IN ('stub', 'missing')) OVER w AS nth,"
    "    lead(id) OVER w AS later FROM e WINDOW w AS (PARTITION BY student, exercise ORDER BY id)),"
    "  g AS (SELECT student, exercise, max(nth) AS attempts, min(nth) FILTER (WHERE full) AS first,"
    "    max(came) FILTER (WHERE later IS NULL) AS latest FROM n GROUP BY student, exercise)"
    " UPDATE web_attempts SET attempts = g.attempts, full_at = coalesce(g.first, 0),"
    "   latest = g.latest FROM g"
    "  WHERE g.student = web_attempts.student AND g.exercise = web_attempts.exercise;",

    /* What has expired is taken away at each sign-in, and must not be looked for in all of it. */
    "CREATE INDEX web_session_expires ON web_session(expires_s);"
    "CREATE INDEX web_link_expires ON web_link(expires_s);",
};
enum { NEWEST = sizeof migrations / sizeof *migrations };

static int migrate(Db *db, int to, Fault *fault)
{
    int version = (int)db_number(db, 0, "SELECT version FROM web_schema", "");
    if (version > NEWEST)
        return fault_set(fault,
                         "this course was made by a newer courseweb (schema %d, this one "
                         "knows up to %d); use that one",
                         version, NEWEST);
    for (; version < to; version++)
        if (db_script(db, migrations[version], fault))
            return -1;
    return db_run(db, fault, "UPDATE web_schema SET version = ?", "i", (int64_t)version);
}

bool web_schema_old(Db *db)
{
    return db_number(db, -1, "SELECT version FROM web_schema", "") < NEWEST;
}

int web_schema_to(Db *db, int version, Fault *fault)
{
    if (db_begin(db, fault))
        return -1;
    if (!db_script(db,
                   "CREATE TABLE IF NOT EXISTS web_schema (version INTEGER NOT NULL) STRICT;"
                   "INSERT INTO web_schema SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM web_schema)",
                   fault) &&
        !migrate(db, version, fault) && !db_commit(db, fault))
        return 0;
    db_rollback(db);
    return -1;
}

int web_schema_ready(Db *db, Fault *fault)
{
    if (db_number(db, -1, "SELECT version FROM web_schema", "") == NEWEST)
        return 0;
    return web_schema_to(db, NEWEST, fault);
}
