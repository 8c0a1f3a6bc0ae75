/* What becomes of a job, said to everybody who watches (hub.h). */
#ifndef WEB_VERDICT_H
#define WEB_VERDICT_H

#include "hub.h"
#include "jobs.h"

/* Where it stands: queued, running, superseded, error. */
void publish_job(Hub *hub, Db *db, int64_t id);
/* The same for those whose place a newer push of this person has just taken: that
 * happens in a hook, outside the server. */
void publish_superseded(Hub *hub, Db *db, int64_t person);
/* Its result, if it has one. */
void publish_verdict(Hub *hub, Db *db, int64_t id);
/* A submission that came as a report (reports.h). */
void publish_report(Hub *hub, Db *db, int64_t person, int64_t submission);
/* One exercise of a job has ended (`done EXERCISE HALVES MAX_HALVES STATUS`, as
 * `grader run --live` says it); other lines are passed over. */
void publish_exercise(Hub *hub, const Job *job, const char *line);
/* Whether grading is paused, and the banner. */
void publish_notice(Hub *hub, Db *db);

/* The lines that a pusher reads of a job that has ended: each exercise (unless they came
 * one by one), the total, what to do next. Appends. */
void verdict_text(Db *db, const Job *job, bool exercises, Buf *out);
/* One line of where it stands; for a job that waits its place besides. Appends. */
void job_text(Db *db, const Job *job, Buf *out);

#endif
