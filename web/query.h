/*
 * Questions to the database whose answers are the shapes of pages/pages.h. A Query owns
 * every string and list of its answers until query_release(). What a viewer may not see
 * is left out here, not in the pages.
 */
#ifndef WEB_QUERY_H
#define WEB_QUERY_H

#include "course.h"
#include "pages/pages.h"
#include "people.h"

enum {
    HISTORY_MOST = 200,
    QUEUE_SHOWN = 200,
    JOBS_SHOWN = 50,
    STUDENT_JOBS = 20,
    STUCK_NAMES = 12
};

enum { KEPT_BYTES = 32 << 10 };
typedef struct Kept {
    struct Kept *next;
    size_t used, room;
    max_align_t bytes[];
} Kept;

typedef struct Query {
    Db *db;
    const Course *course;
    Person viewer;
    Kept *kept;
    Fault fault;
    ExerciseName exercises[PAGES_EXERCISES_MOST];
    int n_exercises;
    ExerciseResult *results; /* of query_results(); released with the query */
    Begin *begin;            /* one for each of them */
    int n_results;
} Query;

/* Asks for the exercises at once. */
void query_init(Query *query, const Course *course, Db *db, const Person *viewer);
void query_release(Query *query);

/* Zeroed memory, and text, that live as long as the query. */
void *query_keep(Query *query, size_t size);
const char *query_text(Query *query, const char *text);
const char *query_column(Query *query, sqlite3_stmt *row, int column);
int query_exercise(const Query *query, const char *id); /* its index; -1 */
/* Has the exercises' due dates be this person's; 0, as at first: everybody's. */
void query_due(Query *query, int64_t person);

/* A list that grows, of `size` bytes an element; the new element, zeroed. */
typedef struct List {
    void *items;
    int n, cap;
} List;
void *list_add(Query *query, List *list, size_t size);

/* Each 0, or -1 and query->fault (our failure). `left`: who has left the course, instead of who is
 * in it. */
int query_class(Query *query, const char *sort, bool descending, const char *search,
                const char *section, bool left, ClassPage *page);
int query_failures(Query *query, const char *section, FailuresPage *page);
int query_student(Query *query, const Person *student, const char *base_url, StudentPage *page);
int query_exercise_page(Query *query, const char *id, ExercisePage *page);
int query_activity(Query *query, ActivityPage *page);
/* False: there is none of that name. */
bool query_scenario(Query *query, const char *exercise, const char *name, ScenarioPage *page);

/* Whose submission it is. False: there is none of this number. */
bool query_owner(Query *query, int64_t submission, Person *owner);
int query_submission(Query *query, int64_t id, const Person *owner, SubmissionPage *page);
/* Which checks pass in a submission, and the points of each exercise that is in it (`cells`, in
 * halves; may be NULL). 0, or -1 and query->fault. */
int query_passed(Query *query, int64_t submission, List *checks, int *cells);
/* Of two such lists. */
Changes query_changes(Query *query, const List *older, const List *newer);
/* The exercises of a submission, checks and all, into query->results. */
int query_results(Query *query, int64_t submission);
/* Their timelines, the reference's and a spinner's beside the submission's own. */
void query_timelines(Query *query, int64_t submission);

/* The sections that the viewer sees; cells of one student from the kept bests. */
const char *const *query_sections(Query *query, int *n);
/* Which bests have the weaker promise: one call for each, of one student or of all (""). */
void query_weaker(Query *query, const char *student,
                  void (*each)(void *context, const char *student, int exercise), void *context);
/* What came of the latest, and of how many attempts: one call for each exercise of one student,
 * or of all ("") for each that was not simply graded. */
typedef void CameFn(void *context, const char *student, int exercise, Came latest, int attempts);
void query_came(Query *query, const char *student, CameFn *each, void *context);
void query_cells(Query *query, const char *student, ClassCell *cells, int *halves, int *max_halves);
int query_points_in_all(const Query *query);

/* Of web_job j JOIN web_person p, in this order of columns. */
#define QUERY_JOB                                                                                  \
    "j.id, p.name, j.hash, j.message, j.state, j.attempt, j.pushed_ms, j.started_ms, j.ended_ms,"  \
    " j.submission, j.error"
void query_job(Query *query, sqlite3_stmt *row, JobLine *line);

/* Parameters of every question about many students, and what they have to fulfil: */
#define QUERY_OF_SECTIONS                                                                          \
    "(p.role = 'student' AND (?1 = '' OR p.section = ?1)"                                          \
    " AND (?2 = '' OR instr(char(10) || ?2 || char(10), char(10) || p.section || char(10)) > 0))"
#define QUERY_SEEN "(p.left_s = 0 AND " QUERY_OF_SECTIONS ")"
const char *query_seen(const Query *query); /* the ?2 */

/* Is this student of none of the viewer's sections? */
bool query_hides(Query *query, const char *student);

#endif
