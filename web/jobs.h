/*
 * The queue: one row of web_job for each push to the branch `main`.
 *
 * Which push counts. Only the branch `main` is graded; other branches and tags are kept
 * and nothing else. The newest push counts: while a push waits, a newer one of the same
 * student takes its place in the queue (`superseded`), so each student waits at most
 * once and pushing again costs no place. Only where something was due between the two
 * both are graded, for the older one is what was handed in by that date. What is being
 * graded already runs to its end, and its result is kept: best and latest stand side by
 * side. One student has one run at a time. A push is limited to PUSHES_AN_HOUR (setting
 * `pushes_an_hour`); one more is refused before the branch moves.
 *
 * Life of a row:
 *   pending      written before the branch moves (hook, `prepared`)
 *   queued       the branch has moved (hook, `committed`; or found so later)
 *   running      a worker grades it; `attempt` counts from 1
 *   done         the result is stored: same transaction (schema.c, the trigger)
 *   error        ATTEMPTS_MOST attempts failed on our side; staff may try again, until
 *                a newer push takes its place. Between attempts it waits (AGAIN_S), so that
 *                a moment's trouble, as a grader that is just being replaced, is over
 *   superseded, aborted   see above; the branch did not move after all
 *
 * A push that git acknowledged has a row: whatever dies, jobs_settle() compares rows
 * and branches and makes good what is missing.
 */
#ifndef WEB_JOBS_H
#define WEB_JOBS_H

#include "course.h"
#include "pages/pages.h"

enum {
    ATTEMPTS_MOST = 3,
    AGAIN_S = 10, /* after the first failure of ours, twice as long after the second */
    PUSHES_AN_HOUR = 30,
    HASH_TEXT = 65, /* a commit's name */
    BRANCH_MOST = 256
};
#define BRANCH "refs/heads/main"

typedef struct Job {
    int64_t id, person, submission;
    int attempt;
    JobState state;
    char name[64], section[256], hash[HASH_TEXT];
} Job;

JobState job_state_named(const char *name);
bool hash_valid(const char *hash);

int64_t pushes_an_hour(Db *db);
int64_t pushes_this_hour(Db *db, int64_t person);

/* May this person push once more now? -1 and the fault says when, or is our failure. */
int job_allowed(Db *db, int64_t person, Fault *fault);
/* Writes the pending row. -1 and the fault: refused (the limit), or our failure. */
int job_prepare(Db *db, int64_t person, const char *hash, Fault *fault);
/* The branch stands at this commit now: queues it. `job` (may be NULL) gets the row's number. */
int job_commit(Db *db, int64_t person, const char *hash, int64_t *job, Fault *fault);
/* The same inside a transaction of the caller's. */
int job_commit_inside(Db *db, int64_t person, const char *hash, int64_t *job, Fault *fault);
/* The newest row of a push that came through, if it is this commit's; else 0. */
int64_t job_standing(Db *db, int64_t person, const char *hash);
/* The branch did not move. */
int job_abort(Db *db, int64_t person, const char *hash, Fault *fault);

/* Rows against the branch of one student, or of everybody (`name` NULL): a pending row
 * becomes queued or aborted, a branch without a row gets one. Only while no push of
 * theirs is under way. */
int jobs_settle(const Course *course, Db *db, const char *name, Fault *fault);

/* At the start of a server: nothing is running; what was goes back. */
int jobs_recover(Db *db, Fault *fault);

/* Takes the next one. 1: `job` is running now; 0: nothing to do; -1: the fault. */
int job_take(Db *db, Job *job, Fault *fault);
/* In how many milliseconds after `now` one that failed may be tried again; -1: none waits for that.
 * Where job_take() found nothing, `now` is from before it: what became ready since is not passed over. */
int64_t jobs_again_ms(Db *db, int64_t now);
/* This attempt failed on our side: back, or `error`. Nothing if it has ended already.
 * `state` gets what became of it. */
int job_give_back(Db *db, const Job *job, const char *why, JobState *state, Fault *fault);
/* An errored one once more. (Where something was due between it and a newer push that is graded already, it
 * becomes the latest by number.) */
int job_retry(Db *db, int64_t id, Fault *fault);
/* All errored ones of students in these sections (one a line; "": of all). How many, or -1. */
int jobs_retry(Db *db, const char *sections, Fault *fault);
/* This person's newest push once more, as of when it was pushed: after the grader was corrected. Both
 * results stay, and the best counts. 1: queued; 0: nothing was pushed, or it waits or runs already;
 * -1 and the fault. */
int job_again(Db *db, int64_t person, Fault *fault);

bool job_find(Db *db, int64_t id, Job *job);
/* 1: the next; 0: it does not wait. */
int job_place(Db *db, int64_t id);

#endif
