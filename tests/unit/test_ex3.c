/* The checks of exercise 3 that ask who is served, and by how many threads. */
#include "echo_runs.h"

static void nothing_earns_nothing(void **state)
{
    (void)state;
    judged("build");
    for (int i = 0; i < result.n_checks; i++)
        if (result.checks[i].halves || result.checks[i].status == CHECK_PASS)
            fail_msg("%s earns %d halves", result.checks[i].id, result.checks[i].halves);
}

static void ended_at_once_earns_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"one-client", "two-clients", "clients-100", "slow-reader",
                                        "idle",       "idle-watch",  "churn",       "resets"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        Observation *run = run_of(names[i]);
        run->end = RUN_EXITED;
        begin_log(run, NULL);
        step(run, 5, "connect", 0, false);
    }
    nothing_earns_nothing(state);
    is("echo-one", CHECK_FAIL, 0, "the program exited with status 0: it went otherwise");
}

static void every_expectation_counts(void **state)
{
    (void)state;
    Observation *run = run_of("one-client");
    step(run, 5, "expect", 0, true);
    is("echo-one", CHECK_PASS, 4, "");
    step(run, 6, "expect", 0, false);
    is("echo-one", CHECK_FAIL, 0, "it went otherwise");
}

static void the_answer_that_fell_short_is_cited(void **state)
{
    (void)state;
    Observation *run = run_of("one-client");
    begin_log(run, LISTENER_0);
    accepts(run, 2, 10, 5);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    for (int turn = 0; turn < 3; turn++) { /* the second is answered in part */
        moves(run, 10 + turn, 10, "read", 5, 20 + turn);
        moves(run, 10.5 + turn, 10, "write", 5, turn == 1 ? 4 : 20 + turn);
    }
    step(run, 12, "expect", 0, false);
    is("echo-one", CHECK_FAIL, 0, "it went otherwise");
    assert_int_equal(judged("echo-one")->n_evidence, 2);
    assert_string_equal(judged("echo-one")->evidence[0].text, "write(5, \"x\"..., 4) = 4");
    assert_string_equal(judged("echo-one")->evidence[1].text, "read(5, \"x\"..., 65536) = 21");
}

static void what_it_gave_up_at_is_cited(void **state)
{
    (void)state;
    Observation *run = run_of("two-clients");
    begin_log(run, LISTENER_0);
    accepts(run, 2, 10, 5);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    step(run, 5, "expect", 0, false);
    call(run, 10, 10,
         "epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_DEL, 5, NULL) = -1 EBADF (Bad "
         "file descriptor)");
    call(run, 11, 10, "read(5<socket:[9]>, 0x1, 9) = -1 EAGAIN (Resource temporarily unavailable)");
    run->end = RUN_EXITED;
    is("many-clients", CHECK_FAIL, 0, "exited with status 0");
    assert_non_null(strstr(judged("many-clients")->evidence[0].text, "EBADF"));
}

static void hundred_are_the_other_half(void **state)
{
    (void)state;
    two_clients();
    is("many-clients", CHECK_FAIL, 4, "100 clients");
    step(run_of("clients-100"), 5, "expect", 0, true);
    is("many-clients", CHECK_PASS, 8, "");
}

static void one_thread_serves(void **state)
{
    (void)state;
    in_one_thread();
    blocked_run("owing");
    is("never-blocks", CHECK_PASS, 6, "");
}

static void who_waits_for_signals_serves_nobody(void **state)
{
    (void)state;
    Observation *run = in_one_thread();
    call(run, 40, 10, "clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD) = 11");
    call(run, 41, 11, "rt_sigtimedwait([INT TERM], NULL, NULL, 8 <unfinished ...>");
    blocked_run("owing");
    is("never-blocks", CHECK_PASS, 6, "");
}

static void a_reader_for_each_client(void **state)
{
    (void)state;
    Observation *run = in_one_thread();
    call(run, 40, 10, "clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD) = 11");
    moves(run, 41, 11, "read", 5, 5);
    blocked_run("owing");
    step(run_of("clients-100"), 5, "expect", 0, true);
    is("never-blocks", CHECK_FAIL, 0, "more than one thread");
    is("many-clients", CHECK_FAIL, 4, "more than one thread");
    is("slow-reader", CHECK_SKIP, 0, "never-blocks");
}

static void two_that_wait_on_one_queue(void **state)
{
    (void)state;
    Observation *run = in_one_thread();
    call(run, 40, 10, "clone(child_stack=0x1, flags=CLONE_VM|CLONE_THREAD) = 11");
    call(run, 41, 11, "epoll_wait(4<anon_inode:[eventpoll]>,  <unfinished ...>");
    blocked_run("owing");
    is("never-blocks", CHECK_FAIL, 0, "more than one thread");
}

static void one_client_at_a_time(void **state)
{
    (void)state;
    Observation *run = run_of("two-clients");
    step(run, 4, "expect", 0, true);
    step(run, 5, "expect", 1, false);
    blocked_run("owing");
    is("never-blocks", CHECK_FAIL, 0, "it went otherwise");
}

