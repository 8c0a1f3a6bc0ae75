/* What one line says: times, strings, marks, tokens, timeouts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>

#include "strace_lines.h"

static void the_sandbox_is_cut(void **state)
{
    (void)state;
    Parsed parsed =
        parse("5 1.0 execve(\"/usr/bin/bwrap\", [\"bwrap\", \"/p\"], 0x1) = 0\n"
              "5 1.1 clone(child_stack=NULL, flags=SIGCHLD) = 6\n"
              "6 1.2 clone(child_stack=NULL, flags=SIGCHLD) = 2 /* 7 in strace's PID NS */\n"
              "7 1.3 execve(\"/p\", [\"/p\"], 0x1) = -1 ENOENT (No such file)\n"
              "7 1.4 execve(\"/p\", [\"/p\"], 0x1 <unfinished ...>\n"
              "5 1.5 read(4<pipe:[1]>,  <unfinished ...>\n"
              "7 1.6 <... execve resumed>) = 0\n"
              "6 1.7 read(4<pipe:[1]>, \"\", 1) = 0\n"
              "5 1.8 <... read resumed>\"\", 1) = 0\n"
              "7 1.9 pause( <unfinished ...>\n"
              "5 2.0 +++ exited with 0 +++\n"
              "6 2.1 +++ killed by SIGKILL +++\n"
              "7 2.2 +++ killed by SIGSEGV (core dumped) +++\n");
    assert_int_equal(parsed.odd, 0);
    assert_int_equal(parsed.process, 7);
    assert_int_equal(trace_len(parsed.trace), 2);
    const Event *sleep = trace_at(parsed.trace, 0), *end = trace_at(parsed.trace, 1);
    assert_int_equal(sleep->kind, EV_SLEEP);
    assert_true(sleep->flags & EVF_UNFINISHED);
    assert_int_equal(sleep->end_ns, 2200000000);
    assert_string_equal(sleep->raw, "pause( <unfinished ...>");
    assert_int_equal(end->kind, EV_EXIT);
    assert_int_equal(end->signal, SIGSEGV);
    assert_int_equal(end->result, -1);
    trace_free(parsed.trace);
}

static void any_first_program_without_a_name(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    StraceParser *parser = strace_parser_new(trace, NULL, NULL, NULL);
    const char *text = "9 1.0 execve(\"x\", [\"x\"], 0x1) = -1 ENOENT (No such file)\n"
                       "9 1.0 execve(\"y\", [\"x\"], 0x1) = 0\n9 1.1 +++ exited with 3 +++";
    strace_parser_feed(parser, text, strlen(text));
    strace_parser_end(parser); /* the last line has no end */
    assert_int_equal(strace_parser_process(parser), 9);
    assert_int_equal(trace_at(trace, 0)->result, 3);
    strace_parser_free(parser);
    strace_parser_free(NULL);
    trace_free(trace);
}

static void times_are_exact(void **state)
{
    (void)state;
    Parsed parsed = parse(RUN "7 1795400491.057579587 nanosleep({tv_sec=1, tv_nsec=5}, NULL) = 0 "
                              "<1.000123456>\n");
    const Event *sleep = only(&parsed);
    assert_int_equal(sleep->start_ns, INT64_C(1795400491057579587));
    assert_int_equal(sleep->end_ns - sleep->start_ns, 1000123456);
    assert_int_equal(sleep->timeout_ns, 1000000005);
    assert_string_equal(sleep->raw, "nanosleep({tv_sec=1, tv_nsec=5}, NULL) = 0");
    trace_free(parsed.trace);
}

