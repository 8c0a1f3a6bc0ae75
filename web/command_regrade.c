/* The subcommand that grades again: what was graded, after the grader was corrected; and what could
 * not be graded. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "door.h"
#include "jobs.h"
#include "people.h"

static int again(Db *db, const Person *person, int *queued)
{
    Fault fault = {""};
    int got = job_again(db, person->id, &fault);
    if (got < 0)
        return failed(&fault);
    if (!got)
        fprintf(stderr,
                "courseweb: %s: nothing was graded yet, or it waits, runs, or ended in an error "
                "of ours (try that again: courseweb regrade --errors)\n",
                person->name);
    *queued += got;
    return 0;
}

/* Whoever has pushed; the others need not be named. */
static int all(Db *db, int *queued)
{
    Person person;
    int status = 0;
    int64_t last = 0;
    while (!status && (last = db_number(db, 0,
                                        "SELECT min(person) FROM web_newest WHERE person > ?"
                                        " AND state = 'done'",
                                        "i", last)) != 0)
        if (person_by_id(db, last, &person) && person.role != ROLE_NONE)
            status = again(db, &person, queued);
    return status;
}

/* What ended in an error of ours, as all does while the grader is broken. */
static int errors(Db *db, int *queued)
{
    Fault fault = {""};
    *queued = jobs_retry(db, "", &fault);
    return *queued < 0 ? failed(&fault) : 0;
}

int command_regrade(int argc, char **argv)
{
    Course course = {0};
    Db *db;
    Person person;
    int queued = 0, status = open_course(&argc, argv, &course, &db);
    const char *option = argc == 2 ? argv[1] : "";
    bool everybody = strcmp(option, "--all") == 0, failures = strcmp(option, "--errors") == 0;
    if (!status && !everybody && !failures)
        status = no_options_left("regrade", argc, argv);
    if (!status && argc < 2)
        status = usage_error("regrade", "give names, --all or --errors");
    if (!status && everybody)
        status = all(db, &queued);
    if (!status && failures)
        status = errors(db, &queued);
    for (int i = 1; !status && !everybody && !failures && i < argc; i++)
        if (person_find(db, argv[i], &person))
            status = again(db, &person, &queued);
        else
            status = usage_error("regrade", "nobody here is called \"%.60s\"", argv[i]);
    if (queued > 0)
        door_tell(course.socket, "kick\n");
    if (!status)
        printf("%d submission%s queued to be graded again\n", queued, queued == 1 ? "" : "s");
    return close_course(&course, status);
}
