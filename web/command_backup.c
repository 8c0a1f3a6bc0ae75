/* The database out to a file, whole, while it is served; and a course made of such a file. */
#include "commands.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "child.h"

/* The name lasts once the folder is written, too. */
static int rename_lasting(const char *from, const char *to, Fault *fault)
{
    char *copy = x_strdup(to);
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = folder >= 0 && rename(from, to) == 0 && fsync(folder) == 0;
    int status = done ? 0 : fault_errno(fault, "%.200s", to);
    if (folder >= 0)
        close(folder);
    free(copy);
    return status;
}

int command_backup(int argc, char **argv)
{
    Course course = {0};
    Db *db;
    Fault fault = {""};
    int status = open_course(&argc, argv, &course, &db);
    if (!status)
        status = no_options_left("backup", argc, argv);
    if (!status && argc != 2)
        status = usage_error("backup", "give the file to write");
    /* Written under another name first: what bears the name is whole. */
    char *part = status ? NULL : x_printf("%s.part", argv[1]);
    if (!status && access(argv[1], F_OK) == 0)
        status = usage_error("backup", "%s is there already; give another name", argv[1]);
    if (!status && (unlink(part) != 0 && errno != ENOENT))
        status = usage_error("backup", "%s: %s", part, strerror(errno));
    if (!status && (db_copy(db, part, &fault) || rename_lasting(part, argv[1], &fault)))
        status = failed(&fault);
    free(part);
    return close_course(&course, status);
}

/* --- restore --- */

enum { COPY_MS = 3600 * 1000 };

/* As it is; SQLite would leave files beside a copy that it opens. */
static int copy_file(const char *from, const char *to, Fault *fault)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return fault_errno(fault, "%.200s", from);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool whole = out >= 0 && fd_copy(in, out) && fsync(out) == 0;
    int status = whole ? 0 : fault_errno(fault, "%.200s", to);
    close(in);
    if (out >= 0)
        close(out);
    return status;
}

/* What a log beside the file holds is no part of the file. */
static bool is_live(const char *file)
{
    struct stat info;
    char *log = x_printf("%s-wal", file);
    bool live = stat(log, &info) == 0 && info.st_size > 0;
    free(log);
    return live;
}

/* Is it whole, and a course's? A copy that was cut off is better known now than in the exam week. */
static int look_at_copy(const char *path, const char *file, Fault *fault)
{
    Fault why;
    Db *copy = db_open(path, &why);
    if (!copy)
        return fault_set(fault, "%.200s is damaged, or no database; take another copy", file);
    int status = 0;
    if (db_number(copy, 0,
                  "SELECT count(*) FROM sqlite_schema WHERE name IN ('web_schema', 'submission')",
                  "") != 2)
        status = fault_set(fault, "%.200s is no copy of a course's database", file);
    else if (db_number(copy, 0,
                       "SELECT count(*) = 1 AND max(integrity_check) = 'ok' FROM "
                       "pragma_integrity_check",
                       "") != 1)
        status = fault_set(fault, "%.200s is damaged; take another copy", file);
    db_close(copy);
    return status;
}

static bool is_empty(const char *dir)
{
    DIR *folder = opendir(dir);
    int n = 0;
    if (!folder)
        return errno == ENOENT;
    while (readdir(folder))
        n++;
    closedir(folder);
    return n <= 2;
}

static int copy_repositories(const char *from, const char *dir, Fault *fault)
{
    bool late;
    char *all = x_printf("%s/.", from), *to = x_printf("%s/repos", dir);
    const char *argv[] = {"cp", "-a", "--", all, to, NULL};
    pid_t pid = child_start(
        &(ChildOptions){.argv = argv, .in = -1, .out = -1, .err = STDERR_FILENO}, fault);
    int status = pid < 0 ? -1 : child_wait(pid, COPY_MS, &late);
    free(all);
    free(to);
    if (pid < 0)
        return -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0
               ? 0
               : fault_set(fault, "the repositories of %.200s could not be copied", from);
}

/* Who has pushed, and what of that is not here. */
static int without_repository(const Course *course, Db *db)
{
    int missing = 0;
    sqlite3_stmt *row =
        db_ask(db, NULL,
               "SELECT p.name FROM web_person p JOIN web_newest n ON n.person = p.id"
               " WHERE n.job IS NOT NULL",
               "");
    while (db_row(row)) {
        char *path = x_printf("%s/%s.git", course->repos, db_column(row, 0));
        missing += access(path, F_OK) != 0;
        free(path);
    }
    return missing;
}

static void say_restored(const Course *course, Db *db, const char *dir)
{
    int missing = without_repository(course, db);
    printf("restored: %lld students, %lld submissions\n",
           (long long)db_number(db, 0,
                                "SELECT count(*) FROM web_person WHERE role = 'student'"
                                " AND left_s = 0",
                                ""),
           (long long)db_number(db, 0, "SELECT count(*) FROM submission", ""));
    if (missing)
        printf("%d of those who have pushed %s no repository here: copy repos/ (--repos), or their "
               "next push makes one\n",
               missing, missing == 1 ? "has" : "have");
    printf("Next: give it to the account that serves (chown -R), then courseweb serve %s\n", dir);
}

/* The folder is there and empty, or is not: then it is made. */
static int fill(const char *file, const char *dir, Fault *fault)
{
    bool made = mkdir(dir, 0711) == 0;
    if (!made && errno != EEXIST)
        return fault_errno(fault, "%.200s", dir);
    umask(077);
    char *path = x_printf("%s/course.db", dir);
    int status = copy_file(file, path, fault);
    if (!status)
        status = look_at_copy(path, file, fault);
    if (status) {
        unlink(path);
        if (made)
            rmdir(dir);
    }
    free(path);
    return status;
}

static int restore(const char *file, const char *dir, const char *repos)
{
    Fault fault = {""};
    Course course = {0};
    Db *db;
    if (!is_empty(dir))
        return usage_error("restore", "%s is there already; name a new folder", dir);
    if (is_live(file))
        return usage_error(
            "restore",
            "%s is in use, or was: %s-wal belongs to it; take a copy that `courseweb "
            "backup` made",
            file, file);
    if (fill(file, dir, &fault) || course_make(dir, &fault) || course_open(&course, dir, &fault) ||
        !(db = course_db(&course, &fault)) || (repos && copy_repositories(repos, dir, &fault)))
        return close_course(&course, failed(&fault));
    say_restored(&course, db, dir);
    return close_course(&course, 0);
}

int command_restore(int argc, char **argv)
{
    const char *repos = take_option(&argc, argv, "--repos");
    int status = no_options_left("restore", argc, argv);
    if (!status && argc != 3)
        status = usage_error("restore", "give the copy and the folder to make");
    return status ? status : restore(argv[1], argv[2], repos);
}
