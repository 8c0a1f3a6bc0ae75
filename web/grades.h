/*
 * The class for the gradebook: `grader scores` with the people of the roster. Canvas and Moodle
 * get each student by the roster's key (`identifier`), the name beside it; who is no student, or
 * is not to be seen by the viewer, is left out.
 */
#ifndef WEB_GRADES_H
#define WEB_GRADES_H

#include "course.h"
#include "people.h"

/* `format` is one of scores_formats (scores.h); what was pushed by `until_s` counts (Unix time; 0:
 * whenever), with `by_due` by the due dates, too. `viewer` NULL: all students; `section` "": of all. 0, or -1 and the fault. */
int grades_write(Buf *out, const Course *course, Db *db, const Person *viewer, const char *format,
                 int64_t until_s, const char *section, bool by_due, Fault *fault);

#endif
