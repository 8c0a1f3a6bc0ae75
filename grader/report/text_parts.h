/*
 * Parts of the text report, one file each. All of them write whole lines.
 */
#ifndef GRADER_REPORT_TEXT_PARTS_H
#define GRADER_REPORT_TEXT_PARTS_H

#include "report/page.h"
#include "result_next.h"

enum { LABELS = 4, LINES = 5 }; /* the column of labels; of a long text */

static inline bool text_any(const char *text)
{
    return text && *text;
}

/* One check below its full points; `brief`: what was seen and where, no more. */
void text_check(Page *page, const ExerciseResult *exercise, int check, bool brief);

/* The checks of an exercise that did not come to a verdict, those with the
 * same cause in one line. */
void text_folded(Page *page, const ExerciseResult *exercise);

/* Is this failing check shown, and not one of many that wait for later steps? */
bool text_is_shown(const ExerciseResult *exercise, int check);

/* Those that later steps of the stub are for, in one line; nothing where they are shown. */
void text_later_steps(Page *page, const ExerciseResult *exercise);

/* The last line: the one thing to do next; none if there is nothing. */
void text_next(Page *page, const Result *result);

/* The runs drawn: those that are compared in one picture, then the others. */
void text_timelines(Page *page, const Result *result, const ReportStyle *style);

/* The file with the first thing to do: "nonblocking.c" of ex1_nonblocking. Free it. */
char *text_main_file(const ExerciseResult *exercise);

#endif
