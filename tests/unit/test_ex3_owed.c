/* Exercise 3: clients that do not read. */
#include "echo_runs.h"

/* A is 5 with token 1, B is 6 with token 2; 100 bytes of A come, and 40 go back. */
static Observation *owing(const char *first_interest)
{
    in_one_thread();
    blocked_run("slow-reader");
    Observation *run = blocked_run("owing");
    begin_log(run, LISTENER_0);
    accepts(run, 2, 10, 5);
    registers(run, 3, "ADD", 5, first_interest, 1);
    accepts(run, 4, 10, 6);
    registers(run, 5, "ADD", 6, first_interest, 2);
    wakes(run, 10, 10, "EPOLLIN", 1);
    moves(run, 11, 10, "read", 5, 100);
    writes_part(run, 12, 5, 40, 100);
    return run;
}

static void pays_when_woken(void **state)
{
    (void)state;
    Observation *run = owing("EPOLLIN");
    registers(run, 13, "MOD", 5, "EPOLLOUT", 1);
    wakes(run, 90, 10, "EPOLLOUT", 1);
    moves(run, 91, 10, "write", 5, 60);
    registers(run, 92, "MOD", 5, "EPOLLIN", 1);
    is("write-interest", CHECK_PASS, 4, "");
    is("slow-reader", CHECK_PASS, 8, "");
}

/* What is read at once and written in pieces that are taken whole is refused by nobody; its large send
 * buffer was full where more was sent, and it slept there. */
static void meets_nobody_that_refuses(void **state)
{
    (void)state;
    in_one_thread();
    blocked_run("slow-reader");
    Observation *run = blocked_run("owing");
    begin_log(run, LISTENER_0);
    accepts(run, 2, 10, 5);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    wakes(run, 10, 10, "EPOLLIN", 1);
    moves(run, 11, 10, "read", 5, 100);
    writes_part(run, 12, 5, 60, 60);
    writes_part(run, 13, 5, 40, 40);
    Observation *never = run_of("never-reads");
    step(never, 5, "expect", 1, true);
    never->clients[0].sent_total = 3 << 20;
    is("write-interest", CHECK_PASS, 4, "nothing is seen");
    never->clients[0].sent_total = 64 << 20; /* it took all, and what became of it? */
    is("write-interest", CHECK_SKIP, 0, "");
}

/* It sleeps while 1 MiB is owed, and not where 64 MiB are offered. */
static void spins_at_its_limit(void **state)
{
    (void)state;
    Observation *run = owing("EPOLLIN");
    registers(run, 13, "MOD", 5, "EPOLLIN|EPOLLOUT", 1);
    wakes(run, 90, 10, "EPOLLOUT", 1);
    moves(run, 91, 10, "write", 5, 60);
    Observation *never = run_of("never-reads");
    watch(never, 1, 11);
    Watch *at_limit = watch(never, 50, 150);
    at_limit->after.cpu_ns = 90 * NS_PER_MS;
    is("slow-reader", CHECK_FAIL, 4, "90 % of a core");
    assert_string_equal(judged("slow-reader")->scenario, "never-reads");
    at_limit->after.cpu_ns = 0;
    is("slow-reader", CHECK_PASS, 8, "");
}

/* In large pieces nothing is lost; but a write that took nothing at all was the client's end. */
static void hangs_up_when_there_is_no_room(void **state)
{
    (void)state;
    Observation *run = owing("EPOLLIN");
    registers(run, 13, "MOD", 5, "EPOLLOUT", 1);
    wakes(run, 90, 10, "EPOLLOUT", 1);
    moves(run, 91, 10, "write", 5, 60);
    registers(run, 92, "MOD", 5, "EPOLLIN", 1);
    lines->steps[0].ok = false;
    lines->steps[0].message = x_strdup("A got less");
    is("slow-reader", CHECK_FAIL, 4, "");
    assert_string_equal(judged("slow-reader")->scenario, "lines");
    assert_non_null(strstr(judged("slow-reader")->expected, "EAGAIN"));
}

