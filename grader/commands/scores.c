#include "commands/commands.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "course_rules.h"
#include "scores.h"

typedef struct ScoresOptions {
    const char *db, *format, *output, *course_file, *until;
    int64_t until_s;
} ScoresOptions;

static const struct option long_options[] = {{"db", required_argument, NULL, 'D'},
                                             {"format", required_argument, NULL, 'f'},
                                             {"output", required_argument, NULL, 'o'},
                                             {"course", required_argument, NULL, 'C'},
                                             {"until", required_argument, NULL, 'U'},
                                             {"help", no_argument, NULL, 'h'},
                                             {NULL, 0, NULL, 0}};

/* 0, -1 for help, or an exit status. */
static int parse_options(ScoresOptions *options, int argc, char **argv)
{
    int letter;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "f:o:h", long_options, NULL)) != -1) {
        if (letter == 'D')
            options->db = optarg;
        else if (letter == 'f')
            options->format = optarg;
        else if (letter == 'o')
            options->output = optarg;
        else if (letter == 'C')
            options->course_file = optarg;
        else if (letter == 'U')
            options->until = optarg;
        else if (letter == 'h')
            return -1;
        else
            return STATUS_USAGE;
    }
    if (optind < argc)
        return usage_error("scores", "\"%s\" is one word too many", argv[optind]);
    if (!options->db)
        return usage_error("scores", "which database? Give --db FILE");
    if (!scores_format_known(options->format))
        return usage_error("scores", "no format \"%s\"; there are: %s", options->format,
                           scores_formats);
    Fault fault = {""};
    if (options->until && date_read(options->until, &options->until_s, &fault))
        return usage_error("scores", "--until: %s", fault.text);
    return 0;
}

static int write_scores(const ScoresOptions *options, const CourseRules *rules)
{
    Fault fault = {""};
    Buf out;
    bool to_file = options->output && strcmp(options->output, "-") != 0;
    ReportStyle style = {.colour = !to_file && wants_colour(stdout),
                         .ascii = !shows_blocks(),
                         .width = to_file ? 80 : terminal_width(stdout)};
    buf_init(&out, SCORES_MOST);
    int status = 0;
    ScoresWanted wanted = {.format = options->format, .rules = rules, .until_s = options->until_s};
    if (scores_write(&out, options->db, &wanted, &style, &fault) != 0)
        status = our_error("%s", fault.text);
    else if (write_output(options->output, &out) != 0)
        status = STATUS_OURS;
    buf_release(&out);
    return status;
}

int command_scores(int argc, char **argv)
{
    ScoresOptions options = {.format = "text"};
    int status = parse_options(&options, argc, argv);
    if (status == -1) {
        fputs(command_find("scores")->help, stdout);
        return 0;
    }
    if (status != 0)
        return status;
    Fault fault = {""};
    CourseRules *rules = NULL;
    if (options.course_file && !(rules = course_rules_load(options.course_file, &fault)))
        return usage_error("scores", "%s", fault.text);
    status = write_scores(&options, rules);
    course_rules_free(rules);
    return status;
}
