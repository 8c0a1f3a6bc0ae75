/* The class for the grade imports of learning platforms, which match students by login. */
#include "scores_parts.h"

static void heads(Buf *out, const Class *all)
{
    for (int i = 0; i < all->n_columns; i++) {
        buf_char(out, ',');
        scores_cell(out, all->columns[i].exercise);
    }
    buf_char(out, '\n');
}

/* An empty cell leaves the gradebook's own entry as it is. */
static void points(Buf *out, const Class *all, const Student *student)
{
    for (int i = 0; i < all->n_columns; i++) {
        const StoreScore *score = class_score(student, all->columns[i].exercise);
        if (score)
            scores_cell_points(out, score->halves);
        else
            buf_char(out, ',');
    }
    buf_char(out, '\n');
}

/* The blanks before "Points Possible" are how Canvas tells that row from a student's. */
void scores_canvas(Buf *out, const Class *all, const ReportStyle *style)
{
    (void)style;
    buf_str(out, "Student,ID,SIS User ID,SIS Login ID,Section");
    heads(out, all);
    buf_str(out, "    Points Possible,,,,");
    for (int i = 0; i < all->n_columns; i++)
        scores_cell_points(out, all->columns[i].max_halves);
    buf_char(out, '\n');
    for (int i = 0; i < all->n_students; i++) {
        scores_cell(out, all->students[i].shown);
        buf_str(out, ",,,");
        scores_cell(out, all->students[i].login);
        buf_char(out, ',');
        if (*all->students[i].section)
            scores_cell(out, all->students[i].section);
        points(out, all, &all->students[i]);
    }
}

void scores_moodle(Buf *out, const Class *all, const ReportStyle *style)
{
    (void)style;
    buf_str(out, "Username");
    heads(out, all);
    for (int i = 0; i < all->n_students; i++) {
        scores_cell(out, all->students[i].login);
        points(out, all, &all->students[i]);
    }
}
