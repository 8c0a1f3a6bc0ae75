#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "rubric.h"

static const LooksFor *row_of(const Course *entry, const char *check)
{
    for (const LooksFor *row = entry->looks_for; row->check; row++)
        if (strcmp(row->check, check) == 0)
            return row;
    return NULL;
}

/* What students read of a check is of a check that there is, and names its points. */
static void the_readmes_have_every_check_and_its_points(void **state)
{
    (void)state;
    for (int i = 0; i < course_len; i++) {
        int rows = 0;
        const Exercise *exercise = course[i].exercise;
        for (const LooksFor *row = course[i].looks_for; row->check; row++)
            rows++;
        if (rows != exercise->n_checks)
            fail_msg("%s: %d rows for %d checks", exercise->id, rows, exercise->n_checks);
        for (int k = 0; k < exercise->n_checks; k++) {
            const LooksFor *row = row_of(&course[i], exercise->checks[k].id);
            if (!row || row->halves != exercise->checks[k].halves || strlen(row->text) < 20)
                fail_msg("%s/%s: no row, or other points", exercise->id, exercise->checks[k].id);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_readmes_have_every_check_and_its_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
