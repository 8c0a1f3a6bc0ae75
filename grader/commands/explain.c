#include "commands/commands.h"

#include <getopt.h>
#include <string.h>

#include "report/report.h"

static void explain(const Course *entry, const Check *check)
{
    char number[16];
    printf("%s / %s: %s point%s\n  %s\n\n", entry->exercise->id, check->id,
           report_points(check->halves, number, sizeof number), check->halves == 2 ? "" : "s",
           check->title);
    if (check->why)
        printf("Why it matters\n  %s\n\n", check->why);
    if (check->look)
        printf("See it yourself\n  %s\n\n", check->look);
    if (check->scenarios)
        printf("What is played\n  %s\n", check->scenarios);
    if (check->with_behaviour)
        puts("\nCounts once any check of what the program does passes.");
    if (check->timed)
        puts("\nDepends on time: repeated up to three times before it is a failure.");
}

/* "retry-interval", or "ex1_nonblocking/retry-interval", or "1/retry-interval". */
static int find_and_explain(const char *name)
{
    const char *slash = strchr(name, '/');
    int only = -1, found = 0;
    if (slash) {
        char exercise[64];
        snprintf(exercise, sizeof exercise, "%.*s", (int)(slash - name), name);
        only = find_exercise(exercise);
        if (only < 0)
            return usage_error("explain", "no exercise \"%s\" (see: grader list)", exercise);
        name = slash + 1;
    }
    for (int i = 0; i < course_len; i++)
        for (int k = 0; k < course[i].exercise->n_checks; k++) {
            const Check *check = &course[i].exercise->checks[k];
            if ((only >= 0 && only != i) || strcmp(check->id, name) != 0)
                continue;
            if (found++)
                puts("\n----\n");
            explain(&course[i], check);
        }
    return found ? 0 : usage_error("explain", "no check \"%s\" (see: grader list)", name);
}

int command_explain(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    int letter;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (letter != 'h')
            return STATUS_USAGE;
        fputs(command_find("explain")->help, stdout);
        return 0;
    }
    if (argc - optind != 1)
        return usage_error("explain", "name one check");
    return find_and_explain(argv[optind]);
}
