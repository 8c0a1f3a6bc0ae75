/* The subcommand that says when exercises are due. */
#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/date.h"
#include "door.h"
#include "due.h"
#include "people.h"

static const char *shown(int64_t due_s, char *text, size_t size)
{
    struct tm local;
    time_t when = (time_t)due_s;
    strftime(text, size, "%Y-%m-%d %H:%M:%S %Z", localtime_r(&when, &local));
    return text;
}

static int list(Db *db)
{
    Fault fault = {""};
    Buf rows;
    char text[64];
    sqlite3_stmt *row = db_ask(db, &fault,
                               "SELECT d.exercise, coalesce(p.name, ''), d.due_s FROM web_due d"
                               " LEFT JOIN web_person p ON p.id = d.person"
                               " ORDER BY d.exercise, d.person, p.name",
                               "");
    if (!row)
        return failed(&fault);
    buf_init(&rows, LIST_MOST);
    buf_str(&rows, "exercise,for,due\n");
    while (db_row(row))
        buf_printf(&rows, "%s,%s,%s\n", db_column(row, 0), db_column(row, 1),
                   shown(sqlite3_column_int64(row, 2), text, sizeof text));
    return print_list(&rows, 0);
}

/* `name` NULL: for everybody. */
static int change(const Course *course, Db *db, const char *exercise, const char *when,
                  const char *name)
{
    Fault fault = {""};
    Person person = {0};
    char text[64];
    int64_t due_s = 0;
    if (strcmp(when, "none") != 0 && date_read(when, &due_s, &fault))
        return usage_error("due", "%s", fault.text);
    if (name && (!person_find(db, name, &person) || person.role != ROLE_STUDENT)) {
        fprintf(stderr, "courseweb: no student here is called \"%.60s\"\n", name);
        return 1;
    }
    char *id = due_exercise(db, exercise);
    if (!id)
        return usage_error("due", "there is no exercise \"%.60s\"; grader list shows them",
                           exercise);
    int status = due_set(db, person.id, id, due_s, &fault) ? failed(&fault) : 0;
    if (!status && due_s)
        printf("%s is due %s%s%s\n", id, shown(due_s, text, sizeof text), name ? " for " : "",
               name ? person.name : "");
    else if (!status)
        printf("%s has no due date%s%s any more\n", id, name ? " of its own for " : "",
               name ? person.name : "");
    free(id);
    door_tell(course->socket, "notice\n");
    return status;
}

int command_due(int argc, char **argv)
{
    Course course = {0};
    Db *db;
    const char *name = take_option(&argc, argv, "--for");
    int status = open_course(&argc, argv, &course, &db);
    if (!status)
        status = no_options_left("due", argc, argv);
    if (!status && argc == 1 && !name)
        status = list(db);
    else if (!status && argc == 3)
        status = change(&course, db, argv[1], argv[2], name);
    else if (!status)
        status = usage_error("due", "give an exercise and a date (or none); alone it lists them");
    return close_course(&course, status);
}
