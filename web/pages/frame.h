/*
 * What stands around and inside every page: head, navigation, the notices, and small
 * parts that several pages share.
 */
#ifndef WEB_PAGES_FRAME_H
#define WEB_PAGES_FRAME_H

#include "html.h"
#include "pages.h"

typedef enum Place { /* which entry of the navigation the page is */
                     PLACE_NONE,
                     PLACE_HOME,
                     PLACE_CLASS,
                     PLACE_FAILURES,
                     PLACE_ACTIVITY,
                     PLACE_ACCOUNT
} Place;

/* Up to and with <main>. `live`: app.js follows /events and renews what is marked
 * data-live (each such element has an id). */
void frame_begin(Buf *out, const Frame *frame, const char *title, Place place, bool live);
void frame_end(Buf *out, const Frame *frame);

/* Staff, and not looking as a student just now. */
bool frame_staff(const Frame *frame);

/* <form method="post" action=...> and the hidden csrf field; close it with </form>. */
void form_begin(Buf *out, const Frame *frame, const char *action, const char *class_name);

/* A word with a shape and a colour for a job's state. */
void part_state(Buf *out, JobState state, int place);

/* The mark of a result with the weaker promise (pages.h). */
void part_weaker(Buf *out);
/* Repositories whose reports wait, with a form for each; nothing if there are none. */
void part_repositories(Buf *out, const Frame *frame, const RepoLine *lines, int n);

/* What came of an exercise that was not simply graded: "stub", "no build", "missing"; "" if it
 * was. */
const char *part_came(Came came);

/* "12.5 / 20" with a bar, as a link if `submission` is not 0. `max_halves` 0: no bar. */
void part_score(Buf *out, int halves, int max_halves);
/* A class name for the share of the points, "f0" to "f10". */
const char *share_class(int halves, int max_halves);

/* Links that choose a section; nothing if there are none. `path` is the page's, with what of
 * its query is to stay ("/class?sort=total"; not escaped). */
void part_sections(Buf *out, const char *path, const char *const *sections, int n,
                   const char *section);

/* "ex3_echo_server" -> "3"; the id itself if it is not of that form. Escaped. */
void part_number(Buf *out, const char *exercise);

/* " due 2026-12-04 23:59 CET, in 3 d", or that it was; nothing if it never is. */
void part_due(Buf *out, const Frame *frame, const ExerciseName *exercise);

/* What passes in `submission` and what no longer does; nothing if nothing changed. */
void part_changes(Buf *out, const Changes *changes, int64_t submission);

/* A link to a student; "" is one whom the viewer may not see. */
void part_student(Buf *out, const char *student);

/* What a check has to say. "burst.peer:7" in it leads to that line of the exercise's scenario. */
void part_message(Buf *out, const char *exercise, const char *text);

/* A table of jobs. `actions`: the column with what staff may do. */
typedef enum JobColumns {
    JOBS_STUDENT = 1, /* whose */
    JOBS_ERROR = 2,   /* our failure, in the row below */
    JOBS_RETRY = 4,   /* a button */
    JOBS_RESULT = 8   /* the link to the submission */
} JobColumns;
void part_jobs(Buf *out, const Frame *frame, const char *caption, const JobLine *jobs, int n,
               unsigned columns);

/* A bar that fills `part` of `whole`, as SVG. */
void part_bar(Buf *out, double part, double whole, const char *class_name);

#endif
