/* What can't be right, whatever the program is for. */
#include "echo_runs.h"

#include "exercises/mistake.h"

static Observation *one_run(const char *listener_watch)
{
    Observation *run = run_of("one-client");
    begin_log(run, listener_watch);
    accepts(run, 2, 10, 5);
    return run;
}

static void expect_mistake(Observation *run, const char *call_text, const char *what)
{
    end_log(run);
    Mistake mistake = first_mistake(run);
    assert_non_null(mistake.event);
    if (!strstr(mistake.event->raw, call_text) || !strstr(mistake.what, what))
        fail_msg("%s: %s", mistake.event->raw, mistake.what);
}

static void arguments_of_epoll_ctl_swapped(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    call(run, 3, 10,
         "epoll_ctl(5<socket:[9]>, EPOLL_CTL_ADD, 4<anon_inode:[eventpoll]>, {events=EPOLLIN, "
         "data={u32=1, u64=1}}) = -1 EINVAL (Invalid argument)");
    expect_mistake(run, "epoll_ctl(5,", "the queue first");
}

static void deregisters_what_is_closed(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    call(run, 4, 10, "close(5<socket:[9]>) = 0");
    call(run, 5, 10,
         "epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_DEL, 5, 0x1) = -1 EBADF (Bad file "
         "descriptor)");
    end_log(run);
    assert_null(first_mistake(run).event); /* in vain, and harmless */
}

static void changes_what_is_closed(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    call(run, 4, 10, "close(5<socket:[9]>) = 0");
    call(run, 5, 10,
         "epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_MOD, 5, {events=EPOLLOUT, data={u32=1, "
         "u64=1}}) = -1 EBADF (Bad file descriptor)");
    expect_mistake(run, "EPOLL_CTL_MOD, 5", "closed already");
}

#define NOBODY_WAITS                                                                               \
    "accept4(3<socket:[1]>, NULL, NULL, SOCK_NONBLOCK) = -1 EAGAIN (Resource temporarily "         \
    "unavailable)"
#define NO_DESCRIPTOR                                                                              \
    "accept4(3<socket:[1]>, NULL, NULL, SOCK_NONBLOCK) = -1 EMFILE (Too many open files)"
#define LISTENER_OUT "epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_DEL, 3<socket:[1]>, NULL) = 0"

static void pauses_for_nothing(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    call(run, 4, 10, NOBODY_WAITS);
    call(run, 5, 10, LISTENER_OUT);
    expect_mistake(run, "EPOLL_CTL_DEL, 3", "only that nobody waits");
}

static void accepts_for_ever(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    for (int i = 0; i < 100; i++)
        call(run, 4 + i, 10, NOBODY_WAITS);
    expect_mistake(run, "EAGAIN", "again and again");
}

static void changes_what_was_freed(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    call(run, 5, 10,
         "epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_MOD, -1994701325, {events=EPOLLOUT, "
         "data={u32=1, u64=1}}) = -1 EBADF (Bad file descriptor)");
    expect_mistake(run, "EPOLL_CTL_MOD", "never a descriptor");
}

static void pauses_for_want_of_descriptors(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    call(run, 4, 10, NOBODY_WAITS);
    wakes(run, 5, 10, "EPOLLIN", 0);
    call(run, 6, 10, NO_DESCRIPTOR);
    call(run, 7, 10, LISTENER_OUT);
    end_log(run);
    assert_null(first_mistake(run).event);
}

static void looks_under_another_token(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 2);
    for (int i = 0; i < 3; i++)
        wakes(run, 10 + i, 10, "EPOLLIN", 2);
    expect_mistake(run, "EPOLL_CTL_ADD, 5", "never read");
}

static void is_told_before_it_reads(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 2);
    for (int i = 0; i < 3; i++)
        wakes(run, 10 + i, 10, "EPOLLIN", 2);
    moves(run, 14, 10, "read", 5, 6);
    end_log(run);
    assert_null(first_mistake(run).event);
}

/* As with strlen() of what has no end. */
static void writes_more_than_it_read(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    moves(run, 14, 10, "read", 5, 100);
    call(run, 15, 10, "write(5<socket:[9]>, \"x\"..., 101) = 101");
    expect_mistake(run, "101) = 101", "the number that read()");
}

static void writes_what_it_owes(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    moves(run, 14, 10, "read", 5, 100);
    call(run, 15, 10, "write(5<socket:[9]>, \"x\"..., 100) = 40");
    moves(run, 16, 10, "read", 5, 50);
    call(run, 17, 10, "write(5<socket:[9]>, \"x\"..., 110) = 110");
    end_log(run);
    assert_null(first_mistake(run).event);
}

static void closes_what_never_was(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    call(run, 4, 10, "close(1527951119) = -1 EBADF (Bad file descriptor)");
    expect_mistake(run, "close(1527951119)", "never a descriptor");
}

static void closes_twice(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    call(run, 4, 10, "close(5<socket:[9]>) = 0");
    call(run, 5, 10, "close(5) = -1 EBADF (Bad file descriptor)");
    expect_mistake(run, "close(5)", "closed twice");
}

static void closes_nothing(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    call(run, 4, 10, "close(-1) = -1 EBADF (Bad file descriptor)");
    end_log(run);
    assert_null(first_mistake(run).event);
}

static void closes_all_numbers_first(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    call(run, 4, 10, "close(6) = -1 EBADF (Bad file descriptor)");
    end_log(run);
    assert_null(first_mistake(run).event);
}

static void takes_out_what_was_never_in(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    call(run, 4, 10,
         "epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_DEL, 1<pipe:[3]>, NULL) = -1 ENOENT (No "
         "such file or directory)");
    end_log(run);
    assert_null(first_mistake(run).event);
}

