/*
 * What the files of `grader scores` share: the class as it was gathered from
 * the store, and the writers of its formats.
 */
#ifndef GRADER_SCORES_PARTS_H
#define GRADER_SCORES_PARTS_H

#include "report/report.h"
#include "scores.h"
#include "store.h"

typedef struct Column {
    char *exercise;
    int max_halves; /* the most that anybody's was worth */
} Column;

typedef struct Student {
    char *name;
    char *login, *shown; /* the name, if nobody knows better */
    char *section;       /* "": none, not known */
    StoreScore *scores;  /* `exercise` is a Column's, `student` is not set */
    int n_scores;
} Student;

/* The all, by student; columns by exercise. */
typedef struct Class {
    const ScoresWanted *wanted;
    Column *columns;
    int n_columns;
    Student *students;
    int n_students, room;
} Class;

int class_max(const Class *all);              /* halves that can be had in all */
int class_total(const Student *student);      /* halves */
int64_t class_latest(const Student *student); /* Unix time */
/* A submission of several exercises is an attempt at each: the most of them counts. */
int class_attempts(const Student *student);
/* NULL: not handed in. */
const StoreScore *class_score(const Student *student, const char *exercise);

void scores_text(Buf *out, const Class *all, const ReportStyle *style);
void scores_csv(Buf *out, const Class *all, const ReportStyle *style);
void scores_json(Buf *out, const Class *all, const ReportStyle *style);
void scores_canvas(Buf *out, const Class *all, const ReportStyle *style);
void scores_moodle(Buf *out, const Class *all, const ReportStyle *style);

/* A cell of CSV: in quotes, no formula. */
void scores_cell(Buf *out, const char *text);
void scores_cell_points(Buf *out, int halves); /* with the comma before it */

#endif
