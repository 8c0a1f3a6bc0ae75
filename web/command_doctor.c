#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "door.h"
#include "health.h"

enum { LINES_MOST = 16, ANSWER_BYTES = 65536, NOT_WELL = 3 };

/* As the grader's own doctor writes. */
static void print_line(const HealthLine *line)
{
    printf("%s%-18s %s\n",
           line->ok       ? "ok  "
           : line->needed ? "no  "
                          : "-   ",
           line->name, line->detail);
    if (!line->ok && *line->cure)
        printf("    %-18s cure: %s\n", "", line->cure);
}

/* It ends in a word about `--own`, which is for students: its lines are enough. */
static int ask_grader(const char *grader)
{
    Fault fault = {""};
    Buf said;
    buf_init(&said, ANSWER_BYTES);
    const char *argv[] = {grader, "doctor", NULL};
    int status = child_output(argv, NULL, &said, &fault);
    char *end = strstr(said.data, "\n\n");
    if (end)
        end[1] = '\0';
    fputs(said.data, stdout);
    if (said.len == 0)
        printf("no  %-18s %s\n    %-18s cure: courseweb serve --grader PATH\n", "grader",
               fault.text, "");
    buf_release(&said);
    return status;
}

static int examine(const Course *course, const char *grader, const char *mail_command)
{
    HealthLine lines[LINES_MOST];
    int n = health_look(course, lines, LINES_MOST - 1), missing = 0;
    if (mail_command)
        health_mail(mail_command, &mail_places, &lines[n++]);
    for (int i = 0; i < n; i++) {
        print_line(&lines[i]);
        missing += lines[i].needed && !lines[i].ok;
    }
    fflush(stdout);
    missing += ask_grader(grader) != 0;
    puts(missing == 0 ? "\nThis machine can serve the course. Lines with \"-\" are things it does "
                        "without."
                      : "\nSomething is missing that the course needs: the lines with \"no\".");
    return missing == 0 ? 0 : NOT_WELL;
}

/* What a running server says of itself, from within its own walls. -1: none runs. */
static int ask_server(const Course *course)
{
    Buf said;
    char piece[4096];
    ssize_t n;
    int status = -1, fd = door_call(course->socket, "doctor\n");
    if (fd < 0)
        return -1;
    buf_init(&said, ANSWER_BYTES);
    while ((n = read(fd, piece, sizeof piece)) > 0)
        buf_add(&said, piece, (size_t)n);
    close(fd);
    char *last = strstr(said.data, "status ");
    if (last && sscanf(last, "status %d", &status) == 1) {
        *last = '\0';
        fputs("As the running server sees it:\n", stdout);
        fputs(said.data, stdout);
    }
    buf_release(&said);
    return status;
}

int command_doctor(int argc, char **argv)
{
    Course course = {0};
    Db *db;
    const char *given = take_option(&argc, argv, "--grader");
    const char *mail_command = take_option(&argc, argv, "--mail-command");
    int status = open_course(&argc, argv, &course, &db);
    bool here = !status && argc == 2 && strcmp(argv[1], "--here") == 0;
    if (!status && argc != 1 && !here)
        status = usage_error("doctor", "\"%s\" is not asked for", argv[1]);
    if (!status) {
        char *grader = given ? x_strdup(given) : find_grader();
        status = here ? -1 : ask_server(&course);
        if (status < 0)
            status = examine(&course, grader, mail_command);
        free(grader);
    }
    return close_course(&course, status);
}
