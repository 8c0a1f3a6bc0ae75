/*
 * `grader scores --db FILE`: the class, one row a student, the best of each
 * exercise, their sum. Students in the order of their names' bytes.
 *
 *   text   a table for people, within 80 columns where the names allow it
 *   csv    student, one column an exercise, total, max, attempts, latest, weaker
 *          (RFC 4180, line ends \n, times as 2025-01-31T12:00:00Z). A cell
 *          that a spreadsheet would take for a formula gets a ' before it.
 *   json   { "schema": 1, "max_score": 40, "students": [ { "student": "ada",
 *            "score": 38, "max_score": 40, "attempts": 3, "exercises": [
 *              { "id": "ex1_nonblocking", "score": 18, "max_score": 20,
 *                "latest_score": 17.5, "attempts": 3,
 *                "best_at": "2025-...Z", "latest_at": "2025-...Z" } ] } ] }
 *   canvas CSV for Canvas's gradebook import: Student, ID, SIS User ID, SIS Login
 *          ID, Section, one column an exercise; the row "Points Possible"
 *          first. The student's name is the SIS Login ID.
 *   moodle CSV for Moodle's grade import: Username, one column an exercise.
 *
 * A best that was reported with the weaker promise (store.h) is marked: * in text, its exercise in
 * csv's last column, "promise": "weaker" in json. The imports of canvas and moodle have no place
 * for it.
 *
 * Canvas and Moodle match people by login, which the store's names need not be: who knows
 * better says it (ScoresWanted.person).
 *
 * An exercise that a student has not handed in counts 0 of what it is worth
 * for the others, and is an empty cell in csv, canvas and moodle, "-" in text, absent in json.
 */
#ifndef GRADER_SCORES_H
#define GRADER_SCORES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fault.h"
#include "course_rules.h"
#include "report/report.h"

enum { SCORES_MOST = 64 << 20 }; /* a maximum that fits `out` */

bool scores_format_known(const char *format); /* one of those above */
extern const char scores_formats[];           /* the list, for messages */

typedef struct ScoresPerson {
    const char *login, *shown, *section; /* valid until the next call; section: NULL, "": none */
} ScoresPerson;

typedef struct ScoresColumn {
    const char *exercise;
    int max_halves;
} ScoresColumn;

typedef struct ScoresWanted {
    const char *format;
    /* Exercises that have a column whether anybody's result of them is wanted or not. */
    const ScoresColumn *columns;
    int n_columns;
    const CourseRules *rules; /* may be NULL */
    int64_t until_s;          /* what was handed in by then (store.h); 0: whenever */
    /* And by when for one student's one exercise (store.h); NULL: no more than that. */
    int64_t (*due_s)(void *context, const char *student, const char *exercise);
    /* Who a student of the store is; false: leave them out. NULL: their name is all. */
    bool (*person)(void *context, const char *student, ScoresPerson *person);
    /* Calls `name` for everybody who is to have a row, results or not, in any order; NULL: who has
     * results has one. */
    void (*everybody)(void *context, void (*name)(void *to, const char *student), void *to);
    void *context;
} ScoresWanted;

/* `style` may be NULL. 0, or -1 and the fault; then `out` is of no use. */
int scores_write(Buf *out, const char *db, const ScoresWanted *wanted, const ReportStyle *style,
                 Fault *fault);

#endif
