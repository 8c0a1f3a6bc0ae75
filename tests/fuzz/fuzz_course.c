/*
 * libFuzzer: any bytes as a course's rules. What is taken keeps the promises
 * of course_rules.h; what is not leaves one clean line and nothing else.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "course_rules.h"

static const CourseItem items[] = {
    {"ex1_nonblocking", "build"},
    {"ex1_nonblocking", "retry-interval"},
    {"ex2_event_loop", "build"},
    {"ex2_event_loop", "asleep"},
};
enum { ITEMS = sizeof items / sizeof *items };

static void must(int holds)
{
    if (!holds)
        abort();
}

static void check_fault(const CourseRules *rules, const Fault *fault)
{
    size_t len = strlen(fault->text);
    must(rules->n_weights == 0 && rules->weights == NULL && len > 0);
    for (size_t i = 0; i < len; i++)
        must((unsigned char)fault->text[i] >= 0x20 && fault->text[i] != 0x7f);
}

static void check_rules(const CourseRules *rules)
{
    must(rules->n_weights <= ITEMS);
    for (int i = 0; i < rules->n_weights; i++) {
        const CourseWeight *weight = &rules->weights[i];
        must(weight->halves >= 0 && weight->halves <= 2 * COURSE_WEIGHT_MOST);
        must(course_rules_weight(rules, weight->exercise, weight->check, -1) == weight->halves);
        for (int part = 0; part < 5; part++) {
            int earned = course_rules_earned(part, 5, weight->halves);
            must(earned >= 0 && earned <= weight->halves);
            must(earned < weight->halves || weight->halves == 0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CourseRules rules;
    Fault fault = {""};
    if (course_rules_parse(&rules, "course.json", (const char *)data, size, items, ITEMS, &fault))
        check_fault(&rules, &fault);
    else
        check_rules(&rules);
    course_rules_release(&rules);
    return 0;
}
