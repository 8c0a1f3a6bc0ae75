/* Exercise 3: clients that leave, descriptors that run out, the signal to stop. */
#include "echo_runs.h"

static Observation *churn(int before, int after)
{
    Observation *run = run_of("churn");
    step(run, 5, "expect", 0, true);
    step(run, 6, "expect", 50, true);
    step(run, 7, "expect", 51, true);
    watch(run, 10, 20)->before.descriptors = before;
    watch(run, 30, 40)->before.descriptors = after;
    return run;
}

static void closed_and_nothing_left(void **state)
{
    (void)state;
    registered(LISTENER_0, 1, 2, 3);
    churn(7, 7);
    is("close-clean", CHECK_PASS, 6, "");
}

static void descriptors_leak(void **state)
{
    (void)state;
    registered(LISTENER_0, 1, 2, 3);
    churn(7, 1907);
    is("close-clean", CHECK_FAIL, 2, "1907 descriptors were open, not 7");
}

static void closed_by_the_end_only(void **state)
{
    (void)state;
    Observation *run = two_clients();
    begin_log(run, LISTENER_0);
    accepts(run, 2, 10, 5);
    call(run, 2000, 10, "+++ killed by SIGKILL +++");
    churn(7, 7);
    is("close-clean", CHECK_FAIL, 4, "never closed its side");
}

static void a_duplicate_stays(void **state)
{
    (void)state;
    Observation *run = two_clients();
    begin_log(run, LISTENER_0);
    accepts(run, 2, 10, 5);
    call(run, 3, 10, "dup(5<socket:[9]>) = 6<socket:[9]>");
    call(run, 4, 10, "close(5<socket:[9]>) = 0");
    churn(7, 7);
    is("close-clean", CHECK_FAIL, 4, "a duplicate of its descriptor stays open");
}

static void busy_when_all_have_left(void **state)
{
    (void)state;
    registered(LISTENER_0, 1, 2, 3);
    churn(7, 7)->watches[1].after.cpu_ns = 9 * NS_PER_MS;
    is("close-clean", CHECK_FAIL, 2, "90 % of a core");
}

static void reset_clients_stay_open(void **state)
{
    (void)state;
    registered(LISTENER_0, 1, 2, 3);
    churn(7, 7);
    Observation *run = run_of("resets");
    step(run, 5, "expect", 0, true);
    watch(run, 1, 2)->before.descriptors = 7;
    watch(run, 6, 7)->before.descriptors = 11;
    is("close-clean", CHECK_FAIL, 2, "had reset, 4 stayed open");
}

/* Those that hung up while they were being echoed, when the others had been closed. */
static void clients_of_a_failed_echo_stay_open(void **state)
{
    (void)state;
    registered(LISTENER_0, 1, 2, 3);
    churn(7, 7);
    Observation *run = run_of("resets");
    step(run, 5, "expect", 0, true);
    step(run, 5, "expect", 1, true);
    watch(run, 1, 2)->before.descriptors = 7;
    watch(run, 6, 7)->before.descriptors = 7;
    watch(run, 8, 9)->before.descriptors = 9;
    is("close-clean", CHECK_FAIL, 2, "had reset, 2 stayed open");
}

static void closed_when_the_next_one_comes(void **state)
{
    (void)state;
    registered(LISTENER_0, 1, 2, 3);
    for (int i = 0; i < 4; i++)
        runs[0].steps[i].start_ns = AT(5);
    churn(7, 7);
    is("close-clean", CHECK_FAIL, 4, "only much later");
}

/* --- resets, half-closes --- */

static Observation *resets(bool b, bool d)
{
    Observation *run = run_of("resets");
    step(run, 5, "expect", 0, b);
    step(run, 6, "expect", 1, d);
    return run;
}

static void resets_survived(void **state)
{
    (void)state;
    resets(true, true);
    is("reset-sigpipe", CHECK_PASS, 4, "");
}

static void sigpipe_ends_it(void **state)
{
    (void)state;
    Observation *run = resets(true, false);
    run->end = RUN_SIGNALED;
    run->status = 13;
    is("reset-sigpipe", CHECK_FAIL, 0, "killed by SIGPIPE");
}

static void cut_short_is_not_served(void **state)
{
    (void)state;
    resets(true, true)->clients[1].unplayed = 1;
    is("reset-sigpipe", CHECK_FAIL, 0, "");
}

static void half_close_while_owing(void **state)
{
    (void)state;
    Observation *run = run_of("half-close");
    step(run, 5, "expect", 0, true);
    step(run, 6, "expect", 1, false);
    step(run, 7, "expect", 2, true);
    is("half-close", CHECK_FAIL, 0, "it went otherwise");
}

/* D is 8, the fourth to be accepted: 32 bytes came, and 16 went. */
static Observation *closed_while_owing(const char *last_write)
{
    half_close_while_owing(NULL);
    Observation *owing = run_of("owing");
    step(owing, 9, "expect", 3, false);
    begin_log(owing, LISTENER_0);
    for (int i = 0; i < 4; i++) {
        accepts(owing, 2 + i, 10, 5 + i);
        registers(owing, 2.5 + i, "ADD", 5 + i, "EPOLLIN", 1 + i);
    }
    call(owing, 10, 10, "read(8<socket:[9]>, \"0000000.0000001.0000002.0000003.\", 99) = 32");
    call(owing, 11, 10, "write(8<socket:[9]>, \"0000000.0000001.0000002.0000003.\", 32) = 16");
    if (last_write)
        call(owing, 12, 10, last_write);
    call(owing, 12.5, 10, "read(8<socket:[9]>, \"\", 99) = 0");
    call(owing, 13, 10, "close(8<socket:[9]>) = 0");
    return owing;
}

