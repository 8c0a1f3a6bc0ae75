#include "grades.h"

#include <stdlib.h>
#include <string.h>

#include "due.h"
#include "query.h"
#include "scores.h"

typedef struct Grades {
    Db *db;
    const Person *viewer;
    const char *section; /* "": all */
    Person student;      /* whom the scores ask for just now */
    char *key;
} Grades;

static bool who(void *context, const char *name, ScoresPerson *person)
{
    Grades *grades = context;
    if (!person_find(grades->db, name, &grades->student) || grades->student.role != ROLE_STUDENT ||
        (grades->viewer && !person_may_see(grades->viewer, &grades->student)) ||
        (*grades->section && strcmp(grades->section, grades->student.section) != 0))
        return false;
    free(grades->key);
    grades->key = db_text(grades->db, "SELECT roster_key FROM web_person WHERE id = ?", "i",
                          grades->student.id);
    person->login = grades->key && *grades->key ? grades->key : name;
    person->shown = *grades->student.shown ? grades->student.shown : name;
    person->section = grades->student.section;
    return true;
}

static void everybody(void *context, void (*name)(void *to, const char *student), void *to)
{
    Grades *grades = context;
    sqlite3_stmt *row = db_ask(
        grades->db, NULL, "SELECT name FROM web_person WHERE role = 'student' AND left_s = 0", "");
    while (db_row(row)) {
        char *one = x_strdup(db_column(row, 0));
        name(to, one);
        free(one);
    }
}

static int64_t due(void *context, const char *name, const char *exercise)
{
    Grades *grades = context;
    Person student = {.id = 0}; /* not found: everybody's */
    person_find(grades->db, name, &student);
    return due_of(grades->db, student.id, exercise);
}

int grades_write(Buf *out, const Course *course, Db *db, const Person *viewer, const char *format,
                 int64_t until_s, const char *section, bool by_due, Fault *fault)
{
    Grades grades = {.db = db, .viewer = viewer, .section = section};
    Query query;
    ScoresColumn columns[PAGES_EXERCISES_MOST];
    query_init(&query, course, db, viewer ? viewer : &(Person){.role = ROLE_INSTRUCTOR});
    for (int i = 0; i < query.n_exercises; i++) /* handed in by somebody or not */
        columns[i] = (ScoresColumn){query.exercises[i].id, query.exercises[i].max_halves};
    ScoresWanted wanted = {.format = format,
                           .columns = columns,
                           .n_columns = query.n_exercises,
                           .until_s = until_s,
                           .due_s = by_due ? due : NULL,
                           .person = who,
                           .everybody = everybody,
                           .context = &grades};
    int status = scores_write(out, course->db_path, &wanted, NULL, fault);
    free(grades.key);
    query_release(&query);
    return status;
}
