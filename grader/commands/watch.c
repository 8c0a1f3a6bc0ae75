/* grader watch: grades again on save and says what changed. */
#include "commands/commands.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <uv.h>

#include "commands/paths.h"
#include "grade.h"
#include "report/report.h"

enum { WATCHED_MOST = 16, SETTLE_MS = 80 };

typedef struct Watched {
    int index; /* in course[] */
    char *folder;
    uv_fs_event_t events;
    bool changed;
    Result last; /* of this exercise alone; empty before the first */
} Watched;

typedef struct Watching {
    uv_loop_t loop;
    uv_timer_t settle; /* an editor saves in several steps: wait for the last */
    Watched watched[WATCHED_MOST];
    int n;
    GradeOptions grade;
    ReportStyle style;
    int status;
} Watching;

static const CheckResult *same_check(const Result *result, const char *id)
{
    for (int i = 0; result->n_exercises && i < result->exercises[0].n_checks; i++)
        if (strcmp(result->exercises[0].checks[i].id, id) == 0)
            return &result->exercises[0].checks[i];
    return NULL;
}

static void print_change(const CheckResult *now, const CheckResult *before)
{
    char is[16], was[16], all[16];
    if (before->halves == now->halves)
        return;
    printf("  %c %s: %s -> %s of %s (%s)\n", now->halves > before->halves ? '+' : '-', now->id,
           report_points(before->halves, was, sizeof was),
           report_points(now->halves, is, sizeof is),
           report_points(now->max_halves, all, sizeof all), now->message);
}

/* The first time the whole report; later only what is different. */
static void print_result(const Watching *watching, const Result *now, const Result *before)
{
    const ExerciseResult *exercise = &now->exercises[0];
    char is[16], all[16];
    if (before->n_exercises == 0 || exercise->status != EX_GRADED) {
        Buf out;
        buf_init(&out, REPORT_MOST);
        report_text(&out, now, &watching->style);
        fputs(out.data, stdout);
        buf_release(&out);
    } else {
        printf("%s: %s of %s, in %.1f s\n", exercise->id,
               report_points(exercise->halves, is, sizeof is),
               report_points(exercise->max_halves, all, sizeof all), (double)now->wall_us / 1e6);
        for (int i = 0; i < exercise->n_checks; i++) {
            const CheckResult *was = same_check(before, exercise->checks[i].id);
            if (was)
                print_change(&exercise->checks[i], was);
        }
    }
    fflush(stdout);
}

static void grade_one(Watching *watching, Watched *watched)
{
    Fault fault = {""};
    Result result;
    bool chosen[WATCHED_MOST] = {false};
    chosen[watched->index] = true;
    watching->grade.chosen = chosen;
    result_init(&result);
    if (grade(&watching->grade, &result, &fault) != 0) {
        watching->status = our_error("%s", fault.text);
        uv_stop(&watching->loop);
    } else {
        print_result(watching, &result, &watched->last);
    }
    result_release(&watched->last);
    watched->last = result;
}

static void settled(uv_timer_t *timer)
{
    Watching *watching = timer->data;
    for (int i = 0; i < watching->n; i++)
        if (watching->watched[i].changed) {
            watching->watched[i].changed = false;
            grade_one(watching, &watching->watched[i]);
        }
}

static void saved(uv_fs_event_t *handle, const char *name, int events, int status)
{
    Watching *watching = handle->loop->data;
    Watched *watched = handle->data;
    (void)events;
    if (status != 0 || (name && name[0] == '.'))
        return;
    watched->changed = true;
    uv_timer_start(&watching->settle, settled, SETTLE_MS, 0);
}

static void watch_folder(Watching *watching, int index)
{
    struct stat info;
    char *folder = x_printf("%s/%s", watching->grade.dir, course[index].exercise->id);
    if (watching->n == WATCHED_MOST || stat(folder, &info) != 0 || !S_ISDIR(info.st_mode)) {
        free(folder);
        return;
    }
    Watched *watched = &watching->watched[watching->n++];
    *watched = (Watched){.index = index, .folder = folder, .changed = true};
    uv_fs_event_init(&watching->loop, &watched->events);
    watched->events.data = watched;
    uv_fs_event_start(&watched->events, saved, folder, 0);
}

static int watch(Watching *watching, const bool *chosen)
{
    char *references = references_folder();
    watching->grade.references = references;
    watching->style = (ReportStyle){
        .colour = wants_colour(stdout), .ascii = !shows_blocks(), .width = terminal_width(stdout)};
    uv_loop_init(&watching->loop);
    watching->loop.data = watching;
    uv_timer_init(&watching->loop, &watching->settle);
    watching->settle.data = watching;
    for (int i = 0; i < course_len; i++)
        if (!chosen || chosen[i])
            watch_folder(watching, i);
    if (watching->n == 0)
        return usage_error("watch", "no exercise in %s", watching->grade.dir);
    settled(&watching->settle);
    printf("Watching %s: save a file and it is graded again. Ctrl-C ends this.\n",
           watching->grade.dir);
    fflush(stdout);
    if (watching->status == 0)
        uv_run(&watching->loop, UV_RUN_DEFAULT);
    free(references);
    return watching->status;
}

int command_watch(int argc, char **argv)
{
    static const struct option options[] = {{"exercise", required_argument, NULL, 'e'},
                                            {"own", no_argument, NULL, 'O'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    static Watching watching;
    bool chosen[WATCHED_MOST] = {false}, any = false;
    int letter, index;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "e:h", options, NULL)) != -1) {
        if (letter == 'h') {
            fputs(command_find("watch")->help, stdout);
            return 0;
        } else if (letter == 'O') {
            watching.grade.own = true;
        } else if (letter == 'e' && (index = find_exercise(optarg)) >= 0) {
            chosen[index] = any = true;
        } else {
            return usage_error("watch", "which exercise? (see: grader list)");
        }
    }
    if (argc - optind > 1)
        return usage_error("watch", "one folder at a time");
    watching.grade.dir = optind < argc ? argv[optind] : "assignments";
    return watch(&watching, any ? chosen : NULL);
}
