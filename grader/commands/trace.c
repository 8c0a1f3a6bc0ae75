/* grader trace: the lesson's picture, drawn from the student's own run. */
#include "commands/commands.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "commands/paths.h"
#include "grade.h"
#include "report/report.h"

enum { EXERCISES_MOST = 16 };

static const struct option long_options[] = {{"exercise", required_argument, NULL, 'e'},
                                             {"ascii", no_argument, NULL, 'a'},
                                             {"own", no_argument, NULL, 'O'},
                                             {"output", required_argument, NULL, 'o'},
                                             {"help", no_argument, NULL, 'h'},
                                             {NULL, 0, NULL, 0}};

typedef struct TraceOptions {
    GradeOptions grade;
    bool chosen[EXERCISES_MOST], any;
    bool ascii;
    const char *output;
} TraceOptions;

/* Without a choice: the exercises whose idle wait is compared, one under the other. */
static void choose_compared(TraceOptions *options)
{
    for (int i = 0; !options->any && i < course_len && i < EXERCISES_MOST; i++)
        options->chosen[i] = course[i].exercise->figures != NULL;
    options->grade.chosen = options->chosen;
}

/* 0, -1 for help, or an exit status. */
static int parse_options(TraceOptions *options, int argc, char **argv)
{
    int letter, index;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "e:o:h", long_options, NULL)) != -1) {
        if (letter == 'h')
            return -1;
        else if (letter == 'a')
            options->ascii = true;
        else if (letter == 'O')
            options->grade.own = true;
        else if (letter == 'o')
            options->output = optarg;
        else if (letter == 'e' && (index = find_exercise(optarg)) >= 0)
            options->chosen[index] = options->any = true;
        else
            return usage_error("trace", "which exercise? (see: grader list)");
    }
    if (argc - optind > 1)
        return usage_error("trace", "one folder at a time");
    options->grade.dir = optind < argc ? argv[optind] : "assignments";
    choose_compared(options);
    return check_submission("trace", options->grade.dir);
}

static bool has_picture(const char *id)
{
    for (int i = 0; i < course_len; i++)
        for (int k = 0; k < course[i].n_scenarios; k++)
            if (strcmp(course[i].exercise->id, id) == 0 &&
                strcmp(course[i].scenarios[k].name, "data-later") == 0)
                return true;
    return false;
}

static void say_why_not(FILE *to, const ExerciseResult *exercise)
{
    fprintf(to, "%s: %s\n", exercise->id,
            exercise->status != EX_GRADED ? exercise_status_name(exercise->status)
            : !has_picture(exercise->id)
                ? "has no picture: no single wait tells its story. `grader run` judges it"
            : exercise->first_todo
                ? "still to do, so there is nothing of yours to draw yet"
                : "nothing to draw: no connection was accepted, or nothing could be sent to it");
}

static int no_picture(const Result *result)
{
    for (int i = 0; i < result->n_exercises; i++)
        say_why_not(stdout, &result->exercises[i]);
    return STATUS_FELL_SHORT;
}

/* The reference's lanes alone are no picture of the student's run. */
static bool has_own_lane(const Timeline *timeline)
{
    for (int i = 0; i < timeline->n_lanes; i++)
        if (timeline->lanes[i].of == LANE_OWN)
            return true;
    return false;
}

static int draw(TraceOptions *options, Result *result)
{
    Buf out;
    ReportStyle style = {.colour = wants_colour(stdout),
                         .ascii = options->ascii || !shows_blocks(),
                         .width = terminal_width(stdout)};
    const Timeline *timelines[EXERCISES_MOST];
    int n = 0;
    for (int i = 0; i < result->n_exercises && n < EXERCISES_MOST; i++)
        if (result->exercises[i].timeline.n_lanes > 0) {
            timelines[n++] = &result->exercises[i].timeline;
            if (!has_own_lane(timelines[n - 1]))
                say_why_not(stderr, &result->exercises[i]);
        }
    if (n == 0)
        return no_picture(result);
    buf_init(&out, REPORT_MOST);
    report_timelines(&out, timelines, n, &style);
    int status = write_output(options->output, &out) == 0 ? 0 : STATUS_OURS;
    buf_release(&out);
    return status;
}

int command_trace(int argc, char **argv)
{
    TraceOptions options = {.grade.picture = true};
    int status = parse_options(&options, argc, argv);
    if (status == -1) {
        fputs(command_find("trace")->help, stdout);
        return 0;
    }
    if (status != 0)
        return status;
    Fault fault = {""};
    Result result;
    result_init(&result);
    char *references = references_folder();
    options.grade.references = references;
    if (grade(&options.grade, &result, &fault) != 0)
        status = our_error("%s", fault.text);
    else
        status = draw(&options, &result);
    free(references);
    result_release(&result);
    return status;
}
