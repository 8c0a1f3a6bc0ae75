#include "commands/commands.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/baseline.h"
#include "commands/paths.h"
#include "course_rules.h"
#include "grade.h"
#include "report/report.h"
#include "result_next.h"
#include "store.h"

enum { REPORTS_MOST = 8 };

/* A report that was asked for: `-f json -o a.json -f github` are two. */
typedef struct Wanted {
    const ReportFormat *format;
    const char *output;
} Wanted;

typedef struct RunOptions {
    GradeOptions grade;
    bool chosen[64];
    bool any_chosen;
    Wanted reports[REPORTS_MOST];
    int n_reports;
    const char *course_file, *db, *student;
} RunOptions;

static const struct option long_options[] = {
    {"exercise", required_argument, NULL, 'e'}, {"format", required_argument, NULL, 'f'},
    {"output", required_argument, NULL, 'o'},   {"own", no_argument, NULL, 'O'},
    {"course", required_argument, NULL, 'C'},   {"db", required_argument, NULL, 'D'},
    {"student", required_argument, NULL, 'S'},  {"trace-dir", required_argument, NULL, 'T'},
    {"jobs", required_argument, NULL, 'j'},     {"live", no_argument, NULL, 'L'},
    {"help", no_argument, NULL, 'h'},           {NULL, 0, NULL, 0}};

static int choose_exercise(RunOptions *options, const char *name)
{
    int index = find_exercise(name);
    if (index < 0)
        return usage_error("run", "no exercise \"%s\" (see: grader list)", name);
    options->chosen[index] = options->any_chosen = true;
    return 0;
}

static int choose_format(RunOptions *options, const char *name)
{
    const ReportFormat *format = report_format(name);
    Wanted *last = &options->reports[options->n_reports - 1];
    if (format && last->format && last->output) { /* that one is complete */
        if (options->n_reports == REPORTS_MOST)
            return usage_error("run", "at most %d reports of one run", REPORTS_MOST);
        last = &options->reports[options->n_reports++];
    }
    last->format = format;
    if (format)
        return 0;
    Buf names;
    buf_init(&names, 1000);
    for (int i = 0; i < report_formats_len; i++)
        buf_printf(&names, " %s", report_formats[i].name);
    int status = usage_error("run", "no format \"%s\"; there are:%s", name, names.data);
    buf_release(&names);
    return status;
}

static int choose_jobs(RunOptions *options, const char *text)
{
    long jobs;
    if (!parse_number(text, 1, 1000, &jobs))
        return usage_error("run", "--jobs takes a number from 1 to 1000, not \"%s\"", text);
    options->grade.jobs = (int)jobs;
    return 0;
}

/* For a program that reads along: `done EXERCISE HALVES MAX_HALVES STATUS`, a line. STATUS is that
 * of the result, or `stub`. */
static void say_exercise(void *context, const ExerciseResult *exercise)
{
    (void)context;
    int halves = 0, max_halves = 0;
    for (int i = 0; i < exercise->n_checks; i++) {
        halves += exercise->checks[i].halves;
        max_halves += exercise->checks[i].max_halves;
    }
    printf("done %s %d %d %s\n", exercise->id, halves, max_halves,
           result_is_stub(exercise) ? "stub" : exercise_status_name(exercise->status));
    fflush(stdout);
}

/* 0, -1 for help, or an exit status. */
static int one_option(RunOptions *options, int letter)
{
    switch (letter) {
    case 'e':
        return choose_exercise(options, optarg);
    case 'f':
        return choose_format(options, optarg);
    case 'j':
        return choose_jobs(options, optarg);
    case 'o':
        options->reports[options->n_reports - 1].output = optarg;
        return 0;
    case 'L':
        options->grade.exercise_done = say_exercise;
        return 0;
    case 'O':
        options->grade.own = true;
        return 0;
    case 'C':
        options->course_file = optarg;
        return 0;
    case 'D':
        options->db = optarg;
        return 0;
    case 'S':
        options->student = optarg;
        return 0;
    case 'T':
        options->grade.trace_dir = optarg;
        return 0;
    case 'h':
        return -1;
    default: /* getopt has said what is wrong */
        fprintf(stderr, "Try: grader run --help\n");
        return STATUS_USAGE;
    }
}

static int parse_options(RunOptions *options, int argc, char **argv)
{
    int letter, status;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "e:f:o:j:h", long_options, NULL)) != -1)
        if ((status = one_option(options, letter)) != 0)
            return status;
    if (argc - optind > 1)
        return usage_error("run", "one folder at a time, not also \"%s\"", argv[optind + 1]);
    options->grade.dir = optind < argc ? argv[optind] : "assignments";
    if (options->any_chosen)
        options->grade.chosen = options->chosen;
    return check_submission("run", options->grade.dir);
}

static int make_trace_dir(const char *dir)
{
    struct stat info;
    if (!dir || mkdir(dir, 0777) == 0)
        return 0;
    if (errno == EEXIST && stat(dir, &info) == 0 && S_ISDIR(info.st_mode))
        return 0;
    our_error("cannot make the folder %s: %s. Choose another place with --trace-dir", dir,
              strerror(errno));
    return -1;
}

static void show_progress(void *context, const char *what, int done, int total)
{
    (void)context;
    fprintf(stderr, "\r\033[K  %d of %d done (%s)", done, total, what);
    fflush(stderr);
}

static void clear_progress(const RunOptions *options)
{
    if (options->grade.progress)
        fprintf(stderr, "\r\033[K");
}

