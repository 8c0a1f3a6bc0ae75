#include "commands/commands.h"

#include <getopt.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"

static json_t *points(int halves)
{
    return halves % 2 ? json_real(halves / 2.0) : json_integer(halves / 2);
}

static int sum(const Exercise *exercise)
{
    int halves = 0;
    for (int i = 0; i < exercise->n_checks; i++)
        halves += exercise->checks[i].halves;
    return halves;
}

static json_t *exercise_json(const Course *entry)
{
    const Exercise *exercise = entry->exercise;
    json_t *checks = json_array(), *scenarios = json_array();
    for (int i = 0; i < exercise->n_checks; i++)
        json_array_append_new(checks, json_pack("{s:s, s:s, s:o}", "id", exercise->checks[i].id,
                                                "title", exercise->checks[i].title, "max_score",
                                                points(exercise->checks[i].halves)));
    for (int i = 0; i < entry->n_scenarios; i++)
        json_array_append_new(scenarios, json_string(entry->scenarios[i].name));
    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "id", exercise->id, "title", exercise->title,
                     "program", exercise->program, "max_score", points(sum(exercise)), "checks",
                     checks, "scenarios", scenarios);
}

/* Takes `root`. */
static void write_json(Buf *out, json_t *root, size_t flags)
{
    char *text = json_dumps(root, flags);
    buf_str(out, text);
    buf_char(out, '\n');
    free(text);
    json_decref(root);
}

static void list_json(Buf *out)
{
    json_t *exercises = json_array();
    int halves = 0;
    for (int i = 0; i < course_len; i++) {
        json_array_append_new(exercises, exercise_json(&course[i]));
        halves += sum(course[i].exercise);
    }
    json_t *root = json_pack("{s:i, s:o, s:o}", "schema", 1, "max_score", points(halves),
                             "exercises", exercises);
    write_json(out, root, JSON_INDENT(2));
}

/* For who wants to show a scenario: {"ex3_echo_server": {"burst": "title ...\n", ...}, ...}. */
static void list_scripts(Buf *out)
{
    json_t *root = json_object();
    for (int i = 0; i < course_len; i++) {
        json_t *scripts = json_object();
        for (int k = 0; k < course[i].n_scenarios; k++)
            json_object_set_new(scripts, course[i].scenarios[k].name,
                                json_string(course[i].scenarios[k].text));
        json_object_set_new(root, course[i].exercise->id, scripts);
    }
    write_json(out, root, JSON_INDENT(1));
}

static void list_text(Buf *out)
{
    char number[16];
    for (int i = 0; i < course_len; i++) {
        const Exercise *exercise = course[i].exercise;
        buf_printf(out, "%s%s: %s, %s points, built as %s\n", i ? "\n" : "", exercise->id,
                   exercise->title, report_points(sum(exercise), number, sizeof number),
                   exercise->program);
        for (int k = 0; k < exercise->n_checks; k++)
            buf_printf(out, "  %4s  %-18s %s\n",
                       report_points(exercise->checks[k].halves, number, sizeof number),
                       exercise->checks[k].id, exercise->checks[k].title);
    }
    buf_str(out, "\nWhat a check looks for: grader explain CHECK\n");
}

int command_list(int argc, char **argv)
{
    static const struct option options[] = {{"format", required_argument, NULL, 'f'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    static const struct {
        const char *name;
        void (*list)(Buf *out);
    } formats[] = {{"text", list_text}, {"json", list_json}, {"scripts", list_scripts}};
    enum { FORMATS = sizeof formats / sizeof *formats };
    int letter, format = 0;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "f:h", options, NULL)) != -1) {
        if (letter == 'h') {
            fputs(command_find("list")->help, stdout);
            return 0;
        }
        if (letter != 'f')
            return STATUS_USAGE;
        for (format = 0; format < FORMATS && strcmp(optarg, formats[format].name) != 0; format++)
            ;
        if (format == FORMATS)
            return usage_error("list", "--format takes text, json or scripts");
    }
    if (optind < argc)
        return usage_error("list", "\"%s\" is one word too many", argv[optind]);
    Buf out;
    buf_init(&out, REPORT_MOST);
    formats[format].list(&out);
    int status = write_output(NULL, &out);
    buf_release(&out);
    return status == 0 ? 0 : STATUS_OURS;
}
