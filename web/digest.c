#include "digest.h"

#include <stdio.h>

enum { AT_ONCE = 500 };

static const char keep_checks[] =
    "INSERT INTO web_check (student, exercise, id, title, failing, since_s, message)"
    " SELECT s.student, e.exercise, c.value ->> 'id', c.value ->> 'title',"
    "  c.value ->> 'status' = 'fail', s.started_s, coalesce(c.value ->> 'message', '')"
    " FROM submission s JOIN exercise e ON e.submission = s.id, json_each(e.checks) c"
    " WHERE s.id = ?1 AND e.status IN ('graded', 'build_failed') AND c.value ->> 'id' IS NOT NULL"
    " ON CONFLICT (student, exercise, id) DO UPDATE SET"
    "  since_s = iif(failing = excluded.failing, since_s, excluded.since_s),"
    "  failing = excluded.failing, title = excluded.title, message = excluded.message";

/* A folder that is missing now was there before, or was never handed in. What is graded again is no
 * other attempt: it was pushed when it was pushed. */
#define AGAIN                                                                                      \
    "EXISTS (SELECT 1 FROM submission o WHERE o.student = s.student AND o.id < s.id"               \
    " AND o.submitted_s > 0 AND o.submitted_s = s.submitted_s AND o.tree_hash = s.tree_hash)"

static const char keep_attempts[] =
    "INSERT INTO web_attempts (student, exercise, attempts, full_at, latest)"
    " SELECT s.student, e.exercise,"
    "  e.status <> 'missing' AND NOT e.stub AND NOT " AGAIN ","
    "  iif(e.halves >= e.max_halves, 1, 0), iif(e.stub, 'stub', e.status)"
    " FROM submission s JOIN exercise e ON e.submission = s.id"
    " WHERE s.id = ?1 AND (e.status IN ('graded', 'build_failed') OR (e.status = 'missing' AND"
    "  EXISTS (SELECT 1 FROM web_attempts w WHERE w.student = s.student"
    "   AND w.exercise = e.exercise)))"
    " ON CONFLICT (student, exercise) DO UPDATE SET attempts = attempts + excluded.attempts,"
    "  full_at = iif(full_at > 0, full_at, iif(excluded.full_at > 0,"
    "   attempts + excluded.attempts, 0)),"
    "  latest = excluded.latest";

/* 1: there may be more; 0: all is taken in. Inside a transaction. */
static int take_some(Db *db, Fault *fault)
{
    int64_t at = course_setting_number(db, "digest", 0);
    int done = 0;
    for (; done < AT_ONCE; done++) {
        int64_t id = db_number(db, 0, "SELECT min(id) FROM submission WHERE id > ?", "i", at);
        if (id == 0)
            break;
        if (db_run(db, fault, keep_checks, "i", id) || db_run(db, fault, keep_attempts, "i", id))
            return -1;
        at = id;
    }
    char text[32];
    snprintf(text, sizeof text, "%lld", (long long)at);
    if (done && course_set(db, "digest", text, fault))
        return -1;
    return done == AT_ONCE;
}

int digest_bring_up(Db *db, Fault *fault)
{
    for (;;) {
        if (db_begin(db, fault))
            return -1;
        int more = take_some(db, fault);
        if (more < 0 || db_commit(db, fault)) {
            db_rollback(db);
            return -1;
        }
        if (!more)
            return 0;
    }
}
