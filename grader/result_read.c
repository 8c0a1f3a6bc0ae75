#include "result_read.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

enum { NAME_MOST = 256, TEXT_MOST = 8192, FILE_MOST = 4096, COMPILER_MOST = 1 << 19 };
enum { POINTS_MOST = 1000, EVIDENCE_TAKEN = 8 };

/* --- JSON that is what it seems --- */

static bool too_deep(const char *text, size_t len, int most)
{
    int deep = 0;
    bool quoted = false;
    for (size_t i = 0; i < len; i++) {
        if (quoted && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && (text[i] == '{' || text[i] == '['))
            deep++;
        else if (!quoted && (text[i] == '}' || text[i] == ']'))
            deep--;
        if (deep > most)
            return true;
    }
    return false;
}

json_t *json_strict(const char *text, size_t len, int deep, Fault *fault)
{
    json_error_t error;
    if (too_deep(text, len, deep)) {
        fault_set(fault, "JSON of more than %d levels", deep);
        return NULL;
    }
    json_t *value = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (!value)
        fault_set(fault, "no JSON (%.100s, byte %d)", error.text, error.position);
    else if (!json_is_object(value))
        fault_set(fault, "no JSON object");
    if (json_is_object(value))
        return value;
    json_decref(value);
    return NULL;
}

/* --- one value --- */

/* Where we are: "exercises[0].checks[3]". The first mistake stays. */
typedef struct Reader {
    Fault *fault;
    bool bad;
    char where[64];
} Reader;

static void wrong(Reader *reader, const char *key, const char *what)
{
    if (!reader->bad)
        fault_set(reader->fault, "no report of the grader: %s%s%.40s %s", reader->where,
                  *reader->where && *key ? "." : "", key, what);
    reader->bad = true;
}

/* Text that is shown: clean as our own reports are. NULL if it is not there. */
static char *text_of(Reader *reader, const json_t *object, const char *key, size_t most)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value))
        return NULL;
    if (!json_is_string(value) || json_string_length(value) > most) {
        wrong(reader, key, json_is_string(value) ? "is too long" : "is no text");
        return NULL;
    }
    Buf clean;
    buf_init(&clean, 10 * most + 16);
    text_clean(&clean, json_string_value(value), json_string_length(value));
    return buf_take(&clean);
}

static char *text_needed(Reader *reader, const json_t *object, const char *key, size_t most)
{
    char *text = text_of(reader, object, key, most);
    if (!text)
        wrong(reader, key, "is missing");
    return text ? text : x_strdup("");
}

static char *text_or_empty(Reader *reader, const json_t *object, const char *key)
{
    char *text = text_of(reader, object, key, TEXT_MOST);
    return text ? text : x_strdup("");
}

/* Lower-case letters, digits and one joint: what ids are made of. */
static char *id_of(Reader *reader, const json_t *object, char joint)
{
    char *id = text_needed(reader, object, "id", 64);
    for (const char *at = id; *at; at++)
        if (!((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') || *at == joint)) {
            wrong(reader, "id", "is none of ours");
            break;
        }
    if (!*id)
        wrong(reader, "id", "is empty");
    return id;
}

static int points_of(Reader *reader, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    double points = json_is_number(value) ? json_number_value(value) : -1;
    if (!(points >= 0 && points <= POINTS_MOST) || rint(2 * points) != 2 * points) {
        wrong(reader, key, "is no number of points");
        return 0;
    }
    return (int)rint(2 * points);
}

static int count_of(Reader *reader, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value))
        return 0;
    json_int_t count = json_is_integer(value) ? json_integer_value(value) : -1;
    if (count < 0 || count > 100000000) {
        wrong(reader, key, "is no count");
        return 0;
    }
    return (int)count;
}

static double figure_of(Reader *reader, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (value && json_is_null(value))
        return -1;
    double figure = json_is_number(value) ? json_number_value(value) : -1;
    if (!(figure >= 0 && figure <= 1e15))
        wrong(reader, key, "is no figure");
    return figure;
}

static void only(Reader *reader, const json_t *object, const char *const *keys)
{
    if (!json_is_object(object)) {
        wrong(reader, "", "is no object");
        return;
    }
    for (void *at = json_object_iter((json_t *)(uintptr_t)object); at;
         at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        const char *const *key = keys;
        while (*key && strcmp(*key, json_object_iter_key(at)) != 0)
            key++;
        if (!*key) {
            wrong(reader, "", "has a key that no report has");
            return;
        }
    }
}

static size_t list_of(Reader *reader, const json_t *object, const char *key, size_t most)
{
    const json_t *list = json_object_get(object, key);
    if (!json_is_array(list) || json_array_size(list) > most) {
        wrong(reader, key, json_is_array(list) ? "has too many entries" : "is no list");
        return 0;
    }
    return json_array_size(list);
}

