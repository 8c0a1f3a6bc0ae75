/* Exercise 1: what is said of the pauses between two tries. */
#include "ex1_runs.h"

static void a_late_machine_makes_no_pause_right(void **state)
{
    (void)state;
    static const struct {
        double asked_ms, seen_ms;
        CheckStatus status;
        int halves;
        const char *part;
    } pauses[] = {
        {100, 101, CHECK_PASS, 6, "101.0 ms"}, {0.1, 110, CHECK_FAIL, 0, "0.100 ms"},
        {60, 110, CHECK_FAIL, 3, "60.0 ms"},   {0, 100, CHECK_PASS, 6, "100.0 ms"},
        {100, 400, CHECK_FAIL, 0, "400.0 ms"},
    };
    for (size_t i = 0; i < sizeof pauses / sizeof *pauses; i++) {
        Case c;
        begin(&c);
        tries(&c, 5, pauses[i].asked_ms, pauses[i].seen_ms);
        data(&c);
        is(&c, "retry-interval", pauses[i].status, pauses[i].halves, pauses[i].part);
    }
}

static void until_an_instant_is_what_it_lasts(void **state)
{
    (void)state;
    Case c;
    begin(&c);
    for (int i = 0; i < 5; i++) {
        tries(&c, 1, 0, 100);
        buf_printf(&c.log,
                   "10 %.9f clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, {tv_sec=1, "
                   "tv_nsec=%.0f}, NULL) = 0 <0.060>\n",
                   1 + (c.now_ms - 61) / 1e3, (c.now_ms - 1) * 1e6);
    }
    data(&c);
    is(&c, "retry-interval", CHECK_PASS, 6, "100.0 ms");
}

/* while (now < end) usleep(1000): sixty naps of what is 1.66 ms each, with the looks at the clock. */
static void short_naps_last_as_long_as_they_last(void **state)
{
    (void)state;
    Case c;
    begin(&c);
    for (int i = 0; i < 5; i++) {
        tries(&c, 1, 0, 100);
        for (int nap = 0; nap < 60; nap++)
            buf_printf(&c.log, "10 %.9f nanosleep({tv_sec=0, tv_nsec=1000000}, NULL) = 0 <0.001>\n",
                       1 + (c.now_ms - 99.9 + nap * 1.66) / 1e3);
    }
    data(&c);
    is(&c, "retry-interval", CHECK_PASS, 6, "100.0 ms");
}

static void burns(Case *c)
{
    c->idle.watches = x_calloc(1, sizeof *c->idle.watches);
    c->idle.n_watches = 1;
    c->idle.watches[0].before.threads = c->idle.watches[0].after.threads = 1;
    c->idle.watches[0].after.mono_ns = NS_PER_S;
    c->idle.watches[0].after.cpu_ns = 90 * NS_PER_MS;
    c->idle.watches[0].after.queued_ns = 900 * NS_PER_MS;
}

static void a_pause_that_burns_a_core_is_no_sleep(void **state)
{
    (void)state;
    Case c;
    begin(&c);
    tries(&c, 5, 0, 100);
    data(&c);
    burns(&c);
    is(&c, "retry-interval", CHECK_FAIL, 3, "no sleep: it used 100 % of a core");
}

static void naps_in_which_nothing_rests_are_named(void **state)
{
    (void)state;
    Case c;
    begin(&c);
    for (int i = 0; i < 5; i++) {
        tries(&c, 1, 0, 100);
        for (int nap = 0; nap < 9; nap++)
            buf_printf(&c.log, "10 %.9f nanosleep({tv_sec=0, tv_nsec=100000}, NULL) = 0 <0.0002>\n",
                       1 + (c.now_ms - 99 + nap) / 1e3);
    }
    data(&c);
    burns(&c);
    is(&c, "retry-interval", CHECK_FAIL, 3, "naps too short to rest in: it used 100 % of a core");
}

static void who_sleeps_and_burns_does_not_rest(void **state)
{
    (void)state;
    Case c;
    begin(&c);
    tries(&c, 5, 99, 100);
    data(&c);
    burns(&c);
    is(&c, "retry-interval", CHECK_FAIL, 3, "no rest meanwhile: it used 100 % of a core");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_late_machine_makes_no_pause_right),
        cmocka_unit_test(until_an_instant_is_what_it_lasts),
        cmocka_unit_test(short_naps_last_as_long_as_they_last),
        cmocka_unit_test(a_pause_that_burns_a_core_is_no_sleep),
        cmocka_unit_test(naps_in_which_nothing_rests_are_named),
        cmocka_unit_test(who_sleeps_and_burns_does_not_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
