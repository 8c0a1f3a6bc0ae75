/* A report against the tables of checks that this grader has. */
#include "result_read.h"

#include <math.h>
#include <string.h>

static const json_t *entry_of(const json_t *list, const char *id)
{
    size_t at;
    json_t *entry;
    json_array_foreach(list, at, entry)
    {
        const char *name = json_string_value(json_object_get(entry, "id"));
        if (name && strcmp(name, id) == 0)
            return entry;
    }
    return NULL;
}

static bool worth(const json_t *entry, int max_halves)
{
    return rint(2 * json_number_value(json_object_get(entry, "max_score"))) == max_halves;
}

static int exercise_listed(const ExerciseResult *exercise, const json_t *list, Fault *fault)
{
    const json_t *entry = entry_of(list, exercise->id);
    const json_t *checks = json_object_get(entry, "checks");
    if (!entry)
        return fault_set(fault, "exercise %s is none of this course", exercise->id);
    for (int i = 0; i < exercise->n_checks; i++) {
        const json_t *check = entry_of(checks, exercise->checks[i].id);
        if (!check)
            return fault_set(fault, "%s has no check %s here", exercise->id,
                             exercise->checks[i].id);
        if (!worth(check, exercise->checks[i].max_halves))
            return fault_set(fault, "check %s of %s is not worth that many points here",
                             exercise->checks[i].id, exercise->id);
    }
    if ((size_t)exercise->n_checks != json_array_size(checks))
        return fault_set(fault, "%s has %d checks here, and %d in the report", exercise->id,
                         (int)json_array_size(checks), exercise->n_checks);
    return 0;
}

int result_listed(const Result *result, const char *list, Fault *fault)
{
    Fault why = {""};
    json_t *value = json_strict(list, strlen(list), JSON_DEEP_MOST, &why);
    if (!value)
        return fault_set(fault, "the list of exercises is damaged: %.200s", why.text);
    int status = 0;
    for (int i = 0; status == 0 && i < result->n_exercises; i++)
        status = exercise_listed(&result->exercises[i], json_object_get(value, "exercises"), fault);
    json_decref(value);
    return status;
}