static void edge_triggered_once_for_all(void **state)
{
    (void)state;
    in_one_thread();
    Observation *run = blocked_run("owing");
    begin_log(run, LISTENER_0);
    accepts(run, 2, 10, 5);
    registers(run, 3, "ADD", 5, "EPOLLIN|EPOLLOUT|EPOLLET", 1);
    wakes(run, 3.5, 10, "EPOLLOUT", 1);
    wakes(run, 10, 10, "EPOLLIN|EPOLLOUT", 1);
    moves(run, 11, 10, "read", 5, 100);
    writes_part(run, 12, 5, 40, 100);
    wakes(run, 90, 10, "EPOLLOUT", 1);
    moves(run, 91, 10, "write", 5, 60);
    wakes(run, 92, 10, "EPOLLOUT", 1);
    is("write-interest", CHECK_PASS, 4, "");
}

/* What is not written stays in the kernel; so it is written before it is read. */
static void peeks_before_it_writes(void **state)
{
    (void)state;
    in_one_thread();
    blocked_run("slow-reader");
    Observation *run = blocked_run("owing");
    begin_log(run, LISTENER_0);
    accepts(run, 2, 10, 5);
    registers(run, 3, "ADD", 5, "EPOLLIN", 1);
    wakes(run, 10, 10, "EPOLLIN", 1);
    call(run, 11, 10, "recvfrom(5<socket:[9]>, \"x\"..., 65536, MSG_PEEK, NULL, NULL) = 100");
    writes_part(run, 12, 5, 40, 100);
    moves(run, 13, 10, "read", 5, 40);
    registers(run, 14, "MOD", 5, "EPOLLOUT", 1);
    wakes(run, 90, 10, "EPOLLOUT", 1);
    call(run, 91, 10, "recvfrom(5<socket:[9]>, \"x\"..., 65536, MSG_PEEK, NULL, NULL) = 60");
    moves(run, 92, 10, "write", 5, 60);
    moves(run, 93, 10, "read", 5, 60);
    registers(run, 94, "MOD", 5, "EPOLLIN", 1);
    is("write-interest", CHECK_PASS, 4, "");
}

static void never_asks(void **state)
{
    (void)state;
    Observation *run = owing("EPOLLIN");
    moves(run, 13, 10, "write", 5, -1);
    is("write-interest", CHECK_FAIL, 0, "never asked");
    assert_int_equal(judged("write-interest")->n_evidence, 1);
}

static void always_asks(void **state)
{
    (void)state;
    Observation *run = owing("EPOLLIN|EPOLLOUT");
    wakes(run, 90, 10, "EPOLLOUT", 1);
    moves(run, 91, 10, "write", 5, 60);
    for (int i = 0; i < 3; i++)
        wakes(run, 92 + i, 10, "EPOLLOUT", 1);
    is("write-interest", CHECK_FAIL, 0, "again and again");
}

static void asks_and_never_pays(void **state)
{
    (void)state;
    Observation *run = owing("EPOLLIN");
    registers(run, 13, "MOD", 5, "EPOLLOUT", 1);
    runs[n_runs - 2].steps[1].ok = false; /* nor does it where nobody traces it */
    is("write-interest", CHECK_FAIL, 0, "no write followed");
}

/* Who spins gets nowhere under a tracer on a busy machine, and pays without one. */
static void asks_and_pays_where_it_is_not_traced(void **state)
{
    (void)state;
    Observation *run = owing("EPOLLIN");
    registers(run, 13, "MOD", 5, "EPOLLOUT", 1);
    is("write-interest", CHECK_PASS, 4, "");
}

static void spins_while_owing(void **state)
{
    (void)state;
    owing("EPOLLIN");
    runs[n_runs - 2].watches[0].after.cpu_ns = 30 * NS_PER_MS;
    is("slow-reader", CHECK_FAIL, 4, "75 % of a core");
    assert_string_equal(judged("slow-reader")->scenario, "slow-reader");
}

