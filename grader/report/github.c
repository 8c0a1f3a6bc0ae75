/* Annotations. GitHub shows ten of a kind for each step: those that teach most come first. */
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/text_parts.h"

enum { OF_A_KIND = 10, FOUND_MOST = 512, MESSAGE_MOST = 64 << 10 };

typedef enum Kind { KIND_ERROR, KIND_WARNING, KIND_NOTICE, KINDS } Kind;
static const char *const kind_names[KINDS] = {"error", "warning", "notice"};

/* One annotation to be, and what it is sorted by. */
typedef struct Found {
    const ExerciseResult *exercise;
    int check;    /* -1: the exercise as a whole */
    int evidence; /* which place; -1: none */
    Kind kind;
    int rank, order;
} Found;

typedef struct Finds {
    Found items[FOUND_MOST];
    int n;
} Finds;

static void find(Finds *finds, Found found)
{
    if (finds->n == FOUND_MOST)
        return;
    found.order = finds->n;
    finds->items[finds->n++] = found;
}

/* --- what there is to say --- */

static int place_of(const CheckResult *check)
{
    const Evidence *at = result_place(check);
    return at ? (int)(at - check->evidence) : -1;
}

/* Every message of the compiler has its own line to stand at. */
static void find_notes(Finds *finds, const ExerciseResult *exercise, int check, Found found)
{
    const CheckResult *c = &exercise->checks[check];
    for (int i = 0; i < c->n_evidence; i++)
        if (c->evidence[i].file && *c->evidence[i].file) {
            found.evidence = i;
            find(finds, found);
        }
}

/* The key check of each exercise is before all others, these by what hangs on them. */
static void find_check(Finds *finds, const ExerciseResult *exercise, int check, int key)
{
    const CheckResult *c = &exercise->checks[check];
    Found found = {.exercise = exercise,
                   .check = check,
                   .evidence = place_of(c),
                   .kind = c->halves > 0 ? KIND_WARNING : KIND_ERROR,
                   .rank = check == key ? 1 << 20 : result_stake(exercise, check)};
    if (c->id && strcmp(c->id, "build") == 0 && found.evidence >= 0)
        find_notes(finds, exercise, check, found);
    else
        find(finds, found);
}

static void find_in(Finds *finds, const ExerciseResult *exercise)
{
    Found whole = {.exercise = exercise, .check = -1, .evidence = -1, .rank = 1 << 20};
    if (exercise->status == EX_ERROR || exercise->status == EX_MISSING) {
        whole.kind = exercise->status == EX_ERROR ? KIND_WARNING : KIND_ERROR;
        find(finds, whole);
        return;
    }
    if (result_is_stub(exercise)) { /* as in the text report: one step, no wall of red */
        whole.kind = KIND_NOTICE;
        find(finds, whole);
        return;
    }
    int key = result_key_check(exercise);
    for (int i = 0; i < exercise->n_checks; i++)
        if (exercise->checks[i].status == CHECK_FAIL)
            find_check(finds, exercise, i, key);
}

static int by_rank(const void *a, const void *b)
{
    const Found *x = a, *y = b;
    return x->rank != y->rank ? (x->rank < y->rank) - (x->rank > y->rank) : x->order - y->order;
}

/* --- saying it --- */

static void part(Buf *message, const char *name, const char *text)
{
    if (text && *text)
        buf_printf(message, "%s%s%s", message->len ? "\n" : "", name, text);
}

static void say_check(const Found *found, Buf *title, Buf *message)
{
    char have[16], full[16];
    const CheckResult *check = &found->exercise->checks[found->check];
    buf_printf(title, "%s %s/%s: %s", check->id ? check->id : "",
               report_points(check->halves, have, sizeof have),
               report_points(check->max_halves, full, sizeof full),
               check->title ? check->title : "");
    part(message, "saw: ", check->seen && *check->seen ? check->seen : check->message);
    part(message, "expected: ", check->expected);
    if (found->evidence >= 0)
        part(message, "here: ", check->evidence[found->evidence].text);
    part(message, "why: ", check->why);
}

static void say_whole(const Found *found, Buf *title, Buf *message)
{
    const ExerciseResult *exercise = found->exercise;
    const char *id = exercise->id ? exercise->id : "";
    if (exercise->status == EX_MISSING) {
        buf_printf(title, "%s is missing", id);
        buf_printf(message, "There is no folder of this name in the submission.");
    } else if (exercise->status == EX_ERROR) {
        buf_printf(title, "%s could not be graded", id);
        part(message, "", exercise->error);
        part(message, "", "This is no fault of the submission and costs it no points.");
    } else {
        char *file = text_main_file(exercise);
        buf_printf(title, "%s is still the stub", id);
        buf_printf(message, "Go on with TODO %d in %s; the steps are in the README.md beside it.",
                   exercise->todo, file);
        free(file);
    }
}

static void say_place(Buf *out, const Found *found, const ReportStyle *style)
{
    if (found->check < 0 || found->evidence < 0)
        return;
    const Evidence *at = &found->exercise->checks[found->check].evidence[found->evidence];
    const char *prefix = style && style->prefix ? style->prefix : "";
    char *path = x_printf("%s%s%s/%s", prefix, *prefix ? "/" : "", found->exercise->id, at->file);
    buf_str(out, "file=");
    escape_command_value(out, path);
    if (at->line > 0)
        buf_printf(out, ",line=%d", at->line);
    buf_char(out, ',');
    free(path);
}

static void annotate(Buf *out, const Found *found, const ReportStyle *style)
{
    Buf title, message;
    buf_init(&title, MESSAGE_MOST);
    buf_init(&message, MESSAGE_MOST);
    if (found->check < 0)
        say_whole(found, &title, &message);
    else
        say_check(found, &title, &message);
    buf_printf(out, "::%s ", kind_names[found->kind]);
    say_place(out, found, style);
    buf_str(out, "title=");
    escape_command_value(out, title.data);
    buf_str(out, "::");
    escape_command(out, message.data);
    buf_char(out, '\n');
    buf_release(&title);
    buf_release(&message);
}

void report_github(Buf *out, const Result *result, const ReportStyle *style)
{
    Finds finds = {.n = 0};
    int said[KINDS] = {[KIND_NOTICE] = 1}; /* the score is a notice, too */
    char have[16], full[16];
    report_text(out, result, style);
    buf_char(out, '\n');
    for (int i = 0; i < result->n_exercises; i++)
        find_in(&finds, &result->exercises[i]);
    qsort(finds.items, (size_t)finds.n, sizeof *finds.items, by_rank);
    for (int i = 0; i < finds.n; i++)
        if (said[finds.items[i].kind]++ < OF_A_KIND)
            annotate(out, &finds.items[i], style);
    buf_printf(out,
               "::notice title=%s of %s points::", report_points(result->halves, have, sizeof have),
               report_points(result->max_halves, full, sizeof full));
    buf_str(out, finds.n ? "What to do next is in the summary of this run.\n"
                         : "Nothing is left to do.\n");
}
