/*
 * Reports of the grading workflow as submissions. A report is written down first (web_report,
 * with its text), then stored as every result is: by the grader's store, in one transaction, in
 * which a trigger (schema.c) ends the report's wait and makes sure that the submission is of the
 * student whose repository it is, and that it is the first of this run. What dies in between is
 * made good by the next try of the same run, and at each start.
 *
 * A run of GitHub's is stored once: repository, run and attempt are its key. The same report
 * again changes nothing; another one for the same run is refused.
 */
#ifndef WEB_REPORTS_H
#define WEB_REPORTS_H

#include "trust.h"

enum {
    REPORT_BYTES = 256 << 10,
    WAITING_MOST = 5000, /* reports that wait for staff, */
    WAITING_OF_REPO = 20 /* and of one repository: the newest stay */
};

typedef enum ReportFate {
    REPORT_STORED, /* now, or by an earlier try: `submission` */
    REPORT_WAITS,  /* whose repository it is is not known yet */
    REPORT_OTHER,  /* this run has reported something else */
    REPORT_FULL,   /* too many wait */
    REPORT_LEFT    /* of a student who has left the course: not kept */
} ReportFate;

typedef struct Report {
    const Claims *claims;
    bool one_job;
    const char *grader; /* its version; "" */
    const char *text;   /* JSON that result_read() takes */
    int64_t pushed_s;   /* when GitHub got the push, as our workflow says; 0: it does not */
} Report;

typedef struct ReportTaken {
    ReportFate fate;
    bool again; /* it was there already */
    int64_t submission, person;
} ReportTaken;

/* 0, or -1 and the fault (ours). */
int report_take(const Course *course, Db *db, const Trust *trust, const Report *report,
                ReportTaken *taken, Fault *fault);

/* Stores what is written down and whose repository is known: of one (its number), or of all
 * (NULL). `n` (may be NULL) gets how many. */
int reports_settle(const Course *course, Db *db, const char *repository, int *n, Fault *fault);

#endif
