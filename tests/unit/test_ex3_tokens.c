/* Exercise 3: tokens. */
#include "echo_runs.h"

static void tokens_as_asked(void **state)
{
    (void)state;
    registered(LISTENER_0, 1, 2, 3);
    is("tokens", CHECK_PASS, 6, "");
}

static void tokens_with_gaps(void **state)
{
    (void)state;
    registered(LISTENER_0, 4, 5, 11);
    is("tokens", CHECK_PASS, 6, "");
}

static void token_of_the_descriptor(void **state)
{
    (void)state;
    registered(LISTENER_0, 5, 6, 5);
    is("tokens", CHECK_FAIL, 2, "token 5 was given to two");
    assert_int_equal(judged("tokens")->n_evidence, 2);
}

static void token_of_an_address(void **state)
{
    (void)state;
    registered(LISTENER_0, 0x5600a2a0, 0x5600a6b0, 0x5600aac0);
    is("tokens", CHECK_FAIL, 4, "the first connection got token 1442882208");
}

static void tokens_downward(void **state)
{
    (void)state;
    registered(LISTENER_0, 9, 8, 7);
    is("tokens", CHECK_FAIL, 4, "the connection after token 9 got token 8");
}

static void listener_under_another_token(void **state)
{
    (void)state;
    registered("epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 3<socket:[1]>, "
               "{events=EPOLLIN, data={u32=77, u64=77}}) = 0",
               1, 2, 3);
    is("tokens", CHECK_FAIL, 4, "the listener was registered under token 77");
}

static void listener_not_registered(void **state)
{
    (void)state;
    registered(NULL, 1, 2, 3);
    is("tokens", CHECK_FAIL, 4, "the listener was never registered");
}

static void upper_half_says_nothing(void **state)
{
    (void)state;
    registered("epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 3<socket:[1]>, "
               "{events=EPOLLIN, data={u32=0, u64=140733193388032}}) = 0",
               1, 2, 3);
    is("tokens", CHECK_PASS, 6, "");
}

static void others_have_other_tokens(void **state)
{
    (void)state;
    Observation *run = registered(LISTENER_0, 1, 2, 3);
    call(run, 20, 10, "signalfd4(-1, [INT TERM], 8, SFD_NONBLOCK) = 8<anon_inode:[signalfd]>");
    call(run, 21, 10,
         "epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 8<anon_inode:[signalfd]>, "
         "{events=EPOLLIN, data={u32=4294967295, u64=18446744073709551615}}) = 0");
    is("tokens", CHECK_PASS, 6, "");
}

static void others_take_no_token_of_a_connection(void **state)
{
    (void)state;
    Observation *run = registered(LISTENER_0, 1, 2, 3);
    call(run, 20, 10, "signalfd4(-1, [INT TERM], 8, SFD_NONBLOCK) = 8<anon_inode:[signalfd]>");
    call(run, 21, 10,
         "epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 8<anon_inode:[signalfd]>, "
         "{events=EPOLLIN, data={u32=2, u64=2}}) = 0");
    is("tokens", CHECK_FAIL, 4, "token 2 was given to two");
}

static void poll_knows_no_tokens(void **state)
{
    (void)state;
    Observation *run = two_clients();
    begin_log(run, NULL);
    accepts(run, 2, 10, 5);
    call(run, 3, 10,
         "poll([{fd=3<socket:[1]>, events=POLLIN}, {fd=5<socket:[9]>, events=POLLIN}], 2, -1) = 1 "
         "([{fd=5, revents=POLLIN}])");
    is("tokens", CHECK_FAIL, 0, "poll was asked about the connections");
}

static void the_worst_run_counts(void **state)
{
    (void)state;
    registered(LISTENER_0, 1, 2, 3);
    Observation *run = run_of("resets");
    begin_log(run, LISTENER_0);
    accepts(run, 2, 10, 5);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    accepts(run, 4, 10, 6);
    registers(run, 5, "ADD", 6, "EPOLLIN", 1);
    is("tokens", CHECK_FAIL, 2, "token 1 was given to two");
    assert_string_equal(judged("tokens")->scenario, "resets");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tokens_as_asked),          TEST(tokens_with_gaps),
        TEST(token_of_the_descriptor),  TEST(token_of_an_address),
        TEST(tokens_downward),          TEST(listener_under_another_token),
        TEST(listener_not_registered),  TEST(upper_half_says_nothing),
        TEST(others_have_other_tokens), TEST(others_take_no_token_of_a_connection),
        TEST(poll_knows_no_tokens),     TEST(the_worst_run_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
