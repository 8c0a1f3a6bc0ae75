/* Exercise 3: clients that say nothing, and programs that sleep. */
#include "echo_runs.h"

static Observation *idle(double share)
{
    in_one_thread();
    Observation *untraced = run_of("idle-watch");
    step(untraced, 2, "expect", 0, true);
    watch(untraced, 5, 15)->after.cpu_ns = (int64_t)(share * 10 * NS_PER_MS);
    Observation *run = run_of("idle");
    step(run, 2, "expect", 0, true);
    watch(run, 20, 60);
    begin_log(run, LISTENER_0);
    return run;
}

static void sleeps_on(void **state)
{
    (void)state;
    call(idle(0), 10, 10, "epoll_wait(4<anon_inode:[eventpoll]>, [], 8, -1) = 0 <0.090>");
    is("idle-asleep", CHECK_PASS, 4, "");
}

static void a_long_timeout_may_expire(void **state)
{
    (void)state;
    Observation *run = idle(0);
    call(run, 10, 10, "epoll_wait(4<anon_inode:[eventpoll]>, [], 8, 1000) = 0 <0.030>");
    call(run, 41, 10, "epoll_wait(4<anon_inode:[eventpoll]>, [], 8, 1000) = 0 <0.090>");
    is("idle-asleep", CHECK_PASS, 4, "");
}

static void a_short_timeout_counts_unexpired(void **state)
{
    (void)state;
    call(idle(0), 10, 10, "epoll_wait(4<anon_inode:[eventpoll]>, [], 8, 500) = 0 <0.090>");
    is("idle-asleep", CHECK_FAIL, 0, "a timeout of 500 ms");
}

/* A futex whose word has changed returns at once: that is no timeout that expired. */
static void what_returns_at_once_has_not_expired(void **state)
{
    (void)state;
    Observation *run = idle(0);
    for (int i = 0; i < 3; i++)
        call(run, 30 + i, 10,
             "futex(0x7f01, FUTEX_WAIT_PRIVATE, 2, {tv_sec=2, tv_nsec=0}) = -1 EAGAIN (Resource "
             "temporarily unavailable)");
    is("idle-asleep", CHECK_FAIL, 0, "3 calls came back");
}

static void wakes_for_nothing(void **state)
{
    (void)state;
    Observation *run = idle(0);
    call(run, 30, 10, "epoll_wait(4<anon_inode:[eventpoll]>, [], 8, -1) = 0");
    is("idle-asleep", CHECK_FAIL, 0, "1 calls came back");
}

static void spins_unseen_by_the_tracer(void **state)
{
    (void)state;
    idle(0.9);
    is("idle-asleep", CHECK_FAIL, 0, "90 % of a core");
    assert_string_equal(judged("idle-asleep")->scenario, "idle-watch");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sleeps_on),
        TEST(a_long_timeout_may_expire),
        TEST(a_short_timeout_counts_unexpired),
        TEST(what_returns_at_once_has_not_expired),
        TEST(wakes_for_nothing),
        TEST(spins_unseen_by_the_tracer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
