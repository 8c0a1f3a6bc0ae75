/* The subcommands that change the course's people and settings. */
#include "commands.h"

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

int close_course(Course *course, int status)
{
    course_db_drop();
    course_release(course);
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

void print_cell(const char *text)
{
    printf("\"%s", *text && strchr("=+-@", *text) ? "'" : "");
    for (; *text; text++)
        printf(*text == '"' ? "\"\"" : "%c", *text);
    putchar('"');
}

static int print_link(Db *db, const char *url, const Person *person, int seconds, bool csv)
{
    Fault fault = {""};
    char secret[SECRET_TEXT];
    if (link_make(db, person, seconds, secret, &fault))
        return failed(&fault);
    if (!csv) {
        printf("%s/claim/%s\n", url, secret);
        return 0;
    }
    char *email = db_text(db, "SELECT email FROM web_person WHERE id = ?", "i", person->id);
    printf("%s,", person->name);
    print_cell(person->shown);
    printf(",%s/claim/%s,", url, secret);
    print_cell(email ? email : "");
    putchar('\n');
    free(email);
    return 0;
}

static bool known_section(Db *db, const char *section)
{
    return !section || !*section ||
           db_number(db, 0, "SELECT 1 FROM web_person WHERE role = 'student' AND section = ?", "s",
                     section);
}

static int link_everybody(Db *db, const char *url, const char *section, int seconds)
{
    Person person;
    int status = 0;
    int64_t last = 0;
    while (!status &&
           (last = db_number(db, 0,
                             "SELECT min(id) FROM web_person WHERE id > ?1 AND role = 'student'"
                             " AND left_s = 0 AND token IS NULL AND (?2 = '' OR section = ?2)",
                             "is", last, section)) != 0)
        if (person_by_id(db, last, &person))
            status = print_link(db, url, &person, seconds, true);
    return status;
}

int command_claim_links(int argc, char **argv)
{
    Course course = {0};
    Db *db;
    Fault fault = {""};
    Person person;
    const char *days = take_option(&argc, argv, "--days");
    const char *section = take_option(&argc, argv, "--section");
    int seconds = days ? atoi(days) * 86400 : LINK_S;
    int status = open_course(&argc, argv, &course, &db);
    char *url = status ? NULL : base_url(db);
    if (!status)
        status = no_options_left("claim-links", argc, argv);
    if (!status && (seconds <= 0 || seconds > 366 * 86400))
        status = usage_error("claim-links", "--days takes 1 to 366");
    if (!status && db_begin(db, &fault))
        status = failed(&fault);
    if (!status && (argc > 1 || known_section(db, section)))
        puts("name,person,link,email");
    for (int i = 1; !status && i < argc; i++) {
        status = find_person(db, argv[i], &person);
        if (!status)
            status = print_link(db, url, &person, seconds, true);
    }
    if (!status && argc == 1)
        status = known_section(db, section)
                     ? link_everybody(db, url, section ? section : "", seconds)
                     : usage_error("claim-links", "nobody is in a section \"%.60s\"", section);
    if (!status && db_commit(db, &fault))
        status = failed(&fault);
    free(url);
    return close_course(&course, status);
}

int command_signin_link(int argc, char **argv)
{
    Course course = {0};
    Db *db;
    Person person;
    int status = open_course(&argc, argv, &course, &db);
    char *url = status ? NULL : base_url(db);
    if (!status)
        status = no_options_left("signin-link", argc, argv);
    if (!status && argc != 2)
        status = usage_error("signin-link", "give a name");
    if (!status)
        status = find_person(db, argv[1], &person);
    if (!status)
        status = print_link(db, url, &person, SIGNIN_LINK_S, false);
    free(url);
    return close_course(&course, status);
}
