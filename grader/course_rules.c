#include "course_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"

enum { SHOWN = 60, LIST_MOST = 300 };

typedef struct Reading {
    CourseRules *rules;
    const char *name;
    const CourseItem *items;
    int n_items;
    Fault *fault;
} Reading;

void course_rules_init(CourseRules *rules)
{
    *rules = (CourseRules){0};
}

void course_rules_release(CourseRules *rules)
{
    for (int i = 0; i < rules->n_weights; i++) {
        free(rules->weights[i].exercise);
        free(rules->weights[i].check);
    }
    free(rules->weights);
    course_rules_init(rules);
}

/* --- mistakes --- */

/* A key of the file, fit for a message: it may hold anything. */
static char *shown(const char *text)
{
    Buf quoted;
    buf_init(&quoted, 1024);
    text_quote(&quoted, text, strlen(text), SHOWN);
    return buf_take(&quoted);
}

static bool first_of_exercise(const Reading *r, int i)
{
    for (int k = 0; k < i; k++)
        if (strcmp(r->items[k].exercise, r->items[i].exercise) == 0)
            return false;
    return true;
}

static int unknown_exercise(const Reading *r, const char *exercise)
{
    Buf known;
    buf_init(&known, LIST_MOST);
    for (int i = 0; i < r->n_items; i++)
        if (first_of_exercise(r, i))
            buf_printf(&known, "%s%s", known.len ? ", " : "", r->items[i].exercise);
    char *key = shown(exercise);
    fault_set(r->fault, "%s: there is no exercise \"%s\"; there are %s", r->name, key, known.data);
    free(key);
    buf_release(&known);
    return -1;
}

static int unknown_check(const Reading *r, const char *exercise, const char *check)
{
    Buf known;
    buf_init(&known, LIST_MOST);
    for (int i = 0; i < r->n_items; i++)
        if (strcmp(r->items[i].exercise, exercise) == 0)
            buf_printf(&known, "%s%s", known.len ? ", " : "", r->items[i].check);
    char *key = shown(check);
    fault_set(r->fault, "%s: %s has no check \"%s\"; it has %s", r->name, exercise, key,
              known.data);
    free(key);
    buf_release(&known);
    return -1;
}

static int not_object(const Reading *r, const char *what)
{
    return fault_set(r->fault,
                     "%s: %s must be an object, as in {\"weights\": {\"EXERCISE\": "
                     "{\"CHECK\": 5}}}",
                     r->name, what);
}

/* --- reading --- */

static bool known_exercise(const Reading *r, const char *exercise)
{
    for (int i = 0; i < r->n_items; i++)
        if (strcmp(r->items[i].exercise, exercise) == 0)
            return true;
    return false;
}

static bool known_check(const Reading *r, const char *exercise, const char *check)
{
    for (int i = 0; i < r->n_items; i++)
        if (strcmp(r->items[i].exercise, exercise) == 0 && strcmp(r->items[i].check, check) == 0)
            return true;
    return false;
}

static int read_weight(Reading *r, const char *exercise, const char *check, const json_t *value)
{
    if (!known_check(r, exercise, check))
        return unknown_check(r, exercise, check);
    double twice = json_is_number(value) ? 2 * json_number_value(value) : -1;
    if (!(twice >= 0 && twice <= 2 * COURSE_WEIGHT_MOST) || twice != floor(twice))
        return fault_set(r->fault,
                         "%s: the weight of %s in %s must be a number from 0 to %d in steps of 0.5",
                         r->name, check, exercise, COURSE_WEIGHT_MOST);
    CourseRules *rules = r->rules;
    rules->weights =
        x_realloc(rules->weights, (size_t)(rules->n_weights + 1) * sizeof *rules->weights);
    rules->weights[rules->n_weights++] =
        (CourseWeight){x_strdup(exercise), x_strdup(check), (int)twice};
    return 0;
}

static int read_exercise(Reading *r, const char *exercise, json_t *checks)
{
    if (!known_exercise(r, exercise))
        return unknown_exercise(r, exercise);
    if (!json_is_object(checks))
        return not_object(r, exercise);
    for (void *at = json_object_iter(checks); at; at = json_object_iter_next(checks, at))
        if (read_weight(r, exercise, json_object_iter_key(at), json_object_iter_value(at)))
            return -1;
    return 0;
}