/* --- a check --- */

static const char *const evidence_keys[] = {"file", "line", "text", "source", NULL};
static const char *const check_keys[] = {
    "id",       "title",       "status", "score",  "max_score", "message",
    "evidence", "reason",      "cause",  "seen",   "expected",  "why",
    "scenario", "failed_runs", "runs",   "stderr", NULL};

static void read_evidence(Reader *reader, const json_t *value, Evidence *evidence)
{
    only(reader, value, evidence_keys);
    evidence->file = text_needed(reader, value, "file", FILE_MOST);
    evidence->line = count_of(reader, value, "line");
    evidence->text = text_needed(reader, value, "text", TEXT_MOST);
    evidence->source = text_of(reader, value, "source", TEXT_MOST);
}

static CheckStatus status_of(Reader *reader, const json_t *value)
{
    const char *text = json_string_value(json_object_get(value, "status"));
    for (CheckStatus status = CHECK_PASS; text && status < CHECK_ERROR; status++)
        if (strcmp(text, check_status_name(status)) == 0)
            return status;
    wrong(reader, "status", "is none of a graded check");
    return CHECK_FAIL;
}

static SkipReason reason_of(Reader *reader, const json_t *value)
{
    const json_t *reason = json_object_get(value, "reason");
    if (!reason || json_is_null(reason))
        return SKIP_NONE;
    const char *text = json_string_value(reason);
    for (SkipReason at = SKIP_PREREQUISITE; text && at <= SKIP_UNOBSERVABLE; at++)
        if (strcmp(text, skip_reason_name(at)) == 0)
            return at;
    wrong(reader, "reason", "is none of ours");
    return SKIP_NONE;
}

/* More points than it is worth, a pass below them, a skip with points, a fail that can't be
 * seen: no grader says so. */
static void agree(Reader *reader, const CheckResult *check)
{
    if (check->halves > check->max_halves)
        wrong(reader, "score", "is more than max_score");
    if (check->status == CHECK_PASS && check->halves != check->max_halves)
        wrong(reader, "score", "is not full, and the check passes");
    if (check->status == CHECK_SKIP && check->halves != 0)
        wrong(reader, "score", "is given for a check that was skipped");
    if (check->status != CHECK_SKIP && check->reason != SKIP_NONE)
        wrong(reader, "reason", "is given for a check that was not skipped");
}

static void read_check(Reader *reader, const json_t *value, CheckResult *check)
{
    only(reader, value, check_keys);
    *check = (CheckResult){.id = id_of(reader, value, '-'),
                           .title = text_needed(reader, value, "title", NAME_MOST),
                           .status = status_of(reader, value),
                           .reason = reason_of(reader, value),
                           .halves = points_of(reader, value, "score"),
                           .max_halves = points_of(reader, value, "max_score"),
                           .message = text_needed(reader, value, "message", TEXT_MOST),
                           .seen = text_or_empty(reader, value, "seen"),
                           .expected = text_or_empty(reader, value, "expected"),
                           .why = text_or_empty(reader, value, "why"),
                           .cause = text_or_empty(reader, value, "cause"),
                           .scenario = text_or_empty(reader, value, "scenario"),
                           .said = text_of(reader, value, "stderr", TEXT_MOST),
                           .failed_runs = count_of(reader, value, "failed_runs"),
                           .runs = count_of(reader, value, "runs")};
    agree(reader, check);
    size_t n = list_of(reader, value, "evidence", EVIDENCE_TAKEN);
    const json_t *list = json_object_get(value, "evidence");
    for (size_t i = 0; i < n && i < EVIDENCE_MOST; i++)
        read_evidence(reader, json_array_get(list, i), &check->evidence[check->n_evidence++]);
}

/* --- an exercise --- */

static const char *const exercise_keys[] = {
    "id",  "status", "score",    "max_score", "observable_max_score",
    "cpu", "checks", "compiler", NULL};
static const char *const cpu_keys[] = {"idle_cpu_us_per_s", "reference_idle_cpu_us_per_s",
                                       "idle_wakeups_per_s", "reaction_us", NULL};

static ExerciseStatus exercise_status(Reader *reader, const json_t *value)
{
    const char *text = json_string_value(json_object_get(value, "status"));
    for (ExerciseStatus status = EX_GRADED; text && status < EX_ERROR; status++)
        if (strcmp(text, exercise_status_name(status)) == 0)
            return status;
    wrong(reader, "status", "is none of a graded exercise");
    return EX_MISSING;
}

static void read_cpu(Reader *reader, const json_t *value, CpuFigures *cpu)
{
    if (!value || json_is_null(value))
        return;
    only(reader, value, cpu_keys);
    *cpu = (CpuFigures){.known = true,
                        .idle_cpu_us_per_s = figure_of(reader, value, cpu_keys[0]),
                        .reference_idle_cpu_us_per_s = figure_of(reader, value, cpu_keys[1]),
                        .idle_wakeups_per_s = figure_of(reader, value, cpu_keys[2]),
                        .reaction_us = figure_of(reader, value, cpu_keys[3])};
}

