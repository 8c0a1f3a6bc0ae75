/* The subcommand for those who teach: who they are, what they see, and the end of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "mail.h"
#include "people.h"

static char *as_lines(const char *list)
{
    char *lines = list ? x_strdup(list) : NULL;
    for (char *at = lines; at && *at; at++)
        if (*at == ',')
            *at = '\n';
    return lines;
}

/* A section that nobody is in may be one that is still to come, or misspelt. */
static void note_unknown(Db *db, const char *sections)
{
    char *list = x_strdup(sections), *rest = NULL;
    for (char *one = strtok_r(list, "\n", &rest); one; one = strtok_r(NULL, "\n", &rest))
        if (!db_number(db, 0, "SELECT 1 FROM web_person WHERE role = 'student' AND section = ?",
                       "s", one))
            fprintf(stderr, "courseweb: nobody is in a section \"%.60s\" yet\n", one);
    free(list);
}

typedef struct Wanted {
    const char *role, *email;
    char *sections; /* NULL: as they were; new: all */
} Wanted;

static int add(Db *db, const char *name, const Wanted *wanted)
{
    Fault fault = {""};
    if (!wanted->role || role_named(wanted->role) < ROLE_TA)
        return usage_error("staff", "--role is ta or instructor");
    if (wanted->email && !email_valid(wanted->email))
        return usage_error("staff", "--email takes an address, as grace@example.org");
    if (staff_add(db, name, role_named(wanted->role), wanted->sections, wanted->email, &fault))
        return failed(&fault);
    if (wanted->sections)
        note_unknown(db, wanted->sections);
    printf("%s is %s. Next: courseweb signin-link %s\n", name, wanted->role, name);
    return 0;
}

static int list(Db *db)
{
    Fault fault = {""};
    Buf rows;
    sqlite3_stmt *row = db_ask(db, &fault,
                               "SELECT name, role, replace(sections, char(10), ' '), email"
                               " FROM web_person WHERE role <> 'student' AND sections <> char(1)"
                               " ORDER BY name",
                               "");
    if (!row)
        return failed(&fault);
    buf_init(&rows, LIST_MOST);
    buf_str(&rows, "name,role,sections,email\n");
    while (db_row(row))
        buf_printf(&rows, "%s,%s,%s,%s\n", db_column(row, 0), db_column(row, 1), db_column(row, 2),
                   db_column(row, 3));
    return print_list(&rows, 0);
}

static int end(Db *db, const char *name)
{
    Fault fault = {""};
    if (staff_remove(db, name, &fault))
        return failed(&fault);
    printf("%s is no staff any more; sessions, token and links have ended\n", name);
    return 0;
}

int command_staff(int argc, char **argv)
{
    Course course = {0};
    Db *db;
    Wanted wanted = {.role = take_option(&argc, argv, "--role"),
                     .email = take_option(&argc, argv, "--email")};
    wanted.sections = as_lines(take_option(&argc, argv, "--sections"));
    int status = open_course(&argc, argv, &course, &db);
    const char *what = argc > 1 ? argv[1] : "";
    if (!status)
        status = no_options_left("staff", argc, argv);
    if (!status && argc == 3 && strcmp(what, "add") == 0)
        status = add(db, argv[2], &wanted);
    else if (!status && argc == 2 && strcmp(what, "list") == 0)
        status = list(db);
    else if (!status && argc == 3 && strcmp(what, "remove") == 0)
        status = end(db, argv[2]);
    else if (!status)
        status = usage_error("staff", "give `add NAME`, `list` or `remove NAME`");
    free(wanted.sections);
    return close_course(&course, status);
}