static void a_close_while_owing_is_cited(void **state)
{
    (void)state;
    closed_while_owing(NULL);
    assert_int_equal(judged("half-close")->n_evidence, 1);
    assert_string_equal(judged("half-close")->evidence[0].text, "close(8) = 0");
}

static void a_close_when_all_is_paid_is_not(void **state)
{
    (void)state;
    closed_while_owing("write(8<socket:[9]>, \"0000002.0000003.\", 16) = 16");
    assert_int_equal(judged("half-close")->n_evidence, 0);
}

static void a_wrong_payment_is_cited_first(void **state)
{
    (void)state;
    closed_while_owing("write(8<socket:[9]>, \"0000000.0000001.\", 16) = 8");
    assert_int_equal(judged("half-close")->n_evidence, 1);
    assert_string_equal(judged("half-close")->evidence[0].text,
                        "write(8, \"0000000.0000001.\", 16) = 8");
}

/* --- stop --- */

static Observation *stopped(const char *scenario, RunEnd how, int status)
{
    Observation *run = run_of(scenario);
    step(run, 5, "expect", 0, true);
    step(run, 6, "signal", -1, true);
    step(run, 7, "exit", -1, how != RUN_TIMED_OUT);
    run->end = how;
    run->status = status;
    return run;
}

static void both_signals_stop(void **state)
{
    (void)state;
    stopped("idle-watch", RUN_EXITED, 0);
    stopped("clients-100", RUN_SIGNALED, 2);
    is("stop", CHECK_FAIL, 0, "after SIGINT the program was killed by SIGINT");
}

static void stops_on_both(void **state)
{
    (void)state;
    stopped("idle-watch", RUN_EXITED, 0);
    stopped("clients-100", RUN_EXITED, 0);
    is("stop", CHECK_PASS, 2, "");
}

/* --- descriptors --- */

static Observation *full(bool d, double share)
{
    Observation *run = run_of("out-of-descriptors");
    step(run, 5, "expect", 0, true);
    step(run, 19, "expect", 60, true);
    step(run, 20, "expect", 61, d);
    watch(run, 6, 16)->after.cpu_ns = (int64_t)(share * 10 * NS_PER_MS);
    return run;
}

static void calm_without_descriptors(void **state)
{
    (void)state;
    full(true, 0.01);
    is("out-of-descriptors", CHECK_PASS, 2, "");
}

static void busy_without_descriptors(void **state)
{
    (void)state;
    full(true, 0.5);
    is("out-of-descriptors", CHECK_FAIL, 0, "50 % of a core");
}

static void never_sleeps_without_descriptors(void **state)
{
    (void)state;
    full(true, 0.01)->watches[0].settled = false;
    is("out-of-descriptors", CHECK_FAIL, 0, "1 % of a core");
}

static void went_to_sleep_late(void **state)
{
    (void)state;
    Observation *run = full(true, 0.01);
    run->watches[0].settled = false;
    run->watches[0].after.switches = 1;
    is("out-of-descriptors", CHECK_PASS, 2, "");
}

/* E waited in the kernel's queue: it is accepted now, or was hung up on. */
static void forgets_who_waited(void **state)
{
    (void)state;
    enum { CLIENTS = 62, E = 60 };
    Observation *run = full(true, 0.01);
    run->clients = x_realloc(run->clients, CLIENTS * sizeof *run->clients);
    memset(run->clients, 0, CLIENTS * sizeof *run->clients);
    run->n_clients = CLIENTS;
    run->steps[1].ok = false;
    run->steps[1].message = x_strdup("E got nothing");
    is("out-of-descriptors", CHECK_FAIL, 0, "E got nothing");
    run->clients[E].ended = true;
    is("out-of-descriptors", CHECK_PASS, 2, "");
}

static void accepts_no_more(void **state)
{
    (void)state;
    full(false, 0.01);
    is("out-of-descriptors", CHECK_FAIL, 0, "it went otherwise");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(closed_and_nothing_left),
        TEST(descriptors_leak),
        TEST(closed_by_the_end_only),
        TEST(a_duplicate_stays),
        TEST(busy_when_all_have_left),
        TEST(reset_clients_stay_open),
        TEST(clients_of_a_failed_echo_stay_open),
        TEST(closed_when_the_next_one_comes),
        TEST(resets_survived),
        TEST(sigpipe_ends_it),
        TEST(cut_short_is_not_served),
        TEST(half_close_while_owing),
        TEST(a_close_while_owing_is_cited),
        TEST(a_close_when_all_is_paid_is_not),
        TEST(a_wrong_payment_is_cited_first),
        TEST(both_signals_stop),
        TEST(stops_on_both),
        TEST(calm_without_descriptors),
        TEST(busy_without_descriptors),
        TEST(never_sleeps_without_descriptors),
        TEST(went_to_sleep_late),
        TEST(forgets_who_waited),
        TEST(accepts_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
