#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/date.h"

/* An hour ahead of UTC in winter, two in summer, whatever the machine has installed. */
static int in_the_middle_of_europe(void **state)
{
    (void)state;
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    return 0;
}

static void what_a_person_writes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t unix_s;
    } rows[] = {
        {"2026-12-01", 1796165999}, /* 23:59:59 +0100 */
        {"2026-12-01 23:59", 1796165999},
        {"2026-12-01T23:59", 1796165999}, /* as a browser's field says it */
        {"2026-12-01 23:59:00", 1796165940},
        {"2026-12-01T22:59:59Z", 1796165999},
        {"2026-12-01Z", 1796169599},
        {"2026-07-01 12:00", 1782900059}, /* +0200 */
        {"2026-7-1 12:00", 1782900059},
        {"2024-02-29", 1709247599},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Fault fault = {""};
        int64_t unix_s = 0;
        assert_int_equal(date_read(rows[i].text, &unix_s, &fault), 0);
        if (unix_s != rows[i].unix_s)
            fail_msg("%s is %lld", rows[i].text, (long long)unix_s);
    }
}

static void what_is_no_date(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "tomorrow",
                                        "2026-12",
                                        "2026-02-29",
                                        "2026-04-31 12:00",
                                        "2026-13-01",
                                        "2026-12-01 25:00",
                                        "2026-12-01 23:59 CET",
                                        "2026-12-01z",
                                        "2026-12-01 23:59Zx",
                                        "01.12.2026",
                                        "26-12-01",
                                        "0-1-1",
                                        "2026-12-0123:59",
                                        "2026-12-01 ",
                                        "2026-12-01  Z"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Fault fault = {""};
        int64_t unix_s = 7;
        assert_int_equal(date_read(texts[i], &unix_s, &fault), -1);
        assert_int_equal(unix_s, 7);
        assert_non_null(strstr(fault.text, "2026-12-01 23:59"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_person_writes),
        cmocka_unit_test(what_is_no_date),
    };
    return cmocka_run_group_tests(tests, in_the_middle_of_europe, NULL);
}