static void read_checks(Reader *reader, const json_t *value, int at, ExerciseResult *exercise)
{
    size_t n = list_of(reader, value, "checks", RESULT_CHECKS_MOST);
    const json_t *list = json_object_get(value, "checks");
    exercise->checks = x_calloc(n + 1, sizeof *exercise->checks);
    for (size_t i = 0; i < n && !reader->bad; i++) {
        snprintf(reader->where, sizeof reader->where, "exercises[%d].checks[%d]", at, (int)i);
        read_check(reader, json_array_get(list, i), &exercise->checks[exercise->n_checks++]);
        for (size_t k = 0; k < i; k++)
            if (strcmp(exercise->checks[k].id, exercise->checks[i].id) == 0)
                wrong(reader, "id", "is there twice");
    }
    snprintf(reader->where, sizeof reader->where, "exercises[%d]", at);
}

static void read_exercise(Reader *reader, const json_t *value, int at, ExerciseResult *exercise)
{
    snprintf(reader->where, sizeof reader->where, "exercises[%d]", at);
    only(reader, value, exercise_keys);
    *exercise = (ExerciseResult){.id = id_of(reader, value, '_'),
                                 .title = x_strdup(""),
                                 .status = exercise_status(reader, value),
                                 .error = x_strdup(""),
                                 .timeline.data_us = -1};
    exercise->compiler = text_of(reader, value, "compiler", COMPILER_MOST);
    if (!exercise->compiler)
        exercise->compiler = x_strdup("");
    read_cpu(reader, json_object_get(value, "cpu"), &exercise->cpu);
    read_checks(reader, value, at, exercise);
}

/* --- the whole, and its sums --- */

static const char *const report_keys[] = {"schema",    "score", "max_score", "observable_max_score",
                                          "exercises", NULL};

static void read_exercises(Reader *reader, const json_t *value, Result *result)
{
    size_t n = list_of(reader, value, "exercises", RESULT_EXERCISES_MOST);
    if (n == 0)
        wrong(reader, "exercises", "is empty");
    result->exercises = x_calloc(n + 1, sizeof *result->exercises);
    for (size_t i = 0; i < n && !reader->bad; i++) {
        read_exercise(reader, json_array_get(json_object_get(value, "exercises"), i), (int)i,
                      &result->exercises[result->n_exercises++]);
        for (size_t k = 0; k < i; k++)
            if (strcmp(result->exercises[k].id, result->exercises[i].id) == 0)
                wrong(reader, "id", "is there twice");
    }
    *reader->where = '\0';
}

static void same_points(Reader *reader, const json_t *value, int halves, int max_halves,
                        int observable)
{
    if (points_of(reader, value, "score") != halves)
        wrong(reader, "score", "is not the sum of its parts");
    if (points_of(reader, value, "max_score") != max_halves)
        wrong(reader, "max_score", "is not the sum of its parts");
    if (points_of(reader, value, "observable_max_score") != observable)
        wrong(reader, "observable_max_score", "is not the sum of its parts");
}

/* result_total() makes the sums; what the report says they are has to be that. */
static void check_sums(Reader *reader, const json_t *value, Result *result)
{
    result_total(result);
    for (int i = 0; i < result->n_exercises && !reader->bad; i++) {
        const ExerciseResult *exercise = &result->exercises[i];
        snprintf(reader->where, sizeof reader->where, "exercises[%d]", i);
        same_points(reader, json_array_get(json_object_get(value, "exercises"), (size_t)i),
                    exercise->halves, exercise->max_halves, exercise->observable_max_halves);
    }
    *reader->where = '\0';
    same_points(reader, value, result->halves, result->max_halves, result->observable_max_halves);
}

int result_read(Result *result, const char *text, size_t len, Fault *fault)
{
    Reader reader = {.fault = fault};
    Fault why = {""};
    result_init(result);
    if (len > RESULT_READ_BYTES)
        return fault_set(fault, "no report of the grader: more than %d KiB",
                         RESULT_READ_BYTES >> 10);
    json_t *value = json_strict(text, len, JSON_DEEP_MOST, &why);
    if (!value)
        return fault_set(fault, "no report of the grader: %.300s", why.text);
    const json_t *schema = json_object_get(value, "schema");
    only(&reader, value, report_keys);
    if (!json_is_integer(schema) || json_integer_value(schema) != 1)
        wrong(&reader, "schema", "is not 1");
    if (!reader.bad)
        read_exercises(&reader, value, result);
    if (!reader.bad)
        check_sums(&reader, value, result);
    json_decref(value);
    return reader.bad ? -1 : 0;
}
