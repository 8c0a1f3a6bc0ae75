#include "reports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result_read.h"
#include "secret.h"
#include "store.h"
#include "whose.h"

enum { PUSH_AGE_MOST_S = 40 * 24 * 3600 };

/* --- from what is written down to a submission --- */

typedef struct Kept {
    char *student, *text, *grader;
    bool one_job;
    int64_t received_s;
} Kept;

/* False: there is no such report that is to be stored. */
static bool find_kept(Db *db, int64_t id, Kept *kept)
{
    sqlite3_stmt *row = db_ask(db, NULL,
                               "SELECT p.name, r.text, r.grader, r.one_job, r.received_ms / 1000"
                               " FROM web_report r JOIN web_repo o ON o.id = r.repository"
                               " JOIN web_person p ON p.id = o.person AND p.left_s = 0"
                               " WHERE r.id = ? AND r.submission = 0",
                               "i", id);
    if (!db_row(row))
        return false;
    *kept = (Kept){.student = x_strdup(db_column(row, 0)),
                   .text = x_strdup(db_column(row, 1)),
                   .grader = x_strdup(db_column(row, 2)),
                   .one_job = sqlite3_column_int(row, 3) != 0,
                   .received_s = sqlite3_column_int64(row, 4)};
    db_done(row);
    return true;
}

static int add(const Course *course, int64_t id, const Kept *kept, Result result, Fault *fault)
{
    int status = -1;
    Store *store = store_open(course->db_path, fault);
    if (store) {
        result.submission = x_printf("report-%lld", (long long)id);
        result.tree_hash = x_strdup("");
        result.version = x_strdup(kept->grader);
        result.started_s = kept->received_s;
        result.weaker = kept->one_job;
        status = store_add(store, kept->student, &result, NULL, fault);
    }
    store_close(store);
    result_release(&result);
    return status;
}

static int64_t submission_of(Db *db, int64_t id)
{
    return db_number(db, 0, "SELECT submission FROM web_report WHERE id = ?", "i", id);
}

static int store_report(const Course *course, Db *db, int64_t id, Fault *fault)
{
    Kept kept;
    if (!find_kept(db, id, &kept))
        return 0;
    Result result;
    int status;
    if (result_read(&result, kept.text, strlen(kept.text), NULL) == 0) {
        status = add(course, id, &kept, result, fault);
    } else { /* a newer program reads more strictly: what waits behind it must not wait for it */
        result_release(&result);
        status = db_run(db, fault, "UPDATE web_report SET submission = -1 WHERE id = ?", "i", id);
    }
    free(kept.student);
    free(kept.text);
    free(kept.grader);
    /* Somebody else may have been faster: the trigger lets one through. */
    return status && submission_of(db, id) ? 0 : status;
}

int reports_settle(const Course *course, Db *db, const char *repository, int *n, Fault *fault)
{
    int64_t id = 0;
    int done = 0, status = 0;
    while (status == 0 &&
           (id = db_number(
                db, 0,
                /* without the index's name SQLite walks through all that were ever stored */
                "SELECT min(r.id) FROM web_report r INDEXED BY web_report_open"
                " JOIN web_repo o ON"
                " o.id = r.repository JOIN web_person p ON p.id = o.person AND p.left_s = 0"
                " WHERE r.submission = 0 AND r.id > ?1"
                " AND o.person > 0 AND (?2 IS NULL OR o.id = ?2)",
                "is", id, repository)) != 0) {
        status = store_report(course, db, id, fault);
        done += status == 0;
    }
    if (n)
        *n = done;
    return status;
}

/* --- writing it down --- */

static int64_t of_this_run(Db *db, const Claims *claims, const unsigned char *digest, bool *same)
{
    int64_t id = db_number(db, 0,
                           "SELECT id FROM web_report WHERE repository = ? AND run = ?"
                           " AND attempt = ?",
                           "sss", claims->repository_id, claims->run, claims->attempt);
    *same = id && db_number(db, 0, "SELECT digest = ? FROM web_report WHERE id = ?", "bi", digest,
                            (size_t)SECRET_HASH, id);
    return id;
}

