#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "due.h"
#include "report/report.h"
#include "result_json.h"
#include "store.h"

enum { TEXT_MOST = 16384, LONG_QUEUE = 10 };

/* --- for a terminal --- */

static const char at_home[] =
    "While you wait: `make grade` in your folder gives the same verdict at home.\n";

static void queued_text(Db *db, const Job *job, Buf *out)
{
    int place = job_place(db, job->id);
    if (course_setting_number(db, "paused", 0))
        buf_str(out, "Grading is paused by the staff. Your push is kept and waits: Ctrl-C here "
                     "loses nothing,\nand the verdict comes to your page.\n");
    else if (place <= 1)
        buf_str(out, "Queued: yours is the next.\n");
    else
        buf_printf(out, "Queued: place %d.\n", place);
    if (db_number(db, 0,
                  "SELECT 1 FROM web_job WHERE person = ? AND id < ? AND state IN ('queued', "
                  "'running') LIMIT 1",
                  "ii", job->person, job->id))
        buf_str(out, "An earlier push of yours is graded first.\n");
    if (place > LONG_QUEUE)
        buf_str(out, at_home);
}

void job_text(Db *db, const Job *job, Buf *out)
{
    switch (job->state) {
    case JOB_QUEUED:
        if (job->attempt > 0)
            buf_printf(out, "Attempt %d failed on our side; it is tried again %d s after that.\n",
                       job->attempt, AGAIN_S * job->attempt);
        queued_text(db, job, out);
        break;
    case JOB_RUNNING:
        buf_str(out, job->attempt > 1 ? "Grading again ...\n" : "Grading ...\n");
        break;
    case JOB_SUPERSEDED:
        buf_str(out, "A newer push of yours has taken this one's place; that one is graded.\n");
        break;
    case JOB_ERROR:
        buf_str(out, "Something of ours failed. Your push is safe, the staff sees it.\n");
        break;
    default:
        break;
    }
}

static void exercise_text(const char *id, const char *status, int halves, int max_halves, Buf *out)
{
    char is[16], all[16];
    buf_printf(out, "  %-18s %5s of %s%s\n", id, report_points(halves, is, sizeof is),
               report_points(max_halves, all, sizeof all),
               strcmp(status, "build_failed") == 0 ? "   does not compile"
               : strcmp(status, "missing") == 0    ? "   is missing"
               : strcmp(status, "stub") == 0       ? "   is still the stub"
                                                   : "");
}

static void exercises_text(Db *db, const Job *job, Buf *out)
{
    sqlite3_stmt *row = db_ask(db, NULL,
                               "SELECT exercise, iif(stub, 'stub', status), halves, max_halves"
                               " FROM exercise WHERE submission = ? ORDER BY exercise",
                               "i", job->submission);
    while (db_row(row))
        exercise_text(db_column(row, 0), db_column(row, 1), sqlite3_column_int(row, 2),
                      sqlite3_column_int(row, 3), out);
}

/* ", "Sleeps between" (nonblocking.c:42): what was seen". */
static void say_check(sqlite3_stmt *row, Buf *out)
{
    const char *title = db_column(row, 4), *message = db_column(row, 5), *file = db_column(row, 6);
    int shown = (int)strcspn(message, "\n");
    buf_printf(out, ", \"%s\"", title);
    if (*file)
        buf_printf(out, " (%s:%d)", file, sqlite3_column_int(row, 7));
    buf_printf(out, ": %.*s\n", shown > 400 ? 400 : shown, message);
}

/* The first exercise with something to do, and what its report told to begin with: as on the
 * submission's page. */
