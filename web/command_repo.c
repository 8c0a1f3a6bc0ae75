/* The subcommand that says whose work a repository on GitHub is. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "digest.h"
#include "reports.h"
#include "whose.h"

static int list(Db *db)
{
    Buf rows;
    sqlite3_stmt *row = db_ask(
        db, NULL,
        "SELECT o.name, o.id, coalesce(p.name, ''), o.linked_by,"
        "  (SELECT count(*) FROM web_report r WHERE r.repository = o.id AND r.submission = 0),"
        "  (SELECT count(*) FROM web_report r WHERE r.repository = o.id AND r.submission > 0)"
        " FROM web_repo o LEFT JOIN web_person p ON p.id = o.person"
        " ORDER BY o.person > 0, o.name",
        "");
    buf_init(&rows, LIST_MOST);
    buf_str(&rows, "repository,number,student,linked by,waiting,stored\n");
    while (db_row(row))
        buf_printf(&rows, "%s,%s,%s,%s,%d,%d\n", db_column(row, 0), db_column(row, 1),
                   db_column(row, 2), db_column(row, 3), sqlite3_column_int(row, 4),
                   sqlite3_column_int(row, 5));
    return print_list(&rows, 0);
}

static int link_one(const Course *course, Db *db, const char *repository, const char *student)
{
    Fault fault = {""};
    char number[24];
    int n = 0;
    if (whose_link(db, repository, student, number, &fault) ||
        (student && reports_settle(course, db, number, &n, &fault)) || digest_bring_up(db, &fault))
        return failed(&fault);
    if (student)
        printf("%s is %s's; %d waiting report%s stored\n", repository, student, n,
               n == 1 ? " was" : "s were");
    else
        printf("%s is nobody's; its reports wait\n", repository);
    return 0;
}

int command_repo(int argc, char **argv)
{
    Course course = {0};
    Db *db;
    int status = open_course(&argc, argv, &course, &db);
    if (!status)
        status = no_options_left("repo", argc, argv);
    const char *what = argc > 1 ? argv[1] : "";
    if (!status && argc == 2 && strcmp(what, "list") == 0)
        status = list(db);
    else if (!status && argc == 4 && strcmp(what, "link") == 0)
        status = link_one(&course, db, argv[2], argv[3]);
    else if (!status && argc == 3 && strcmp(what, "unlink") == 0)
        status = link_one(&course, db, argv[2], NULL);
    else if (!status)
        status =
            usage_error("repo", "give `list`, `link REPOSITORY STUDENT` or `unlink REPOSITORY`");
    return close_course(&course, status);
}