static void strings_are_decoded(void **state)
{
    (void)state;
    Parsed parsed =
        parse(RUN "7 1.1 read(4<socket:[1]>, \"\\0a\\0001\\1777\\n\\t\\\"\\\\)\\33\\xff\", "
                  "100) = 13\n");
    const Event *read = only(&parsed);
    assert_int_equal(read->data_len, 13);
    assert_memory_equal(read->data,
                        "\0a\0"
                        "1\177"
                        "7\n\t\"\\)\33\xff",
                        13);
    assert_false(read->flags & EVF_CUT);
    trace_free(parsed.trace);
    parsed =
        parse(RUN "7 1.1 write(1, \"abc\"..., 100) = 2\n7 1.2 write(1, \"abc\"..., 100) = 100\n");
    assert_int_equal(trace_at(parsed.trace, 0)->data_len, 2); /* no more was taken */
    assert_false(trace_at(parsed.trace, 0)->flags & EVF_CUT);
    assert_int_equal(trace_at(parsed.trace, 1)->data_len, 3);
    assert_true(trace_at(parsed.trace, 1)->flags & EVF_CUT);
    trace_free(parsed.trace);
}

static void only_descriptor_minus_one_makes_marks(void **state)
{
    (void)state;
    Parsed parsed =
        parse(RUN "7 1.1 write(-1, \"poll 1\", 6) = -1 EBADF (Bad file descriptor)\n"
                  "7 1.2 write(-2, \"poll 1\", 6) = -1 EBADF (Bad file descriptor)\n"
                  "7 1.3 write(1<x>, \"write(-1, \\\"poll 2\\\", 6) = -1 EBADF\", 6) = 6\n"
                  "7 1.4 write(-1, \"poll 3\", 6) = 6\n"
                  "7 1.5 writev(-1, [{iov_base=\"poll 4\", iov_len=6}], 1) = -1 EBADF (Bad)\n"
                  "7 1.6 write(-1, 0x1234, 6) = -1 EBADF (Bad file descriptor)\n");
    assert_int_equal(parsed.odd, 0);
    size_t from = 0;
    const Event *mark = trace_next(parsed.trace, &from, EV_MARK, 0);
    assert_string_equal(mark->data, "poll 1");
    assert_int_equal(mark->data_len, 6);
    assert_null(trace_next(parsed.trace, &from, EV_MARK, 0));
    trace_free(parsed.trace);
    parsed = parse(RUN "7 1.1 write(-1, \"\", 0) = -1 EBADF (Bad file descriptor)\n"
                       "7 1.2 write(-1, \"wake 1\", 6 <unfinished ...>\n"
                       "7 1.3 <... write resumed>) = -1 EBADF (Bad file descriptor)\n"
                       "7 1.4 write(-1, \"ready 1\", 7 <unfinished ...>\n");
    assert_string_equal(trace_at(parsed.trace, 0)->data, ""); /* never NULL */
    assert_string_equal(trace_at(parsed.trace, 1)->data, "wake 1");
    assert_string_equal(trace_at(parsed.trace, 2)->data, "ready 1");
    assert_true(trace_at(parsed.trace, 2)->flags & EVF_UNFINISHED);
    trace_free(parsed.trace);
}

static void hostile_paths_stay_in_their_place(void **state)
{
    (void)state;
    Parsed parsed = parse(
        RUN "7 1.1 read(3</tmp/a\\76 \\0740.5\\76, \"x) = 5\\n \\74unfinished ...\\76>(deleted), "
            "\"ab\", 9) = 2 <0.000001000>\n"
            "7 1.2 dup(3</tmp/) = 77, \\74unfinished ...\\76>) = 8</tmp/) = 77 \\0740.5\\76>\n");
    assert_int_equal(parsed.odd, 0);
    assert_int_equal(trace_len(parsed.trace), 2);
    assert_int_equal(trace_at(parsed.trace, 0)->result, 2);
    assert_string_equal(trace_at(parsed.trace, 0)->data, "ab");
    assert_int_equal(trace_at(parsed.trace, 1)->fd, 8);
    assert_int_equal(trace_at(parsed.trace, 1)->object, trace_at(parsed.trace, 0)->object);
    trace_free(parsed.trace);
}

