#include "grades.h"

#include <stdlib.h>
#include <string.h>

#include "due.h"
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

enum { COLUMNS_MOST = 16 };

/* The course's exercises: what nobody has handed in by then is a part of it all the same. */
static int read_columns(Db *db, char *ids[COLUMNS_MOST], ScoresColumn columns[COLUMNS_MOST])
{
    int n = 0;
    sqlite3_stmt *row =
        db_ask(db, NULL,
               "SELECT e.value ->> 'id', round(2 * (e.value ->> 'max_score'))"
               " FROM web_setting s, json_each(s.value, '$.exercises') e WHERE s.key = 'exercises'"
               " LIMIT 16",
               "");
    while (db_row(row)) {
        ids[n] = x_strdup(db_column(row, 0));
        columns[n] = (ScoresColumn){ids[n], sqlite3_column_int(row, 1)};
        n++;
    }
    return n;
}

int grades_write(Buf *out, const Course *course, Db *db, const Person *viewer, const char *format,
                 int64_t until_s, const char *section, bool by_due, Fault *fault)
{
    Grades grades = {.db = db, .viewer = viewer, .section = section};
    char *ids[COLUMNS_MOST];
    ScoresColumn columns[COLUMNS_MOST];
    ScoresWanted wanted = {.format = format,
                           .columns = columns,
                           .n_columns = read_columns(db, ids, columns),
                           .until_s = until_s,
                           .due_s = by_due ? due : NULL,
                           .person = who,
                           .everybody = everybody,
                           .context = &grades};
    int status = scores_write(out, course->db_path, &wanted, NULL, fault);
    free(grades.key);
    for (int i = 0; i < wanted.n_columns; i++)
        free(ids[i]);
    return status;
}
