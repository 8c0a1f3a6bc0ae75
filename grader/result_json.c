#include "result_json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { NAME_MOST = 256, TEXT_MOST = 2048, COMPILER_MOST = 65536, CLEAN_GROWS = 10 };

json_t *json_must(json_t *value)
{
    if (!value)
        abort();
    return value;
}

static void put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, json_must(value)))
        abort();
}

static void append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, json_must(value)))
        abort();
}

/* A cut must not fall into a character: text_clean would take its first half for a bad byte. */
static size_t cut_at(const char *text, size_t most)
{
    size_t len = strnlen(text, most + 1);
    if (len <= most)
        return len;
    size_t end = most;
    while (end > 0 && most - end < 3 && ((unsigned char)text[end] & 0xc0) == 0x80)
        end--;
    return end;
}

void result_clean(Buf *out, const char *text, size_t most)
{
    if (text)
        text_clean(out, text, cut_at(text, most));
}

json_t *json_text(const char *text, size_t most)
{
    Buf clean;
    buf_init(&clean, CLEAN_GROWS * most);
    result_clean(&clean, text, most);
    json_t *value = json_must(json_stringn(clean.data, clean.len));
    buf_release(&clean);
    return value;
}

json_t *json_points(int halves)
{
    return json_must(halves % 2 ? json_real(halves / 2.0) : json_integer(halves / 2));
}

/* A figure that is not known (negative, or no number) is null. */
static json_t *figure(double value, bool one_decimal)
{
    if (!isfinite(value) || value < 0 || value > 1e15)
        return json_null();
    return json_must(one_decimal ? json_real(round(value * 10) / 10)
                                 : json_integer(llround(value)));
}

json_t *result_json_cpu(const CpuFigures *cpu)
{
    if (!cpu->known)
        return json_null();
    json_t *object = json_must(json_object());
    put(object, "idle_cpu_us_per_s", figure(cpu->idle_cpu_us_per_s, false));
    put(object, "reference_idle_cpu_us_per_s", figure(cpu->reference_idle_cpu_us_per_s, false));
    put(object, "idle_wakeups_per_s", figure(cpu->idle_wakeups_per_s, true));
    put(object, "reaction_us", figure(cpu->reaction_us, false));
    return object;
}

static json_t *evidence_json(const Evidence *evidence)
{
    json_t *object = json_must(json_object());
    put(object, "file", json_text(evidence->file, NAME_MOST));
    put(object, "line", evidence->line > 0 ? json_integer(evidence->line) : json_null());
    put(object, "text", json_text(evidence->text, TEXT_MOST));
    if (evidence->source)
        put(object, "source", json_text(evidence->source, TEXT_MOST));
    return object;
}

static void put_if_any(json_t *object, const char *key, const char *text, size_t most)
{
    if (text && *text)
        put(object, key, json_text(text, most));
}

static void put_fail(json_t *object, const CheckResult *check)
{
    put_if_any(object, "seen", check->seen, TEXT_MOST);
    put_if_any(object, "expected", check->expected, TEXT_MOST);
    put_if_any(object, "why", check->why, TEXT_MOST);
    put_if_any(object, "scenario", check->scenario, NAME_MOST);
}

static json_t *check_json(const CheckResult *check)
{
    json_t *object = json_must(json_object());
    put(object, "id", json_text(check->id, NAME_MOST));
    put(object, "title", json_text(check->title, NAME_MOST));
    put(object, "status", json_text(check_status_name(check->status), NAME_MOST));
    if (check->status == CHECK_SKIP && check->reason != SKIP_NONE) {
        put(object, "reason", json_text(skip_reason_name(check->reason), NAME_MOST));
        put_if_any(object, "cause", check->cause, NAME_MOST);
    }
    put(object, "score", json_points(check->halves));
    put(object, "max_score", json_points(check->max_halves));
    put(object, "message", json_text(check->message, TEXT_MOST));
    if (check->status == CHECK_FAIL)
        put_fail(object, check);
    if (check->said)
        put(object, "stderr", json_text(check->said, TEXT_MOST));
    if (check->runs > 1) {
        put(object, "failed_runs", json_integer(check->failed_runs));
        put(object, "runs", json_integer(check->runs));
    }
    json_t *evidence = json_must(json_array());
    for (int i = 0; i < check->n_evidence; i++)
        append(evidence, evidence_json(&check->evidence[i]));
    put(object, "evidence", evidence);
    return object;
}

json_t *result_json_checks(const ExerciseResult *exercise)
{
    json_t *checks = json_must(json_array());
    for (int i = 0; i < exercise->n_checks; i++)
        append(checks, check_json(&exercise->checks[i]));
    return checks;
}

static void put_scores(json_t *object, int halves, int max_halves, int observable)
{
    put(object, "score", json_points(halves));
    put(object, "max_score", json_points(max_halves));
    put(object, "observable_max_score", json_points(observable));
}

json_t *result_json_exercise(const ExerciseResult *exercise)
{
    json_t *object = json_must(json_object());
    put(object, "id", json_text(exercise->id, NAME_MOST));
    put(object, "status", json_text(exercise_status_name(exercise->status), NAME_MOST));
    put_scores(object, exercise->halves, exercise->max_halves, exercise->observable_max_halves);
    put_if_any(object, "error", exercise->error, TEXT_MOST);
    put_if_any(object, "compiler", exercise->compiler, COMPILER_MOST);
    put(object, "cpu", result_json_cpu(&exercise->cpu));
    put(object, "checks", result_json_checks(exercise));
    return object;
}

json_t *result_json(const Result *result)
{
    json_t *object = json_must(json_object());
    put(object, "schema", json_integer(1));
    if (result->practice)
        put(object, "practice", json_true());
    if (result->weaker)
        put(object, "promise", json_text("weaker", NAME_MOST));
    put_scores(object, result->halves, result->max_halves, result->observable_max_halves);
    json_t *exercises = json_must(json_array());
    for (int i = 0; i < result->n_exercises; i++)
        append(exercises, result_json_exercise(&result->exercises[i]));
    put(object, "exercises", exercises);
    return object;
}

static int add_piece(const char *bytes, size_t len, void *out)
{
    buf_add(out, bytes, len);
    return 0;
}

void json_write_take(Buf *out, json_t *value, size_t flags)
{
    if (json_dump_callback(json_must(value), add_piece, out, flags))
        abort();
    json_decref(value);
}
