/* Courses to measure on: the made class, and small new ones. */
#include "web.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "people.h"

enum { SQL_MOST = 65536 };

static void must(int status, const Fault *fault)
{
    if (status)
        give_up("%s", fault->text);
}

Db *open_course(const char *folder)
{
    Fault fault = {""};
    char *path = x_printf("%s/course.db", folder);
    Db *db = db_open(path, &fault);
    free(path);
    must(db ? 0 : -1, &fault);
    return db;
}

/* --- the made class --- */

/* What a program says, as text; to free. */
static char *output_of(const char *const *argv)
{
    Buf text;
    char piece[16384];
    size_t n;
    run(argv, 0);
    char *path = scratch_path("run.log");
    FILE *file = fopen(path, "re");
    buf_init(&text, 1 << 20);
    while (file && (n = fread(piece, 1, sizeof piece, file)) > 0)
        buf_add(&text, piece, n);
    if (file)
        fclose(file);
    free(path);
    return buf_take(&text);
}

static char *class_sql(void)
{
    char *text = x_calloc(1, SQL_MOST);
    FILE *file = fopen("tests/bench/web_class.sql", "re");
    if (!file || fread(text, 1, SQL_MOST - 1, file) == 0)
        give_up("tests/bench/web_class.sql can't be read: run it at the top of the source");
    fclose(file);
    return text;
}

static void run_statements(Db *db, const char *sql, const char *commit)
{
    for (sqlite3_stmt *statement; *sql; sqlite3_finalize(statement)) {
        if (sqlite3_prepare_v2(db->sql, sql, -1, &statement, &sql))
            give_up("web_class.sql: %s", sqlite3_errmsg(db->sql));
        if (!statement)
            continue;
        sqlite3_bind_int64(statement, sqlite3_bind_parameter_index(statement, ":now"), now_s());
        sqlite3_bind_text(statement, sqlite3_bind_parameter_index(statement, ":commit"), commit, -1,
                          SQLITE_STATIC);
        int code;
        while ((code = sqlite3_step(statement)) == SQLITE_ROW)
            ;
        if (code != SQLITE_DONE)
            give_up("web_class.sql: %s", sqlite3_errmsg(db->sql));
    }
}

static void fill(const char *folder, const char *commit)
{
    Fault fault = {""};
    const char *list[] = {program("grader/grader"), "list", "--format", "json", NULL};
    char *exercises = output_of(list), *sql = class_sql();
    Db *db = open_course(folder);
    must(db_script(db, "PRAGMA synchronous = OFF", &fault), &fault);
    must(course_set(db, "exercises", exercises, &fault), &fault);
    run_statements(db, sql, commit);
    must(db_script(db, "PRAGMA wal_checkpoint(TRUNCATE)", &fault), &fault);
    db_close(db);
    free(exercises);
    free(sql);
}

static void write_line(char *path_take, const char *line)
{
    FILE *file = fopen(path_take, "we");
    if (!file || fprintf(file, "%s\n", line) < 0 || fclose(file) != 0)
        give_up("%s can't be written", path_take);
    free(path_take);
}

/* A repository that has pushed: its branch, and objects that are the others' too. */
static void add_repository(const char *folder, int student, const char *objects, const char *commit)
{
    static const char *const folders[] = {"", "/refs", "/refs/heads", "/refs/tags"};
    char *repo = x_printf("%s/repos/s%04d.git", folder, student);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char *path = x_printf("%s%s", repo, folders[i]);
        if (mkdir(path, 0700) != 0)
            give_up("%s can't be made", path);
        free(path);
    }
    char *link = x_printf("%s/objects", repo);
    if (symlink(objects, link) != 0)
        give_up("%s can't be made", link);
    write_line(x_printf("%s/HEAD", repo), "ref: refs/heads/main");
    write_line(x_printf("%s/refs/heads/main", repo), commit);
    free(link);
    free(repo);
}