static void tokens_have_all_their_bits(void **state)
{
    (void)state;
    static const struct {
        const char *data;
        uint64_t token;
    } forms[] = {{"{u32=1, u64=6510615553911029761}", UINT64_C(6510615553911029761)},
                 {"{u32=4294967295, u64=18446744073709551615}", UINT64_MAX},
                 {"0x5a5a5a5a00000001", UINT64_C(0x5a5a5a5a00000001)},
                 {"7", 7}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char text[400];
        snprintf(text, sizeof text,
                 RUN "7 1.1 epoll_ctl(3<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, 4<socket:[1]>, "
                     "{events=EPOLLIN|EPOLLET, data=%s}) = 0\n",
                 forms[i].data);
        Parsed parsed = parse(text);
        const Event *watch = only(&parsed);
        assert_true(watch->token == forms[i].token);
        assert_int_equal(watch->flags, EVF_ADD | EVF_READABLE | EVF_EDGE);
        trace_free(parsed.trace);
    }
}

static void a_wake_knows_whom_it_means(void **state)
{
    (void)state;
#define ADD(fd, token)                                                                             \
    "7 1.1 epoll_ctl(3<anon_inode:[eventpoll]>, EPOLL_CTL_ADD, " fd "<socket:[" fd "]>, "          \
    "{events=EPOLLIN, data={u32=" token ", u64=" token "}}) = 0\n"
#define WOKEN(token)                                                                               \
    "7 1.2 epoll_wait(3<anon_inode:[eventpoll]>, [{events=EPOLLIN|EPOLLRDHUP, data={u32=" token    \
    ", u64=" token "}}], 8, -1) = 1\n"
    Parsed parsed = parse(RUN ADD("4", "1") ADD("5", "2") ADD("6", "2") WOKEN("1")
                              WOKEN("2") "7 1.3 close(5<socket:[5]>) = 0\n" WOKEN("2") WOKEN("3"));
    assert_int_equal(parsed.odd, 0);
    size_t from = 0;
    const Event *wake = trace_next(parsed.trace, &from, EV_WAKE, 0);
    assert_int_equal(wake->fd, 4);
    assert_int_equal(wake->object, trace_lookup(parsed.trace, 7, 4));
    assert_int_equal(wake->flags, EVF_READABLE | EVF_HANGUP);
    wake = trace_next(parsed.trace, &from, EV_WAKE, 0);
    assert_int_equal(wake->object, 0); /* 5 or 6 */
    assert_true(trace_wake_matches(parsed.trace, wake, trace_lookup(parsed.trace, 7, 6)));
    assert_false(trace_wake_matches(parsed.trace, wake, trace_lookup(parsed.trace, 7, 4)));
    wake = trace_next(parsed.trace, &from, EV_WAKE, 0);
    assert_int_equal(wake->object, trace_lookup(parsed.trace, 7, 6));
    assert_int_equal(trace_next(parsed.trace, &from, EV_WAKE, 0)->object, 0);
    trace_free(parsed.trace);

    parsed = parse(RUN ADD("4", "1") "7 1.2 epoll_ctl(3<anon_inode:[eventpoll]>, EPOLL_CTL_DEL, "
                                     "4<socket:[4]>, NULL) = 0\n" WOKEN("1"));
    from = 0;
    assert_int_equal(trace_next(parsed.trace, &from, EV_WAKE, 0)->object, 0);
    trace_free(parsed.trace);
}

