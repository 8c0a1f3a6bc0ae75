/* The subcommands that change the course's people and settings. */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "door.h"
#include "mail.h"
#include "people.h"

bool take_flag(int *argc, char **argv, const char *name)
{
    for (int i = 1; i < *argc; i++)
        if (strcmp(argv[i], name) == 0) {
            memmove(&argv[i], &argv[i + 1], (size_t)(*argc - i) * sizeof *argv);
            --*argc;
            return true;
        }
    return false;
}

const char *take_option(int *argc, char **argv, const char *name)
{
    size_t len = strlen(name);
    for (int i = 1; i < *argc; i++) {
        bool joined = strncmp(argv[i], name, len) == 0 && argv[i][len] == '=';
        bool apart = strcmp(argv[i], name) == 0 && i + 1 < *argc;
        if (!joined && !apart)
            continue;
        const char *value = joined ? argv[i] + len + 1 : argv[i + 1];
        int n = joined ? 1 : 2;
        memmove(argv + i, argv + i + n, (size_t)(*argc - i - n + 1) * sizeof *argv);
        *argc -= n;
        return value;
    }
    return NULL;
}

int no_options_left(const char *command, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (argv[i][0] == '-' && argv[i][1])
            return usage_error(command, "no option \"%s\" here, or its value is missing", argv[i]);
    return 0;
}

int open_course(int *argc, char **argv, Course *course, Db **db)
{
    Fault fault = {""};
    const char *dir = take_option(argc, argv, "--dir");
    if (!dir)
        dir = getenv("COURSEWEB_DIR");
    umask(077);
    if (course_open(course, dir ? dir : ".", &fault) || !(*db = course_db(course, &fault)))
        return failed(&fault);
    return 0;
}

/* Whoever keeps what is printed must not take a part of it for the whole. */
static int printed(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, "courseweb: not all of it could be written: %s\n", strerror(errno));
    return status ? status : 1;
}

int close_course(Course *course, int status)
{
    course_db_drop();
    course_release(course);
    return printed(status);
}

int print_list(Buf *out, int status)
{
    if (!status && out->full)
        status = failed(&(Fault){"the list is longer than this program can print"});
    if (!status)
        fwrite(out->data, 1, out->len, stdout);
    buf_release(out);
    return status;
}

int command_init(int argc, char **argv)
{
    Fault fault = {""};
    if (argc != 2 || argv[1][0] == '-')
        return usage_error("init", "give the folder to make");
    char *database = x_printf("%s/course.db", argv[1]);
    bool there = access(database, F_OK) == 0;
    free(database);
    if (course_make(argv[1], &fault))
        return failed(&fault);
    if (there)
        printf("%s is a course, as it was\n", argv[1]);
    else
        printf("%s is a course. Next: courseweb roster import FILE.csv --dir %s\n", argv[1],
               argv[1]);
    return 0;
}

/* --- tokens and links --- */

static char *base_url(Db *db)
{
    char *url = course_setting(db, "url");
    if (!url)
        url = course_setting(db, "serving"); /* where the last server was */
    if (url)
        return url;
    fputs("courseweb: no server has run here yet, so where it will be is a guess; serve first, or "
          "say `courseweb set url https://...`\n",
          stderr);
    return x_strdup("http://127.0.0.1:8080");
}

static int find_person(Db *db, const char *name, Person *person)
{
    if (person_find(db, name, person) && person->role != ROLE_NONE)
        return 0;
    if (db_number(db, 0, "SELECT left_s FROM web_person WHERE name = ?", "s", name) > 0) {
        fprintf(
            stderr,
            "courseweb: %.60s has left the course; courseweb roster restore %.60s undoes that\n",
            name, name);
        return 1;
    }
    fprintf(stderr, "courseweb: nobody here is called \"%.60s\"\n", name);
    return 1;
}

int command_token(int argc, char **argv)
{
    Course course = {0};
    Db *db;
    Fault fault = {""};
    Person person;
    char token[SECRET_TEXT];
    int status = open_course(&argc, argv, &course, &db);
    if (!status)
        status = no_options_left("token", argc, argv);
    if (!status && argc != 2)
        status = usage_error("token", "give a name");
    if (!status)
        status = find_person(db, argv[1], &person);
    if (!status && token_renew(db, &person, token, &fault))
        status = failed(&fault);
    if (!status)
        printf("%s\n", token);
    return close_course(&course, status);
}

