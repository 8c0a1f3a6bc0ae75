#include "scores.h"

#include <stdlib.h>
#include <string.h>

#include "scores_parts.h"

/* --- gathering --- */

static int column_of(Class *all, const char *exercise)
{
    for (int i = 0; i < all->n_columns; i++)
        if (strcmp(all->columns[i].exercise, exercise) == 0)
            return i;
    all->columns = x_realloc(all->columns, (size_t)(all->n_columns + 1) * sizeof *all->columns);
    all->columns[all->n_columns] = (Column){x_strdup(exercise), 0};
    return all->n_columns++;
}

/* NULL: not wanted. */
static Student *student_of(Class *all, const char *name)
{
    const ScoresWanted *wanted = all->wanted;
    ScoresPerson person = {.login = name, .shown = name};
    Student *last = all->n_students ? &all->students[all->n_students - 1] : NULL;
    if (last && strcmp(last->name, name) == 0)
        return last;
    if (wanted->person && !wanted->person(wanted->context, name, &person))
        return NULL;
    if (all->n_students == all->room) {
        all->room = all->room ? 2 * all->room : 64;
        all->students = x_realloc(all->students, (size_t)all->room * sizeof *all->students);
    }
    all->students[all->n_students] =
        (Student){.name = x_strdup(name),
                  .login = x_strdup(person.login),
                  .shown = x_strdup(person.shown),
                  .section = x_strdup(person.section ? person.section : "")};
    return &all->students[all->n_students++];
}

static void gather(void *context, const StoreScore *score)
{
    Class *all = context;
    Student *student = student_of(all, score->student);
    if (!student)
        return;
    int column = column_of(all, score->exercise);
    student->scores =
        x_realloc(student->scores, (size_t)(student->n_scores + 1) * sizeof *student->scores);
    StoreScore *kept = &student->scores[student->n_scores++];
    *kept = *score;
    kept->student = NULL;
    kept->exercise = all->columns[column].exercise;
    if (score->max_halves > all->columns[column].max_halves)
        all->columns[column].max_halves = score->max_halves;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const Student *)a)->name, ((const Student *)b)->name);
}

/* `to`: those who have results stand in front, in order. */
typedef struct Everybody {
    Class *all;
    int with_results;
} Everybody;

static void add_without_results(void *to, const char *name)
{
    Everybody *everybody = to;
    Class *all = everybody->all;
    Student key = {.name = (char *)(uintptr_t)name};
    if (!everybody->with_results ||
        !bsearch(&key, all->students, (size_t)everybody->with_results, sizeof key, by_name))
        student_of(all, name);
}

static void add_everybody(Class *all)
{
    Everybody everybody = {all, all->n_students};
    if (!all->wanted->everybody)
        return;
    all->wanted->everybody(all->wanted->context, add_without_results, &everybody);
    if (all->n_students)
        qsort(all->students, (size_t)all->n_students, sizeof *all->students, by_name);
}

static void class_release(Class *all)
{
    for (int i = 0; i < all->n_columns; i++)
        free(all->columns[i].exercise);
    for (int i = 0; i < all->n_students; i++) {
        free(all->students[i].name);
        free(all->students[i].login);
        free(all->students[i].shown);
        free(all->students[i].section);
        free(all->students[i].scores);
    }
    free(all->columns);
    free(all->students);
}

/* --- sums --- */

int class_max(const Class *all)
{
    int sum = 0;
    for (int i = 0; i < all->n_columns; i++)
        sum += all->columns[i].max_halves;
    return sum;
}

int class_total(const Student *student)
{
    int sum = 0;
    for (int i = 0; i < student->n_scores; i++)
        sum += student->scores[i].halves;
    return sum;
}

int class_attempts(const Student *student)
{
    int most = 0;
    for (int i = 0; i < student->n_scores; i++)
        if (student->scores[i].attempts > most)
            most = student->scores[i].attempts;
    return most;
}

int64_t class_latest(const Student *student)
{
    int64_t last = 0;
    for (int i = 0; i < student->n_scores; i++)
        if (student->scores[i].latest_s > last)
            last = student->scores[i].latest_s;
    return last;
}

const StoreScore *class_score(const Student *student, const char *exercise)
{
    for (int i = 0; i < student->n_scores; i++)
        if (strcmp(student->scores[i].exercise, exercise) == 0)
            return &student->scores[i];
    return NULL;
}

static int by_exercise(const void *a, const void *b)
{
    return strcmp(((const Column *)a)->exercise, ((const Column *)b)->exercise);
}

/* --- formats --- */

static const struct {
    const char *name;
    void (*write)(Buf *out, const Class *all, const ReportStyle *style);
} formats[] = {{"text", scores_text},
               {"csv", scores_csv},
               {"json", scores_json},
               {"canvas", scores_canvas},
               {"moodle", scores_moodle}};

const char scores_formats[] = "text, csv, json, canvas, moodle";

static int format_index(const char *name)
{
    for (int i = 0; i < (int)(sizeof formats / sizeof *formats); i++)
        if (strcmp(formats[i].name, name) == 0)
            return i;
    return -1;
}

bool scores_format_known(const char *format)
{
    return format_index(format) >= 0;
}

int scores_write(Buf *out, const char *db, const ScoresWanted *wanted, const ReportStyle *style,
                 Fault *fault)
{
    int at = format_index(wanted->format);
    if (at < 0)
        return fault_set(fault, "no such format: %s (there are %s)", wanted->format,
                         scores_formats);
    Store *store = store_open_readonly(db, fault);
    if (!store)
        return -1;
    Class all = {.wanted = wanted};
    for (int i = 0; i < wanted->n_columns; i++) {
        int column = column_of(&all, wanted->columns[i].exercise);
        all.columns[column].max_halves = wanted->columns[i].max_halves;
    }
    StoreUntil until = {wanted->until_s, wanted->due_s, wanted->context};
    int status = store_scores(store, wanted->rules, &until, gather, &all, fault);
    if (status == 0) {
        add_everybody(&all);
        /* Columns came in the order in which students met them. */
        if (all.n_columns)
            qsort(all.columns, (size_t)all.n_columns, sizeof *all.columns, by_exercise);
        formats[at].write(out, &all, style);
        if (out->full)
            status = fault_set(fault, "%s: the class is too large for one report", db);
    }
    class_release(&all);
    store_close(store);
    return status;
}
