/*
 * Results in SQLite: WAL, synchronous FULL, one transaction for each
 * submission, schema versioned. Raw verdicts are kept; a course's weights are
 * applied on reading. A best for each student and exercise is kept beside.
 * Full disk, locked, damaged or read-only database: a Fault in one line that
 * says what to do, and nothing half-written. What store_add() has returned 0
 * for outlives a kill -9 and a power cut.
 *
 * Not stored: practice results (--own). An exercise that the grader could not
 * grade (EX_ERROR) is kept in its row, but is no attempt: it counts neither
 * for the best nor for the latest.
 *
 * A result that the machine which ran the submission reported by itself (the grading workflow in
 * one job) is `weaker`: whoever left the sandbox there could have written it. It counts like any
 * other, and every list of scores says so.
 *
 * A Store is used by one thread at a time; any number of processes may have
 * the same database open.
 */
#ifndef GRADER_STORE_H
#define GRADER_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "course_rules.h"
#include "result.h"

enum {
    STORE_STUDENT_MOST = 100,     /* bytes of a student's name that are kept */
    STORE_TRACE_MOST = 4 << 20,   /* bytes of a trace that are kept */
    STORE_TIMELINE_MOST = 1 << 20 /* bytes of a timeline before it is packed */
};

typedef struct Store Store;

/* How long to wait for a lock that another program holds, in milliseconds;
 * what is opened from now on keeps to it. 5 s times GRADER_SLOW at first. */
void store_set_patience(int ms);

/* What `PRAGMA user_version` is once store_open() has brought a database up to date. */
int store_schema_newest(void);

Store *store_open(const char *path, Fault *fault); /* made if it is not there */
Store *store_open_readonly(const char *path, Fault *fault);
void store_close(Store *store); /* NULL is fine */

/* Stores one result, as it was judged: before course_rules_apply(). `student`
 * may hold anything: it is cleaned, put on one line and cut (a cut name gets a
 * digest of the whole, so that two long ones stay two); NULL or nothing but
 * blanks becomes "(no name)". `id` (may be NULL) gets the submission's number. */
int store_add(Store *store, const char *student, const Result *result, int64_t *id, Fault *fault);

/* What the programs of ours did (grade.h: baseline), kept once under its key. Of `result` only
 * the timelines count, and of these the lanes that are ours. What is there already stays,
 * unless the machine was busier then: its quality is less. */
int store_add_baseline(Store *store, const char *key, const Result *result, Fault *fault);
typedef struct StoreBaseline {
    int64_t taken_s; /* when it was last measured */
    int64_t quality; /* about 1,000,000 on an idle machine */
} StoreBaseline;
/* 1: found, and the caller releases `timeline`; 0: there is none; -1 and the fault. */
int store_baseline(Store *store, const char *key, const char *exercise, Timeline *timeline,
                   StoreBaseline *about, Fault *fault);

/* The column `timeline`: the submission's own lanes, or a baseline's, packed. Lanes of
 * neither: false, or NULL. The caller frees the bytes, releases the timeline. */
void *timeline_pack(const Timeline *timeline, bool own, size_t *len);
bool timeline_unpack(const void *bytes, size_t len, Timeline *timeline);

typedef struct StoreScore {
    const char *student, *exercise; /* valid during the callback */
    int halves, max_halves;         /* the best: the first that reached it */
    int latest_halves, latest_max_halves;
    int attempts;
    int64_t best_s, latest_s; /* Unix time, when it was handed in */
    int64_t best_id;          /* the submission's number */
    bool weaker;              /* the best is one of those */
} StoreScore;

/* SQL: when a row of `submission`, of this alias, was handed in. */
#define STORE_HANDED_IN(s) "iif(" s ".submitted_s > 0, " s ".submitted_s, " s ".started_s)"

/* What counts: what was handed in by then (Unix time, that second included; 0: whenever). */
typedef struct StoreUntil {
    int64_t all_s;
    /* For one student's one exercise, beside that; NULL: no more than that. */
    int64_t (*due_s)(void *context, const char *student, const char *exercise);
    void *context;
} StoreUntil;

/* One call for each student and exercise, by student, then exercise (in the
 * order of bytes). With rules (NULL: the points of the tables), or until a time (NULL: none),
 * every submission is weighed and the best chosen anew; else the kept best is read. All calls
 * see one and the same state of the database. */
int store_scores(Store *store, const CourseRules *rules, const StoreUntil *until,
                 void (*each)(void *context, const StoreScore *score), void *context, Fault *fault);

#endif
