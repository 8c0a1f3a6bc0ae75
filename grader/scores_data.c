/* The class for other programs: csv and json. */
#include <string.h>
#include <time.h>

#include "result_json.h"
#include "scores_parts.h"

enum { TIME_TEXT = 32 };

static const char *when(int64_t unix_s, char *text)
{
    struct tm utc;
    time_t at = (time_t)unix_s;
    *text = 0;
    if (gmtime_r(&at, &utc))
        strftime(text, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return text;
}

/* --- csv --- */

/* A spreadsheet computes what begins like this, whatever quotes stand around it. */
static bool is_formula(const char *text)
{
    text += strspn(text, " \t\r\n'");
    return *text && strchr("=+-@|%", *text);
}

void scores_cell(Buf *out, const char *text)
{
    buf_char(out, '"');
    if (is_formula(text))
        buf_char(out, '\'');
    for (; *text; text++) {
        if (*text == '"')
            buf_char(out, '"');
        buf_char(out, *text);
    }
    buf_char(out, '"');
}

void scores_cell_points(Buf *out, int halves)
{
    char text[16];
    buf_printf(out, ",%s", report_points(halves, text, sizeof text));
}

/* The exercises whose best has the weaker promise, one blank between them. */
static void csv_weaker(Buf *out, const Student *student)
{
    Buf list;
    buf_init(&list, 4096);
    for (int i = 0; i < student->n_scores; i++)
        if (student->scores[i].weaker)
            buf_printf(&list, "%s%s", list.len ? " " : "", student->scores[i].exercise);
    if (list.len)
        scores_cell(out, list.data);
    buf_release(&list);
}

/* Where somebody knows who they are. */
static void csv_person(Buf *out, const Student *student)
{
    const char *const cells[] = {student->login, student->shown, student->section};
    for (int i = 0; i < 3; i++) {
        buf_char(out, ',');
        if (*cells[i])
            scores_cell(out, cells[i]);
    }
}

void scores_csv(Buf *out, const Class *all, const ReportStyle *style)
{
    (void)style;
    char text[TIME_TEXT];
    buf_str(out, "student");
    for (int i = 0; i < all->n_columns; i++) {
        buf_char(out, ',');
        scores_cell(out, all->columns[i].exercise);
    }
    buf_str(out, ",total,max,attempts,latest,weaker");
    buf_str(out, all->wanted->person ? ",identifier,name,section\n" : "\n");
    for (int i = 0; i < all->n_students; i++) {
        const Student *student = &all->students[i];
        scores_cell(out, student->name);
        for (int k = 0; k < all->n_columns; k++) {
            const StoreScore *score = class_score(student, all->columns[k].exercise);
            if (score)
                scores_cell_points(out, score->halves);
            else
                buf_char(out, ',');
        }
        scores_cell_points(out, class_total(student));
        scores_cell_points(out, class_max(all));
        buf_printf(out, ",%d,%s,", class_attempts(student),
                   student->n_scores ? when(class_latest(student), text) : "");
        csv_weaker(out, student);
        if (all->wanted->person)
            csv_person(out, student);
        buf_char(out, '\n');
    }
}

/* --- json --- */

static json_t *score_json(const StoreScore *score)
{
    char best_at[TIME_TEXT], latest_at[TIME_TEXT];
    return json_pack("{s:o, s:o, s:o, s:o, s:i, s:s, s:s, s:s*}", "id",
                     json_text(score->exercise, 256), "score", json_points(score->halves),
                     "max_score", json_points(score->max_halves), "latest_score",
                     json_points(score->latest_halves), "attempts", score->attempts, "best_at",
                     when(score->best_s, best_at), "latest_at", when(score->latest_s, latest_at),
                     "promise", score->weaker ? "weaker" : NULL);
}

static json_t *student_json(const Class *all, const Student *student)
{
    json_t *exercises = json_array();
    for (int i = 0; i < all->n_columns; i++)
        if (class_score(student, all->columns[i].exercise))
            json_array_append_new(exercises,
                                  score_json(class_score(student, all->columns[i].exercise)));
    json_t *object =
        json_pack("{s:o, s:o, s:o, s:i, s:o}", "student", json_text(student->name, 1024), "score",
                  json_points(class_total(student)), "max_score", json_points(class_max(all)),
                  "attempts", class_attempts(student), "exercises", exercises);
    if (all->wanted->person) {
        json_object_set_new(object, "identifier", json_text(student->login, 1024));
        json_object_set_new(object, "name", json_text(student->shown, 1024));
        json_object_set_new(object, "section", json_text(student->section, 1024));
    }
    return object;
}

void scores_json(Buf *out, const Class *all, const ReportStyle *style)
{
    (void)style;
    json_t *students = json_array();
    for (int i = 0; i < all->n_students; i++)
        json_array_append_new(students, student_json(all, &all->students[i]));
    json_write_take(out,
                    json_pack("{s:i, s:o, s:o}", "schema", 1, "max_score",
                              json_points(class_max(all)), "students", students),
                    RESULT_JSON_FLAGS | JSON_INDENT(2));
    buf_char(out, '\n');
}