static int read_weights(Reading *r, json_t *weights)
{
    if (!json_is_object(weights))
        return not_object(r, "\"weights\"");
    for (void *at = json_object_iter(weights); at; at = json_object_iter_next(weights, at))
        if (read_exercise(r, json_object_iter_key(at), json_object_iter_value(at)))
            return -1;
    return 0;
}

static int read_rule(Reading *r, const char *key, json_t *value)
{
    if (strcmp(key, "weights") == 0)
        return read_weights(r, value);
    char *text = shown(key);
    fault_set(r->fault, "%s: \"%s\" is not a rule; the only one is \"weights\"", r->name, text);
    free(text);
    return -1;
}

static int read_root(Reading *r, json_t *root)
{
    if (!json_is_object(root))
        return not_object(r, "a course's rules");
    for (void *at = json_object_iter(root); at; at = json_object_iter_next(root, at))
        if (read_rule(r, json_object_iter_key(at), json_object_iter_value(at)))
            return -1;
    return 0;
}

int course_rules_parse(CourseRules *rules, const char *name, const char *text, size_t len,
                       const CourseItem *items, int n_items, Fault *fault)
{
    course_rules_init(rules);
    Reading r = {rules, name, items, n_items, fault};
    if (len > COURSE_RULES_BYTES)
        return fault_set(fault, "%s: more than %d bytes; a course's rules are shorter", name,
                         COURSE_RULES_BYTES);
    json_error_t error;
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        char *why = shown(error.text);
        fault_set(fault, "%s:%d: %s", name, error.line > 0 ? error.line : 1, why);
        free(why);
        return -1;
    }
    int status = read_root(&r, root);
    json_decref(root);
    if (status)
        course_rules_release(rules);
    return status;
}

int course_rules_read(CourseRules *rules, const char *path, const CourseItem *items, int n_items,
                      Fault *fault)
{
    course_rules_init(rules);
    /* Not to wait for the writer of a pipe, should the path be one. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fault_errno(fault, "can't open the course's rules %s", path);
    struct stat info;
    char *text = NULL;
    size_t len = 0;
    int status = -1;
    if (fstat(fd, &info) || !S_ISREG(info.st_mode)) {
        fault_set(fault, "%s: a course's rules are a file; this is none", path);
        goto out;
    }
    text = x_calloc(1, COURSE_RULES_BYTES + 1);
    for (ssize_t n; len <= COURSE_RULES_BYTES; len += (size_t)n) {
        n = read(fd, text + len, COURSE_RULES_BYTES + 1 - len);
        if (n < 0) {
            fault_errno(fault, "can't read the course's rules %s", path);
            goto out;
        }
        if (n == 0)
            break;
    }
    status = course_rules_parse(rules, path, text, len, items, n_items, fault);
out:
    free(text);
    close(fd);
    return status;
}

/* --- weighing --- */

int course_rules_weight(const CourseRules *rules, const char *exercise, const char *check,
                        int halves)
{
    for (int i = 0; rules && i < rules->n_weights; i++)
        if (strcmp(rules->weights[i].exercise, exercise) == 0 &&
            strcmp(rules->weights[i].check, check) == 0)
            return rules->weights[i].halves;
    return halves;
}

int course_rules_earned(int halves, int max_halves, int weight)
{
    if (max_halves <= 0 || halves <= 0)
        return 0;
    if (halves >= max_halves)
        return weight;
    return (int)((int64_t)halves * weight / max_halves);
}

static void weigh(const CourseRules *rules, const char *exercise, CheckResult *check)
{
    int weight = course_rules_weight(rules, exercise, check->id, check->max_halves);
    check->halves = course_rules_earned(check->halves, check->max_halves, weight);
    check->max_halves = weight;
}

void course_rules_apply(const CourseRules *rules, Result *result)
{
    if (!rules)
        return;
    for (int i = 0; i < result->n_exercises; i++)
        for (int k = 0; k < result->exercises[i].n_checks; k++)
            weigh(rules, result->exercises[i].id, &result->exercises[i].checks[k]);
    result_total(result);
}