static int make_room(Db *db, const Claims *claims, bool *full, Fault *fault)
{
    if (db_run(db, fault,
               "DELETE FROM web_report WHERE submission = 0 AND repository = ?1 AND id NOT IN"
               " (SELECT id FROM web_report WHERE submission = 0 AND repository = ?1"
               "  ORDER BY id DESC LIMIT ?2)",
               "si", claims->repository_id, (int64_t)WAITING_OF_REPO - 1))
        return -1;
    *full = db_number(db, 0, "SELECT count(*) FROM web_report WHERE submission = 0", "") >=
            WAITING_MOST;
    return 0;
}

/* A run may wait for days, and be repeated for a month. What is not of that time is not believed;
 * 0: not known. */
static int64_t believed_ms(int64_t pushed_s)
{
    int64_t age_s = now_s() - pushed_s;
    return age_s >= 0 && age_s <= PUSH_AGE_MOST_S ? 1000 * pushed_s : 0;
}

static int write_down(Db *db, const Report *report, const unsigned char *digest, Fault *fault)
{
    const Claims *claims = report->claims;
    return db_run(db, fault,
                  "INSERT INTO web_report (repository, run, attempt, hash, workflow, actor,"
                  "  one_job, grader, digest, text, received_ms, pushed_ms)"
                  " VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
                  "ssssssisbsii", claims->repository_id, claims->run, claims->attempt,
                  claims->commit, claims->workflow, claims->actor, (int64_t)report->one_job,
                  report->grader, digest, (size_t)SECRET_HASH, report->text, now_ms(),
                  believed_ms(report->pushed_s));
}

/* The owner's number stands for the owner from the first report on: names change hands. */
static int learn_owner(Db *db, const Trust *trust, const Claims *claims, Fault *fault)
{
    return *trust->owner_id ? 0 : course_set(db, "github_owner_id", claims->owner_id, fault);
}

static bool has_left(Db *db, int64_t person)
{
    return db_number(db, 0, "SELECT left_s FROM web_person WHERE id = ?", "i", person) > 0;
}

/* Inside a transaction. `id` 0: it goes no further. */
static int take_inside(Db *db, const Trust *trust, const Report *report, ReportTaken *taken,
                       int64_t *id, Fault *fault)
{
    unsigned char digest[SECRET_HASH];
    bool full = false;
    secret_hash(report->text, digest);
    *id = of_this_run(db, report->claims, digest, &taken->again);
    if (*id && !taken->again) {
        taken->fate = REPORT_OTHER;
        *id = 0;
        return 0;
    }
    taken->person = learn_owner(db, trust, report->claims, fault)
                        ? -1
                        : whose_repository(db, trust, report->claims, fault);
    if (taken->person < 0)
        return -1;
    taken->fate = taken->person ? REPORT_STORED : REPORT_WAITS;
    if (*id)
        return 0;
    if (has_left(db, taken->person)) {
        taken->fate = REPORT_LEFT;
        return 0;
    }
    if (!taken->person && make_room(db, report->claims, &full, fault))
        return -1;
    if (full) {
        taken->fate = REPORT_FULL;
        return 0;
    }
    if (write_down(db, report, digest, fault))
        return -1;
    *id = sqlite3_last_insert_rowid(db->sql);
    return 0;
}

int report_take(const Course *course, Db *db, const Trust *trust, const Report *report,
                ReportTaken *taken, Fault *fault)
{
    int64_t id = 0;
    *taken = (ReportTaken){.fate = REPORT_WAITS};
    if (db_begin(db, fault))
        return -1;
    if (take_inside(db, trust, report, taken, &id, fault) || db_commit(db, fault)) {
        db_rollback(db);
        return -1;
    }
    if (id == 0 || taken->fate != REPORT_STORED)
        return 0;
    /* Also those that came before we knew whose it is, the oldest first. */
    if (reports_settle(course, db, report->claims->repository_id, NULL, fault))
        return -1;
    taken->submission = submission_of(db, id);
    return taken->submission ? 0 : fault_set(fault, "report %lld was not stored", (long long)id);
}