static bool next_in_order(Db *db, const Job *job, Buf *out)
{
    sqlite3_stmt *row = db_ask(
        db, NULL,
        "SELECT e.exercise, e.status, e.stub, e.todo, c.value ->> 'title', c.value ->> 'message',"
        "  coalesce((SELECT v.value ->> 'file' FROM json_each(c.value, '$.evidence') v"
        "   WHERE v.value ->> 'line' > 0 ORDER BY v.key LIMIT 1), ''),"
        "  (SELECT v.value ->> 'line' FROM json_each(c.value, '$.evidence') v"
        "   WHERE v.value ->> 'line' > 0 ORDER BY v.key LIMIT 1), coalesce(e.first_todo, '')"
        " FROM exercise e LEFT JOIN json_each(e.checks) c"
        "  ON c.value ->> 'status' = 'fail' AND (e.key_check IS NULL OR c.value ->> 'id' = "
        "e.key_check)"
        " WHERE e.submission = ? AND (e.status = 'missing' OR e.stub OR c.value IS NOT NULL)"
        " ORDER BY e.exercise, c.key LIMIT 1",
        "i", job->submission);
    if (!db_row(row))
        return false;
    buf_printf(out, "Next: %s", db_column(row, 0));
    if (strcmp(db_column(row, 1), "missing") == 0)
        buf_str(out, ": hand in its folder.\n");
    else if (sqlite3_column_int(row, 2))
        buf_printf(out, ": TODO %d in %s.\n", sqlite3_column_int(row, 3), db_column(row, 8));
    else
        say_check(row, out);
    db_done(row);
    return true;
}

static void next_step(Db *db, const Job *job, Buf *out)
{
    if (!db_number(db, 0, "SELECT 1 FROM exercise WHERE submission = ? AND status <> 'missing'",
                   "i", job->submission))
        buf_str(out, "No exercise's folder was found: ex1_nonblocking/ and the others belong "
                     "into assignments/,\nor stand at the top. Nothing was graded.\n");
    else if (next_in_order(db, job, out))
        return;
    else if (db_number(db, 0, "SELECT 1 FROM submission WHERE id = ? AND halves < max_halves", "i",
                       job->submission))
        buf_str(out, "Every check that could be judged passes; the page says which could not.\n");
    else
        buf_str(out, "Every check passes.\n");
}

/* What counts where this push has less, and what came behind its due date. */
static void what_counts(Db *db, const Job *job, int halves, Buf *out)
{
    char best[16];
    int most =
        (int)db_number(db, 0, "SELECT sum(halves) FROM best WHERE student = ?", "s", job->name);
    if (most > halves)
        buf_printf(out, "Your best of each exercise counts: %s in all.\n",
                   report_points(most, best, sizeof best));
    sqlite3_stmt *row = db_ask(db, NULL,
                               "SELECT e.exercise, " STORE_HANDED_IN(
                                   "s") " FROM exercise e JOIN submission s ON s.id = e.submission"
                                        " WHERE s.id = ? AND e.status <> 'missing' AND NOT e.stub",
                               "i", job->submission);
    int late = 0;
    while (db_row(row)) {
        int64_t due_s = due_of(db, job->person, db_column(row, 0));
        if (due_s == 0 || sqlite3_column_int64(row, 1) <= due_s)
            continue;
        buf_printf(out, "%s%s", late++ ? ", " : "Pushed after the due date of ", db_column(row, 0));
    }
    if (late)
        buf_str(out, ".\n");
}

void verdict_text(Db *db, const Job *job, bool exercises, Buf *out)
{
    char is[16], all[16];
    if (exercises)
        exercises_text(db, job, out);
    sqlite3_stmt *row = db_ask(db, NULL, "SELECT halves, max_halves FROM submission WHERE id = ?",
                               "i", job->submission);
    if (db_row(row)) {
        int halves = sqlite3_column_int(row, 0);
        buf_printf(out, "  %-18s %5s of %s\n", "total", report_points(halves, is, sizeof is),
                   report_points(sqlite3_column_int(row, 1), all, sizeof all));
        db_done(row);
        what_counts(db, job, halves, out);
    }
    next_step(db, job, out);
}

/* --- for everybody --- */

static void publish(Hub *hub, Event *event, const Job *job, json_t *json, const Buf *text)
{
    Buf line;
    buf_init(&line, TEXT_MOST);
    json_write_take(&line, json, JSON_COMPACT);
    event->json = line.data;
    event->text = text ? text->data : "";
    if (job) {
        event->person = job->person;
        event->section = job->section;
        event->job = job->id;
        event->submission = job->submission;
    }
    hub_publish(hub, event);
    buf_release(&line);
}