/* What was read is not lost by a close; by a write that fails it may be. */
static void what_was_read_is_lost_by_no_close(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    moves(run, 4, 10, "read", 5, 100);
    call(run, 5, 10, "close(5<socket:[9]>) = 0");
    call(run, 6, 10, "close(5) = -1 EBADF (Bad file descriptor)");
    end_log(run);
    assert_non_null(first_mistake(run).event);
    assert_null(mistake_with_data(run).event);
    run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    moves(run, 4, 10, "read", 5, 100);
    call(run, 5, 10, "write(1<pipe:[3]>, 0x1, 100) = -1 EFAULT (Bad address)");
    end_log(run);
    assert_non_null(mistake_with_data(run).event);
}

static void registers_what_was_not_accepted(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    call(run, 4, 10,
         "epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, -1, {events=EPOLLIN, data={u32=2, "
         "u64=2}}) = -1 EBADF (Bad file descriptor)");
    expect_mistake(run, "EPOLL_CTL_ADD, -1", "did accept() fail");
}

static void asks_a_size_of_epoll_create1(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    call(run, 3, 10, "epoll_create1(0x10 /* EPOLL_??? */) = -1 EINVAL (Invalid argument)");
    expect_mistake(run, "epoll_create1(", "0 will do");
}

static void registers_with_no_queue(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    call(run, 3, 10,
         "epoll_ctl(-1, EPOLL_CTL_ADD, 5<socket:[9]>, {events=EPOLLIN, data={u32=1, u64=1}}) = -1 "
         "EBADF (Bad file descriptor)");
    expect_mistake(run, "epoll_ctl(-1,", "no queue");
}

static void registers_for_writing_alone(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLOUT", 1);
    expect_mistake(run, "EPOLL_CTL_ADD, 5", "lacks EPOLLIN");
    run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "0", 1);
    registers(run, 4, "MOD", 5, "EPOLLIN", 1);
    end_log(run);
    assert_null(first_mistake(run).event);
}

static void leaves_a_rest_unread(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN|EPOLLET", 1);
    call(run, 4, 10, "read(5<socket:[9]>, \"0000000.\", 8) = 8");
    expect_mistake(run, "read(5,", "edge-triggered");
}

static void an_edge_read_to_its_end_is_right(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN|EPOLLET", 1);
    call(run, 4, 10, "read(5<socket:[9]>, \"0000000.\", 8) = 8");
    call(run, 5, 10, "read(5<socket:[9]>, 0x1, 8) = -1 EAGAIN (Resource temporarily unavailable)");
    end_log(run);
    assert_null(first_mistake(run).event);
}

static void a_level_tells_of_the_rest(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    call(run, 4, 10, "read(5<socket:[9]>, \"0000000.\", 8) = 8");
    end_log(run);
    assert_null(first_mistake(run).event);
}

static void reads_the_listener(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    call(run, 3, 10,
         "read(3<socket:[1]>, 0x1, 99) = -1 ENOTCONN (Transport endpoint is not connected)");
    expect_mistake(run, "read(3,", "what accept() returned");
}

static void never_adds_the_connection(void **state)
{
    (void)state;
    expect_mistake(one_run(LISTENER_0), "accept4(3,", "never added");
}

static void forgets_the_token(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_0);
    registers(run, 3, "ADD", 5, "EPOLLIN", 0);
    expect_mistake(run, "EPOLL_CTL_ADD, 5,", "the listener's token");
}

#define LISTENER_EDGE                                                                              \
    "epoll_ctl(4<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 3<socket:[1]>, {events=EPOLLIN|EPOLLET, " \
    "data={u32=0, u64=0}}) = 0"

static void accepts_one_for_each_edge(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_EDGE);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    expect_mistake(run, "accept4(3,", "until EAGAIN");
}

static void accepts_until_none_is_left(void **state)
{
    (void)state;
    Observation *run = one_run(LISTENER_EDGE);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    call(run, 4, 10,
         "accept4(3<socket:[1]>, NULL, NULL, SOCK_NONBLOCK) = -1 EAGAIN (Resource temporarily "
         "unavailable)");
    end_log(run);
    assert_null(first_mistake(run).event);
}

static void no_trace_shows_none(void **state)
{
    (void)state;
    assert_null(first_mistake(run_of("one-client")).event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(arguments_of_epoll_ctl_swapped),
        TEST(deregisters_what_is_closed),
        TEST(changes_what_is_closed),
        TEST(pauses_for_nothing),
        TEST(accepts_for_ever),
        TEST(changes_what_was_freed),
        TEST(pauses_for_want_of_descriptors),
        TEST(looks_under_another_token),
        TEST(is_told_before_it_reads),
        TEST(writes_more_than_it_read),
        TEST(writes_what_it_owes),
        TEST(closes_what_never_was),
        TEST(closes_twice),
        TEST(asks_a_size_of_epoll_create1),
        TEST(registers_with_no_queue),
        TEST(registers_for_writing_alone),
        TEST(leaves_a_rest_unread),
        TEST(closes_nothing),
        TEST(closes_all_numbers_first),
        TEST(takes_out_what_was_never_in),
        TEST(what_was_read_is_lost_by_no_close),
        TEST(registers_what_was_not_accepted),
        TEST(an_edge_read_to_its_end_is_right),
        TEST(a_level_tells_of_the_rest),
        TEST(reads_the_listener),
        TEST(never_adds_the_connection),
        TEST(forgets_the_token),
        TEST(accepts_one_for_each_edge),
        TEST(accepts_until_none_is_left),
        TEST(no_trace_shows_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
