/* The class list in, and the class's grades out. */
#include "commands.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/date.h"
#include "due.h"
#include "grades.h"
#include "people.h"
#include "roster.h"
#include "scores.h"

/* --- roster --- */

static int read_file(const char *path, Buf *text, Fault *fault)
{
    char piece[65536];
    ssize_t n;
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fault_errno(fault, "%.300s", path);
    while ((n = read(fd, piece, sizeof piece)) > 0)
        buf_add(text, piece, (size_t)n);
    int status = n < 0 ? fault_errno(fault, "%.300s", path) : 0;
    close(fd);
    return status;
}

static void say_counts(const RosterCount *count, bool dry)
{
    printf("%s%d added, %d changed, %d as they were\n", dry ? "would be: " : "", count->added,
           count->changed, count->same);
    if (count->renamed)
        printf("%d of them known by another identifier before\n", count->renamed);
    if (count->absent)
        printf("%d of the class %s not in this list, and stay%s\n", count->absent,
               count->absent == 1 ? "is" : "are",
               dry ? "; who has left: courseweb roster remove NAME"
                   : "; `roster import --dry-run` names them");
    if (*count->unused)
        fprintf(stderr, "courseweb: these columns are not used: %s\n", count->unused);
    if (dry)
        puts("Nothing is stored; without --dry-run it is.");
}

static int import(Db *db, const char *path, bool dry)
{
    Fault fault = {""};
    Buf text, mistakes, preview;
    RosterCount count;
    buf_init(&text, ROSTER_BYTES + 1);
    buf_init(&mistakes, 1 << 20);
    buf_init(&preview, 4 * ROSTER_BYTES);
    int status = read_file(path, &text, &fault) ? failed(&fault) : 0;
    if (!status &&
        roster_import(db, text.data, text.len, dry ? &preview : NULL, &count, &mistakes)) {
        fprintf(stderr, "%sNobody was imported.\n", mistakes.data);
        status = 1;
    } else if (!status) {
        fputs(preview.data, stdout);
        say_counts(&count, dry);
    }
    buf_release(&text);
    buf_release(&mistakes);
    buf_release(&preview);
    return status;
}

/* For a shell's loop: a GitHub user name a line. Who has none is said beside it. */
static int print_github(Db *db)
{
    Fault fault = {""};
    Buf names;
    sqlite3_stmt *row = db_ask(db, &fault,
                               "SELECT name, github_username FROM web_person"
                               " WHERE role = 'student' AND left_s = 0 ORDER BY id",
                               "");
    if (!row)
        return failed(&fault);
    buf_init(&names, LIST_MOST);
    while (db_row(row)) {
        if (*db_column(row, 1))
            buf_printf(&names, "%s\n", db_column(row, 1));
        else
            fprintf(stderr, "courseweb: %s has no GitHub user name in the list\n",
                    db_column(row, 0));
    }
    return print_list(&names, 0);
}

/* Those named before one that is not to be found are done. */
static int leave(Db *db, int argc, char **argv)
{
    Fault fault = {""};
    for (int i = 2; i < argc; i++) {
        if (student_leave(db, argv[i], &fault))
            return failed(&fault);
        printf("%s has left: token, sessions and links have ended, results stay\n", argv[i]);
    }
    return 0;
}

static int come_back(Db *db, int argc, char **argv)
{
    Fault fault = {""};
    for (int i = 2; i < argc; i++) {
        if (student_return(db, argv[i], &fault))
            return failed(&fault);
        printf("%s is in the class again. Next: courseweb claim-links %s\n", argv[i], argv[i]);
    }
    return 0;
}

/* As CSV, which a spreadsheet opens, and a shell cuts. */
static int list(Db *db, bool left)
{
    Fault fault = {""};
    Buf rows;
    sqlite3_stmt *row = db_ask(db, &fault,
                               "SELECT name, coalesce(roster_key, ''), shown, email, section,"
                               "  iif(left_s > 0, date(left_s, 'unixepoch', 'localtime'), '')"
                               " FROM web_person WHERE role = 'student' AND (left_s > 0) = ?"
                               " ORDER BY name",
                               "i", (int64_t)left);
    if (!row)
        return failed(&fault);
    buf_init(&rows, LIST_MOST);
    buf_str(&rows, "account,identifier,name,email,section,left\n");
    while (db_row(row))
        for (int i = 0; i < 6; i++) {
            cell_add(&rows, db_column(row, i));
            buf_char(&rows, i < 5 ? ',' : '\n');
        }
    return print_list(&rows, 0);
}

int command_roster(int argc, char **argv)
{
    Course course = {0};
    Db *db;
    bool dry = take_flag(&argc, argv, "--dry-run"), left = take_flag(&argc, argv, "--left");
    int status = open_course(&argc, argv, &course, &db);
    if (!status)
        status = no_options_left("roster", argc, argv);
    const char *what = argc > 1 ? argv[1] : "";
    if (status)
        return close_course(&course, status);
    if (argc == 3 && strcmp(what, "import") == 0)
        status = import(db, argv[2], dry);
    else if (dry)
        status = usage_error("roster", "--dry-run goes with `import FILE`");
    else if (argc == 2 && strcmp(what, "list") == 0)
        status = list(db, left);
    else if (left)
        status = usage_error("roster", "--left goes with `list`");
    else if (argc == 2 && strcmp(what, "github") == 0)
        status = print_github(db);
    else if (argc > 2 && strcmp(what, "remove") == 0)
        status = leave(db, argc, argv);
    else if (argc > 2 && strcmp(what, "restore") == 0)
        status = come_back(db, argc, argv);
    else
        status = usage_error("roster", "give `import` and a file, `list`, `github`, or `remove` or "
                                       "`restore` and names");
    return close_course(&course, status);
}

/* --- grades --- */

int command_grades(int argc, char **argv)
{
    Course course = {0};
    Db *db;
    Fault fault = {""};
    Buf out;
    const char *format = take_option(&argc, argv, "--format");
    const char *until = take_option(&argc, argv, "--until");
    bool by_due = take_flag(&argc, argv, "--due");
    int64_t until_s = 0;
    int status = open_course(&argc, argv, &course, &db);
    buf_init(&out, SCORES_MOST);
    if (!status)
        status = no_options_left("grades", argc, argv);
    if (!status && argc != 1)
        status = usage_error("grades", "takes --format, --until and --due alone");
    if (!status && format && !scores_format_known(format))
        status = usage_error("grades", "--format is one of these: %s", scores_formats);
    if (!status && until && date_read(until, &until_s, &fault))
        status = usage_error("grades", "--until: %s", fault.text);
    if (!status &&
        grades_write(&out, &course, db, NULL, format ? format : "csv", until_s, "", by_due, &fault))
        status = failed(&fault);
    if (!status)
        fwrite(out.data, 1, out.len, stdout);
    if (!status && !by_due && due_any(db))
        fputs("courseweb: whatever came behind the due dates is in it; --due leaves that out\n",
              stderr);
    buf_release(&out);
    return close_course(&course, status);
}