static void add_repositories(const char *folder, const char *source, const char *commit)
{
    char *objects = x_printf("%s/.git/objects", source);
    for (int i = 0; i < STUDENTS; i++)
        add_repository(folder, i, objects, commit);
    free(objects);
}

const char *made_class(void)
{
    static char *folder;
    char commit[65];
    if (folder)
        return folder;
    printf("  making %d students with %d submissions ...\n", STUDENTS, SUBMISSIONS);
    fflush(stdout);
    folder = new_course("class", 0, NULL);
    char *source = new_repository("source", "ex", commit);
    fill(folder, commit);
    add_repositories(folder, source, commit);
    free(source);
    return folder;
}

/* --- small ones --- */

static void add_student(Db *db, int number, char token[65])
{
    Fault fault = {""};
    Person person;
    char name[16];
    snprintf(name, sizeof name, "s%04d", number);
    must(db_run(db, &fault,
                "INSERT INTO web_person (name, role, created_s) VALUES (?, 'student', 0)", "s",
                name),
         &fault);
    if (token && person_find(db, name, &person))
        must(token_renew(db, &person, token, &fault), &fault);
}

char *new_course(const char *name, int n, char (*tokens)[65])
{
    char *folder = scratch_path("%s", name);
    const char *init[] = {program("web/courseweb"), "init", folder, NULL};
    run(init, 0);
    Db *db = open_course(folder);
    db_script(db, "PRAGMA synchronous = OFF", NULL);
    for (int i = 0; i < n; i++)
        add_student(db, i, tokens ? tokens[i] : NULL);
    db_close(db);
    return folder;
}

const char *sign_in(Db *db)
{
    static char id[SECRET_TEXT];
    Fault fault = {""};
    Person person;
    must(staff_add(db, "grace", ROLE_INSTRUCTOR, "", "", &fault), &fault);
    if (!person_find(db, "grace", &person))
        give_up("the account that was made is not there");
    must(session_make(db, &person, id, &fault), &fault);
    return id;
}

static void git(const char *folder, const char *a, const char *b, const char *c)
{
    const char *argv[] = {"git", "-C", folder, a, b, c, NULL};
    run(argv, 0);
}

static void copy_exercises(const char *folder, const char *which)
{
    static const char *const exercises[] = {"ex1_nonblocking", "ex2_event_loop", "ex3_echo_server",
                                            "ex4_reactor"};
    for (size_t i = 0; i < sizeof exercises / sizeof *exercises; i++)
        if (strncmp(exercises[i], which, strlen(which)) == 0) {
            char *from = x_printf("reference/%s", exercises[i]);
            const char *copy[] = {"cp", "-r", from, folder, NULL};
            run(copy, 0);
            free(from);
        }
}

char *new_repository(const char *name, const char *which, char commit[65])
{
    char *folder = scratch_path("%s", name);
    const char *init[] = {"git", "init", "-q", "-b", "main", folder, NULL};
    run(init, 0);
    copy_exercises(folder, which);
    git(folder, "add", "-A", NULL);
    git(folder, "commit", "-qm", "One more step");
    const char *head[] = {"git", "-C", folder, "rev-parse", "HEAD", NULL};
    char *hash = output_of(head);
    snprintf(commit, 65, "%.*s", (int)strcspn(hash, "\n"), hash);
    free(hash);
    return folder;
}

void copy_repository(const char *source, const char *course, int student)
{
    char *to = x_printf("%s/repos/s%04d.git", course, student), *from = x_printf("%s/.git", source);
    const char *copy[] = {"cp", "-r", from, to, NULL};
    run(copy, 0);
    free(from);
    free(to);
}

void set_course(const char *folder, const char *key, const char *value)
{
    const char *argv[] = {program("web/courseweb"), "set", key, value, "--dir", folder, NULL};
    run(argv, 0);
}

char *remote_of(const Served *served, int student, const char *token)
{
    return x_printf("http://s%04d:%s@127.0.0.1:%d/git/s%04d.git", student, token, served->port,
                    student);
}
