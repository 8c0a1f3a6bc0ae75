#include "course_rules.h"

#include <stdlib.h>

#include "base/buf.h"
#include "rubric.h"

static CourseItem *all_items(int *n)
{
    CourseItem *items = NULL;
    *n = 0;
    for (int i = 0; i < course_len; i++) {
        const Exercise *exercise = course[i].exercise;
        items = x_realloc(items, (size_t)(*n + exercise->n_checks) * sizeof *items);
        for (int k = 0; k < exercise->n_checks; k++)
            items[(*n)++] = (CourseItem){exercise->id, exercise->checks[k].id};
    }
    return items;
}

CourseRules *course_rules_load(const char *path, Fault *fault)
{
    int n;
    CourseItem *items = all_items(&n);
    CourseRules *rules = x_calloc(1, sizeof *rules);
    if (course_rules_read(rules, path, items, n, fault)) {
        free(rules);
        rules = NULL;
    }
    free(items);
    return rules;
}

void course_rules_free(CourseRules *rules)
{
    if (rules)
        course_rules_release(rules);
    free(rules);
}