/* The last of its names, as it was written: a link is called what it is called. Where that is no
 * name ("..", "alice/."), what the folder is really called. */
static char *folder_name(const char *dir)
{
    size_t end = strlen(dir), begin;
    while (end > 1 && dir[end - 1] == '/')
        end--;
    for (begin = end; begin > 0 && dir[begin - 1] != '/';)
        begin--;
    char *last = x_printf("%.*s", (int)(end - begin), dir + begin);
    if (*last && strcmp(last, ".") != 0 && strcmp(last, "..") != 0)
        return last;
    char *path = realpath(dir, NULL);
    const char *slash = path ? strrchr(path, '/') : NULL;
    if (slash && slash[1]) {
        free(last);
        last = x_strdup(slash + 1);
    }
    free(path);
    return last;
}

/* `unread`: why the database could not be read before; "": it could. It is said once. */
static int store_result(const RunOptions *options, const Result *result, const Fault *unread)
{
    if (!options->db)
        return 0;
    if (options->grade.own) {
        fprintf(stderr, "grader: a practice run (--own) is not stored\n");
        return 0;
    }
    if (result->broken) {
        fprintf(stderr, "grader: nothing was stored, for not everything could be graded\n");
        return 0;
    }
    Fault fault = {""};
    char *student = options->student ? x_strdup(options->student) : folder_name(options->grade.dir);
    Store *store = store_open(options->db, &fault);
    int status = store ? store_add(store, student, result, NULL, &fault) : -1;
    store_close(store);
    free(student);
    if (*unread->text && (status == 0 || strcmp(unread->text, fault.text) != 0))
        fprintf(stderr, "grader: nothing to compare with: %s\n", unread->text);
    if (status != 0)
        our_error("%s", fault.text);
    return status;
}

/* A step of a workflow has a page of its own, which grows by what is appended to this file. */
static void add_summary(const Result *result, const ReportStyle *style)
{
    const char *path = getenv("GITHUB_STEP_SUMMARY");
    if (!path || !*path)
        return;
    Buf out;
    buf_init(&out, SUMMARY_MOST);
    report_summary(&out, result, style);
    FILE *file = fopen(path, "a");
    bool ok = file && fwrite(out.data, 1, out.len, file) == out.len;
    if (file && fclose(file) != 0)
        ok = false;
    if (!ok)
        fprintf(stderr, "grader: no job summary, for %s cannot be written: %s\n", path,
                strerror(errno));
    buf_release(&out);
}

static int write_report(const Wanted *wanted, const Result *result, const char *prefix)
{
    bool to_file = wanted->output && strcmp(wanted->output, "-") != 0;
    const ReportFormat *format = wanted->format ? wanted->format : report_format("text");
    ReportStyle style = {.colour = !to_file && wants_colour(stdout),
                         .ascii = !shows_blocks(),
                         .width = to_file ? 80 : terminal_width(stdout),
                         .prefix = prefix};
    Buf out;
    buf_init(&out, REPORT_MOST);
    format->write(&out, result, &style);
    int status = write_output(wanted->output, &out);
    if (strcmp(format->name, "github") == 0)
        add_summary(result, &style);
    buf_release(&out);
    return status;
}

static int write_reports(const RunOptions *options, const Result *result)
{
    char *prefix = place_in_repository(options->grade.dir);
    int status = 0;
    for (int i = 0; i < options->n_reports; i++)
        if (write_report(&options->reports[i], result, prefix) != 0)
            status = -1;
    free(prefix);
    return status;
}

static int grade_and_report(RunOptions *options, const CourseRules *rules)
{
    Fault fault = {""}, unread = {""};
    Result result;
    result_init(&result);
    Baseline baseline = {0};
    char *references = references_folder();
    options->grade.references = references;
    if (isatty(STDERR_FILENO))
        options->grade.progress = show_progress;
    if (options->db && !options->grade.own)
        baseline_ready(&baseline, options->db, references, &unread);
    options->grade.known = baseline.timelines;
    int graded = grade(&options->grade, &result, &fault);
    if (baseline.timelines)
        result.baseline = x_strdup(baseline.key);
    clear_progress(options);
    int stored = store_result(options, &result, &unread);
    if (rules)
        course_rules_apply(rules, &result);
    int written = write_reports(options, &result);
    int status = result.halves < result.max_halves ? STATUS_FELL_SHORT : STATUS_ALL_PASSED;
    for (int i = 0; status == 0 && i < result.n_exercises; i++)
        for (int k = 0; k < result.exercises[i].n_checks; k++)
            if (result.exercises[i].checks[k].status != CHECK_PASS)
                status = STATUS_FELL_SHORT;
    if (graded != 0)
        our_error("%s", fault.text);
    if (graded != 0 || stored != 0 || written != 0)
        status = STATUS_OURS;
    free(references);
    baseline_release(&baseline);
    result_release(&result);
    return status;
}

int command_run(int argc, char **argv)
{
    RunOptions options = {.n_reports = 1};
    int status = parse_options(&options, argc, argv);
    if (status == -1) {
        fputs(command_find("run")->help, stdout);
        return 0;
    }
    if (status != 0)
        return status;
    Fault fault = {""};
    CourseRules *rules = NULL;
    if (options.course_file && !(rules = course_rules_load(options.course_file, &fault)))
        return usage_error("run", "%s", fault.text);
    status = make_trace_dir(options.grade.trace_dir) != 0 ? STATUS_OURS
                                                          : grade_and_report(&options, rules);
    course_rules_free(rules);
    return status;
}