/* A is accepted, accept() says `then`, and the listener leaves the queue; then it waits. */
static Observation *stops_accepting(const char *then, const char *again, const char *waits)
{
    char text[160];
    Observation *run = two_clients();
    begin_log(run, LISTENER_0);
    accepts(run, 10, 10, 5);
    registers(run, 11, "ADD", 5, "EPOLLIN", 1);
    snprintf(text, sizeof text, "accept4(3<socket:[1]>, NULL, NULL, SOCK_NONBLOCK) = -1 %s", then);
    call(run, 12, 10, text);
    call(run, 13, 10,
         "epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_DEL, 3<socket:[1]>, 0x1) = 0");
    if (again)
        call(run, 14, 10, again);
    call(run, 20, 10, waits);
    accepts(run, 30, 10, 6);
    registers(run, 31, "ADD", 6, "EPOLLIN", 2);
    blocked_run("owing");
    return run;
}

#define NOBODY    "EAGAIN (Resource temporarily unavailable)"
#define WAITS(ms) "epoll_wait(4<anon_inode:[eventpoll]>, [], 8, " #ms ") = 0"

static void a_pause_is_seen_however_late_the_client(void **state)
{
    (void)state;
    stops_accepting(NOBODY, NULL, WAITS(1000));
    is("many-clients", CHECK_FAIL, 0, "in a wait of 1.0 s nobody who comes is heard");
    is("never-blocks", CHECK_FAIL, 0, "in a wait of 1.0 s nobody who comes is heard");
}

static void a_pause_may_have_no_end(void **state)
{
    (void)state;
    stops_accepting(NOBODY, NULL, WAITS(-1));
    is("never-blocks", CHECK_FAIL, 0, "in a wait without an end nobody");
}

static void who_is_short_of_descriptors_may_pause(void **state)
{
    (void)state;
    stops_accepting("EMFILE (Too many open files)", NULL, WAITS(1000));
    is("never-blocks", CHECK_PASS, 6, "");
}

static void a_listener_that_is_back_before_the_wait_is_heard(void **state)
{
    (void)state;
    stops_accepting(NOBODY, LISTENER_0, WAITS(-1));
    is("never-blocks", CHECK_PASS, 6, "");
}

static void a_short_pause_keeps_nobody(void **state)
{
    (void)state;
    stops_accepting(NOBODY, NULL, WAITS(100));
    is("never-blocks", CHECK_PASS, 6, "");
}

static void blocking(const char *wake, const char *call_name, CheckStatus status)
{
    Observation *run = two_clients();
    begin_log(run, LISTENER_0);
    call(run, 2, 10, "accept4(3<socket:[1]>, NULL, NULL, SOCK_CLOEXEC) = 5<socket:[9]>");
    registers(run, 3, "ADD", 5, "EPOLLIN|EPOLLOUT", 1);
    wakes(run, 30, 10, wake, 1);
    moves(run, 31, 10, call_name, 5, 5);
    blocked_run("owing");
    is("never-blocks", status, status == CHECK_PASS ? 6 : 0, status == CHECK_PASS ? "" : call_name);
}

static void an_announced_read_does_not_block(void **state)
{
    (void)state;
    blocking("EPOLLIN", "read", CHECK_PASS);
}

static void a_write_may_block(void **state)
{
    (void)state;
    blocking("EPOLLIN|EPOLLOUT", "write", CHECK_FAIL);
}

static void a_second_read_may_block(void **state)
{
    (void)state;
    Observation *run = two_clients();
    begin_log(run, LISTENER_0);
    call(run, 2, 10, "accept4(3<socket:[1]>, NULL, NULL, SOCK_CLOEXEC) = 5<socket:[9]>");
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    wakes(run, 30, 10, "EPOLLIN", 1);
    moves(run, 31, 10, "read", 5, 5);
    moves(run, 32, 10, "read", 5, 5);
    blocked_run("owing");
    is("never-blocks", CHECK_FAIL, 0, "a read that waits");
}

static void dontwait_does_not_block(void **state)
{
    (void)state;
    Observation *run = two_clients();
    begin_log(run, LISTENER_0);
    call(run, 2, 10, "accept4(3<socket:[1]>, NULL, NULL, SOCK_CLOEXEC) = 5<socket:[9]>");
    call(run, 3, 10, "recvfrom(5<socket:[9]>, \"x\", 8, MSG_DONTWAIT, NULL, NULL) = 1");
    call(run, 4, 10, "sendto(5<socket:[9]>, \"x\", 1, MSG_DONTWAIT, NULL, 0) = 1");
    blocked_run("owing");
    is("never-blocks", CHECK_PASS, 6, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_earns_nothing),
        TEST(ended_at_once_earns_nothing),
        TEST(every_expectation_counts),
        TEST(hundred_are_the_other_half),
        TEST(the_answer_that_fell_short_is_cited),
        TEST(what_it_gave_up_at_is_cited),
        TEST(one_thread_serves),
        TEST(who_waits_for_signals_serves_nobody),
        TEST(a_reader_for_each_client),
        TEST(two_that_wait_on_one_queue),
        TEST(one_client_at_a_time),
        TEST(an_announced_read_does_not_block),
        TEST(a_write_may_block),
        TEST(a_second_read_may_block),
        TEST(dontwait_does_not_block),
        TEST(a_pause_is_seen_however_late_the_client),
        TEST(a_pause_may_have_no_end),
        TEST(who_is_short_of_descriptors_may_pause),
        TEST(a_listener_that_is_back_before_the_wait_is_heard),
        TEST(a_short_pause_keeps_nobody),

    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