static void timeouts(void **state)
{
    (void)state;
#define Q "3<anon_inode:[eventpoll]>"
    static const struct {
        const char *call;
        EventKind kind;
        int64_t timeout_ns;
    } calls[] = {
        {"epoll_wait(" Q ", [], 8, 1000) = 0", EV_WAIT, 1000000000},
        {"epoll_wait(" Q ", [], 8, -1) = 0", EV_WAIT, -1},
        {"epoll_wait(" Q ", [], 8, -7) = 0", EV_WAIT, -1},
        {"epoll_wait(" Q ", [], 8, 0) = 0", EV_WAIT, 0},
        {"epoll_pwait(" Q ", [], 8, 10, NULL, 8) = 0", EV_WAIT, 10000000},
        {"epoll_pwait2(" Q ", [], 8, {tv_sec=2, tv_nsec=5}, NULL, 8) = 0", EV_WAIT, 2000000005},
        {"epoll_pwait2(" Q ", [], 8, NULL, NULL, 8) = 0", EV_WAIT, -1},
        {"poll(NULL, 0, 250) = 0 (Timeout)", EV_SLEEP, 250000000},
        {"poll([{fd=-1}], 1, 250) = 0 (Timeout)", EV_SLEEP, 250000000},
        {"ppoll(NULL, 0, NULL, NULL, 8) = 0 (Timeout)", EV_SLEEP, -1},
        {"select(0, NULL, NULL, NULL, {tv_sec=0, tv_usec=1500}) = 0 (Timeout)", EV_SLEEP, 1500000},
        {"pselect6(1, [], [], NULL, {tv_sec=1, tv_nsec=1}, NULL) = 0", EV_SLEEP, 1000000001},
        {"pause() = ? ERESTARTNOHAND (To be restarted if no handler)", EV_SLEEP, -1},
        {"clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, {tv_sec=3, tv_nsec=0}, NULL) = 0",
         EV_SLEEP, 1900000000},
        {"rt_sigtimedwait([USR1], NULL, {tv_sec=1, tv_nsec=0}, 8) = 10 (SIGUSR1)", EV_SLEEP,
         1000000000},
        {"rt_sigtimedwait([USR1], NULL, NULL, 8) = 10 (SIGUSR1)", EV_SLEEP, -1},
        {"futex(0x1, FUTEX_WAIT_PRIVATE, 2, {tv_sec=1, tv_nsec=0}) = -1 ETIMEDOUT (Timed out)",
         EV_SLEEP, 1000000000},
        {"futex(0x1, FUTEX_WAIT_PRIVATE, 2, NULL) = 0", EV_SLEEP, -1},
        {"futex(0x1, FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME, 2, {tv_sec=2, tv_nsec=0}, "
         "FUTEX_BITSET_MATCH_ANY) = -1 ETIMEDOUT (Timed out)",
         EV_SLEEP, 900000000},
        {"nanosleep({tv_sec=99999999999, tv_nsec=0}, NULL) = 0", EV_SLEEP, -1},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        char text[400];
        snprintf(text, sizeof text, RUN "7 1.1 %s\n", calls[i].call);
        Parsed parsed = parse(text);
        const Event *event = only(&parsed);
        assert_int_equal(event->kind, calls[i].kind);
        if (event->timeout_ns != calls[i].timeout_ns)
            fail_msg("%s: %lld", calls[i].call, (long long)event->timeout_ns);
        trace_free(parsed.trace);
    }
}

/* The log has no CLOCK_MONOTONIC: the first sleep that was slept out says where it is. */
static void monotonic_instants(void **state)
{
    (void)state;
#define UNTIL(s) "clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=" s ", tv_nsec=0}, "
    Parsed parsed = parse(RUN "7 1010.0 " UNTIL(
        "105") " <unfinished ...>\n"
               "7 1011.0 <... clock_nanosleep resumed>NULL) = -1 EINTR (Int)\n"
               "7 1020.0 " UNTIL("121") "NULL) = 0 <1.000000000>\n"
                                        "7 1030.0 " UNTIL(
                                            "135") " <unfinished ...>\n"
                                                   "7 1030.5 +++ killed by SIGKILL +++\n");
    assert_int_equal(trace_at(parsed.trace, 0)->timeout_ns, TIMEOUT_UNKNOWN);
    assert_int_equal(trace_at(parsed.trace, 1)->timeout_ns, 1000000000);
    trace_free(parsed.trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sandbox_is_cut),
        cmocka_unit_test(any_first_program_without_a_name),
        cmocka_unit_test(times_are_exact),
        cmocka_unit_test(strings_are_decoded),
        cmocka_unit_test(only_descriptor_minus_one_makes_marks),
        cmocka_unit_test(hostile_paths_stay_in_their_place),
        cmocka_unit_test(tokens_have_all_their_bits),
        cmocka_unit_test(a_wake_knows_whom_it_means),
        cmocka_unit_test(timeouts),
        cmocka_unit_test(monotonic_instants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
