/* The subcommand that shows and changes settings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "commands.h"
#include "door.h"
#include "git_http.h"
#include "health.h"
#include "jobs.h"
#include "mail.h"

/* COUNT: from 1 on, for 0 would shut everybody out. */
typedef enum Kind { KIND_TEXT, KIND_SWITCH, KIND_COUNT, KIND_MIB, KIND_URL, KIND_EMAIL } Kind;

enum { TEXT_MOST = 2000 };
static const int64_t NUMBER_MOST = INT64_C(1) << 40; /* times 1 MiB is still a number */

static const struct {
    const char *key;
    Kind kind;
    int absent;       /* COUNT, MIB: what holds where it is not set */
    const char *then; /* what comes of it, where that is not at once */
} keys[] = {
    {"title", KIND_TEXT, 0, ""},
    {"banner", KIND_TEXT, 0, ""},
    {"paused", KIND_SWITCH, 0, ""},
    {"pushes_an_hour", KIND_COUNT, PUSHES_AN_HOUR, ""},
    {"url", KIND_URL, 0, "; the server's own pages say it from its next start on, without `--url`"},
    {"disk_mb", KIND_MIB, DISK_MB, ""},
    {"repo_mb", KIND_MIB, REPO_MB, ""},
    {"mail_from", KIND_EMAIL, 0, ""},
};
enum { KEYS = sizeof keys / sizeof *keys };

/* NULL: it may be. "" takes a setting away. */
static const char *wrong(Kind kind, const char *value)
{
    int64_t number = text_number(value);
    if (strlen(value) > TEXT_MOST)
        return "is too long";
    if (!*value)
        return NULL;
    if (kind == KIND_SWITCH && strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
        return "takes 0 or 1";
    if (kind == KIND_COUNT && (number < 1 || number > NUMBER_MOST))
        return "takes a whole number from 1 on";
    /* Where these are too many, or others, `number` is 0. */
    bool digits = strlen(value) < 14 && value[strspn(value, "0123456789")] == '\0';
    if (kind == KIND_MIB && (!digits || number > NUMBER_MOST))
        return "takes a whole number of MiB";
    if (kind == KIND_URL && !url_valid(value))
        return "takes an address as https://lesson8.example.org, without a path";
    if (kind == KIND_EMAIL && !email_valid(value))
        return "takes an address, as course@example.org";
    return NULL;
}

static void show(Db *db, int i)
{
    char *value = course_setting(db, keys[i].key);
    if (value && *value)
        printf("%s %s\n", keys[i].key, value);
    else if (keys[i].kind == KIND_COUNT || keys[i].kind == KIND_MIB)
        printf("%s %d (not set)\n", keys[i].key, keys[i].absent);
    else
        printf("%s (not set)\n", keys[i].key);
    free(value);
}

static int change(const Course *course, Db *db, int i, const char *value)
{
    Fault fault = {""};
    const char *why = wrong(keys[i].kind, value);
    if (why)
        return usage_error("set", "%s %s, not \"%.60s\"", keys[i].key, why, value);
    if (*value ? course_set(db, keys[i].key, value, &fault) : course_unset(db, keys[i].key, &fault))
        return failed(&fault);
    door_tell(course->socket, "notice\n");
    if (*value)
        printf("%s is %s now%s\n", keys[i].key, value, keys[i].then);
    else
        printf("%s is not set any more%s\n", keys[i].key, keys[i].then);
    return 0;
}

int command_set(int argc, char **argv)
{
    Course course = {0};
    Db *db;
    int key = -1, status = open_course(&argc, argv, &course, &db);
    for (int i = 0; argc > 1 && i < KEYS; i++)
        key = strcmp(argv[1], keys[i].key) == 0 ? i : key;
    if (!status && (argc > 3 || (argc > 1 && key < 0)))
        status = usage_error("set", "give one of its keys and a value; alone it shows them all");
    for (int i = 0; !status && argc < 3 && i < KEYS; i++)
        if (key < 0 || key == i)
            show(db, i);
    if (!status && argc == 3)
        status = change(&course, db, key, argv[2]);
    return close_course(&course, status);
}