static void naps_while_owing(void **state)
{
    (void)state;
    owing("EPOLLIN");
    runs[n_runs - 2].watches[0].after.switches = 4;
    is("slow-reader", CHECK_FAIL, 4, "100 times a second");
}

static void retries_while_owing(void **state)
{
    (void)state;
    Observation *run = owing("EPOLLIN");
    call(run, 50, 10, "epoll_wait(4<anon_inode:[eventpoll]>, [], 8, 1) = 0 <0.001>");
    is("slow-reader", CHECK_FAIL, 4, "1000 times a second");
}

/* Under a tracer and on a busy machine it is not done in time; what came was right. */
static void is_slow_because_it_spins(void **state)
{
    (void)state;
    Observation *run = owing("EPOLLIN");
    run->steps[2].ok = false;
    is("slow-reader", CHECK_FAIL, 4, "all of it, in order");
    watch(run_of("idle-watch"), 0, 100)->after.cpu_ns = 99 * NS_PER_MS;
    is("slow-reader", CHECK_PASS, 8, "");
    run->end = RUN_SIGNALED;
    is("slow-reader", CHECK_FAIL, 4, "");
}

static void loses_bytes(void **state)
{
    (void)state;
    owing("EPOLLIN");
    runs[n_runs - 2].steps[1].ok = false;
    is("slow-reader", CHECK_FAIL, 4, "all of it, in order");
}

static void loses_bytes_and_meets_nobody(void **state)
{
    (void)state;
    in_one_thread();
    step(run_of("slow-reader"), 95, "expect", 0, false);
    is("slow-reader", CHECK_FAIL, 0, "it went otherwise");
}

/* C is 7: it sent made-up bytes; `second` is the write after the first, which took 16 of them. */
static Observation *paid_in_parts(const char *second)
{
    Observation *run = owing("EPOLLIN");
    accepts(run, 100, 10, 7);
    call(run, 101, 10, "read(7<socket:[9]>, \"0000000.0000001.0000002.0000003.\", 99) = 32");
    call(run, 102, 10, "write(7<socket:[9]>, \"0000000.0000001.0000002.0000003.\", 32) = 16");
    call(run, 103, 10, second);
    return run;
}

static const Evidence *cited(const char *check, int most)
{
    const CheckResult *found = judged(check);
    assert_in_range(found->n_evidence, 1, most);
    return &found->evidence[0];
}

static void pays_from_the_wrong_place(void **state)
{
    (void)state;
    Observation *run =
        paid_in_parts("write(7<socket:[9]>, \"00.0000001.0000002.0000003.\", 16) = 16");
    run->steps[2].ok = false;
    is("slow-reader", CHECK_FAIL, 4, "all of it, in order");
    assert_string_equal(judged("slow-reader")->scenario, "owing");
    assert_non_null(strstr(judged("slow-reader")->expected, "where the last write stopped"));
    assert_non_null(strstr(cited("slow-reader", 2)->text, "\"00.0000001."));
}

static void leaves_bytes_out(void **state)
{
    (void)state;
    Observation *run = paid_in_parts("write(7<socket:[9]>, \"0000003.\", 8) = 8");
    run->steps[2].ok = false;
    is("slow-reader", CHECK_FAIL, 4, "all of it, in order");
    assert_non_null(strstr(judged("slow-reader")->expected, "comes before what follows it"));
    assert_non_null(strstr(cited("slow-reader", 2)[0].text, " = 16")); /* here they were left */
    assert_non_null(strstr(cited("slow-reader", 2)[1].text, "\"0000003."));
}