void publish_job(Hub *hub, Db *db, int64_t id)
{
    Job job;
    Buf text;
    if (!job_find(db, id, &job))
        return;
    buf_init(&text, TEXT_MOST);
    job_text(db, &job, &text);
    Event event = {.kind = EVENT_QUEUE,
                   .taken = job.state == JOB_RUNNING,
                   .last = job.state == JOB_SUPERSEDED || job.state == JOB_ERROR};
    publish(hub, &event, &job,
            json_pack("{s:s,s:I,s:s,s:i,s:i}", "student", job.name, "job", (json_int_t)job.id,
                      "state", job_state_name(job.state), "place", job_place(db, id), "attempt",
                      job.attempt),
            &text);
    buf_release(&text);
}

void publish_superseded(Hub *hub, Db *db, int64_t person)
{
    enum { MOST = 4 };
    int64_t ids[MOST];
    int n = 0;
    sqlite3_stmt *row = db_ask(db, NULL,
                               "SELECT id FROM web_job WHERE person = ? AND state = 'superseded'"
                               " ORDER BY id DESC LIMIT 4",
                               "i", person);
    while (db_row(row))
        ids[n++] = sqlite3_column_int64(row, 0);
    for (int i = 0; i < n; i++)
        publish_job(hub, db, ids[i]);
}

void publish_exercise(Hub *hub, const Job *job, const char *line)
{
    char id[64], status[32];
    int halves, max_halves;
    Buf text;
    if (sscanf(line, "done %63s %d %d %31s", id, &halves, &max_halves, status) != 4)
        return;
    buf_init(&text, TEXT_MOST);
    exercise_text(id, status, halves, max_halves, &text);
    Event event = {.kind = EVENT_EXERCISE};
    publish(hub, &event, job,
            json_pack("{s:s,s:I,s:s,s:o,s:o}", "student", job->name, "job", (json_int_t)job->id,
                      "exercise", id, "score", json_points(halves), "max_score",
                      json_points(max_halves)),
            &text);
    buf_release(&text);
}

void publish_verdict(Hub *hub, Db *db, int64_t id)
{
    Job job;
    Buf text, rest;
    if (!job_find(db, id, &job) || job.state != JOB_DONE)
        return;
    int halves =
        (int)db_number(db, 0, "SELECT halves FROM submission WHERE id = ?", "i", job.submission);
    int most = (int)db_number(db, 0, "SELECT max_halves FROM submission WHERE id = ?", "i",
                              job.submission);
    buf_init(&text, TEXT_MOST);
    verdict_text(db, &job, true, &text);
    buf_init(&rest, TEXT_MOST);
    verdict_text(db, &job, false, &rest);
    Event event = {.kind = EVENT_VERDICT, .rest = rest.data, .last = true};
    publish(hub, &event, &job,
            json_pack("{s:s,s:I,s:I,s:o,s:o}", "student", job.name, "job", (json_int_t)job.id,
                      "submission", (json_int_t)job.submission, "score", json_points(halves),
                      "max_score", json_points(most)),
            &text);
    buf_release(&text);
    buf_release(&rest);
}

void publish_report(Hub *hub, Db *db, int64_t person, int64_t submission)
{
    Job job = {.person = person, .submission = submission};
    sqlite3_stmt *row = db_ask(db, NULL,
                               "SELECT p.name, p.section, s.halves, s.max_halves"
                               " FROM web_person p, submission s WHERE p.id = ? AND s.id = ?",
                               "ii", person, submission);
    if (!db_row(row))
        return;
    snprintf(job.name, sizeof job.name, "%s", db_column(row, 0));
    snprintf(job.section, sizeof job.section, "%s", db_column(row, 1));
    int halves = sqlite3_column_int(row, 2), most = sqlite3_column_int(row, 3);
    db_done(row);
    Event event = {.kind = EVENT_VERDICT};
    publish(hub, &event, &job,
            json_pack("{s:s,s:i,s:I,s:o,s:o}", "student", job.name, "job", 0, "submission",
                      (json_int_t)submission, "score", json_points(halves), "max_score",
                      json_points(most)),
            NULL);
}

void publish_notice(Hub *hub, Db *db)
{
    char *banner = course_setting(db, "banner");
    Event event = {.kind = EVENT_NOTICE};
    publish(hub, &event, NULL,
            json_pack("{s:b,s:o}", "paused", course_setting_number(db, "paused", 0) != 0, "banner",
                      json_text(banner ? banner : "", 4096)),
            NULL);
    free(banner);
}