void cell_add(Buf *out, const char *text)
{
    buf_printf(out, "\"%s", *text && strchr("=+-@", *text) ? "'" : "");
    for (; *text; text++)
        buf_printf(out, *text == '"' ? "\"\"" : "%c", *text);
    buf_char(out, '"');
}

static int add_row(Db *db, const char *url, const Person *person, int seconds, Buf *rows)
{
    Fault fault = {""};
    char secret[SECRET_TEXT];
    if (link_make(db, person, seconds, secret, &fault))
        return failed(&fault);
    char *email = db_text(db, "SELECT email FROM web_person WHERE id = ?", "i", person->id);
    buf_printf(rows, "%s,", person->name);
    cell_add(rows, person->shown);
    buf_printf(rows, ",%s/claim/%s,", url, secret);
    cell_add(rows, email ? email : "");
    buf_char(rows, '\n');
    free(email);
    return 0;
}

static bool known_section(Db *db, const char *section)
{
    return !section || !*section ||
           db_number(db, 0, "SELECT 1 FROM web_person WHERE role = 'student' AND section = ?", "s",
                     section);
}

static int link_everybody(Db *db, const char *url, const char *section, int seconds, Buf *rows)
{
    Person person;
    int status = 0;
    int64_t last = 0;
    if (!known_section(db, section))
        return usage_error("claim-links", "nobody is in a section \"%.60s\"", section);
    while (!status &&
           (last = db_number(db, 0,
                             "SELECT min(id) FROM web_person WHERE id > ?1 AND role = 'student'"
                             " AND left_s = 0 AND token IS NULL AND (?2 = '' OR section = ?2)",
                             "is", last, section ? section : "")) != 0)
        if (person_by_id(db, last, &person))
            status = add_row(db, url, &person, seconds, rows);
    return status;
}

/* Made in one transaction: all of them, or none. */
static int make_links(Db *db, const char *url, char **names, int n, const char *section,
                      int seconds, Buf *rows)
{
    Fault fault = {""};
    Person person;
    int status = db_begin(db, &fault) ? failed(&fault) : 0;
    buf_str(rows, "name,person,link,email\n");
    for (int i = 0; !status && i < n; i++) {
        status = find_person(db, names[i], &person);
        if (!status)
            status = add_row(db, url, &person, seconds, rows);
    }
    if (!status && n == 0)
        status = link_everybody(db, url, section, seconds, rows);
    if (!status && db_commit(db, &fault))
        status = failed(&fault);
    return status;
}

int command_claim_links(int argc, char **argv)
{
    Course course = {0};
    Db *db;
    Buf rows;
    const char *days = take_option(&argc, argv, "--days");
    const char *section = take_option(&argc, argv, "--section");
    int seconds = days ? atoi(days) * 86400 : LINK_S;
    int status = open_course(&argc, argv, &course, &db);
    char *url = status ? NULL : base_url(db);
    buf_init(&rows, LIST_MOST);
    if (!status)
        status = no_options_left("claim-links", argc, argv);
    if (!status && (seconds <= 0 || seconds > 366 * 86400))
        status = usage_error("claim-links", "--days takes 1 to 366");
    if (!status)
        status = make_links(db, url, argv + 1, argc - 1, section, seconds, &rows);
    free(url);
    return close_course(&course, print_list(&rows, status));
}

int command_signin_link(int argc, char **argv)
{
    Course course = {0};
    Db *db;
    Fault fault = {""};
    Person person;
    char secret[SECRET_TEXT];
    int status = open_course(&argc, argv, &course, &db);
    char *url = status ? NULL : base_url(db);
    if (!status)
        status = no_options_left("signin-link", argc, argv);
    if (!status && argc != 2)
        status = usage_error("signin-link", "give a name");
    if (!status)
        status = find_person(db, argv[1], &person);
    if (!status && link_make(db, &person, SIGNIN_LINK_S, secret, &fault))
        status = failed(&fault);
    if (!status)
        printf("%s/claim/%s\n", url, secret);
    free(url);
    return close_course(&course, status);
}