/* What begins at the first byte again is the client's next step. */
static void pays_in_parts_and_then_more(void **state)
{
    (void)state;
    Observation *run = paid_in_parts("write(7<socket:[9]>, \"0000002.0000003.\", 16) = 16");
    call(run, 104, 10, "read(7<socket:[9]>, \"0000000.0000001.\", 99) = 16");
    call(run, 105, 10, "write(7<socket:[9]>, \"0000000.0000001.\", 16) = 8");
    call(run, 106, 10, "write(7<socket:[9]>, \"0000001.\", 8) = 8");
    is("slow-reader", CHECK_PASS, 8, "");
    assert_null(wrong_write(run, 3).event);
    assert_null(early_close(run, 3));
}

/* --- a client that never reads --- */

static Observation *offered(uint64_t taken, uint64_t grown)
{
    Observation *run = run_of("never-reads");
    step(run, 3, "send", 1, true);
    step(run, 4, "expect", 1, true);
    step(run, 5, "send", 0, true);
    step(run, 6, "expect", 1, true);
    watch(run, 4, 5)->before.resident = 1 << 20;
    watch(run, 7, 8)->before.resident = (1 << 20) + grown;
    run->clients[0].sent_total = taken;
    run->clients[0].held = -1;
    return run;
}

static Observation *never_reads(uint64_t taken, uint64_t grown)
{
    in_one_thread();
    return offered(taken, grown);
}

static void reads_no_further(void **state)
{
    (void)state;
    never_reads(900000, 1 << 20);
    is("backpressure", CHECK_PASS, 4, "0.9 MiB");
}

static void takes_all(void **state)
{
    (void)state;
    never_reads(64 << 20, 0);
    is("backpressure", CHECK_FAIL, 0, "all 64 MiB");
}

static void takes_more_while_it_owes(void **state)
{
    (void)state;
    Observation *run = owing("EPOLLIN");
    moves(run, 13, 10, "read", 5, 77);
    moves(run, 14, 10, "read", 5, 78);
    offered(64 << 20, 0);
    assert_string_equal(cited("backpressure", 1)->text, "read(5, \"x\"..., 65536) = 77");
}

static void keeps_too_much(void **state)
{
    (void)state;
    never_reads(9 << 20, 8 << 20);
    is("backpressure", CHECK_FAIL, 0, "grew by 8.0 MiB");
}

static void owes_too_much(void **state)
{
    (void)state;
    never_reads(4 << 20, 0)->clients[0].held = 2 << 20;
    is("backpressure", CHECK_FAIL, 0, "2.0 MiB were with the program");
}

static void owes_what_it_may(void **state)
{
    (void)state;
    never_reads(4 << 20, 8 << 20)->clients[0].held = 1 << 20;
    is("backpressure", CHECK_PASS, 4, "");
}

static void hangs_up_on_the_slow(void **state)
{
    (void)state;
    never_reads(2 << 20, 0)->clients[0].ended = true;
    is("backpressure", CHECK_FAIL, 0, "hung up on");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pays_when_woken),
        TEST(meets_nobody_that_refuses),
        TEST(spins_at_its_limit),
        TEST(hangs_up_when_there_is_no_room),
        TEST(edge_triggered_once_for_all),
        TEST(never_asks),
        TEST(always_asks),
        TEST(peeks_before_it_writes),
        TEST(asks_and_never_pays),
        TEST(asks_and_pays_where_it_is_not_traced),
        TEST(spins_while_owing),
        TEST(naps_while_owing),
        TEST(retries_while_owing),
        TEST(loses_bytes),
        TEST(pays_from_the_wrong_place),
        TEST(leaves_bytes_out),
        TEST(pays_in_parts_and_then_more),
        TEST(is_slow_because_it_spins),
        TEST(loses_bytes_and_meets_nobody),
        TEST(reads_no_further),
        TEST(takes_all),
        TEST(takes_more_while_it_owes),
        TEST(keeps_too_much),
        TEST(owes_too_much),
        TEST(owes_what_it_may),
        TEST(hangs_up_on_the_slow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
