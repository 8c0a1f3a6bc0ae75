/* What a watch says of a program that was left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "exercises/idle.h"
#include "trace/strace.h"

/* A second in which one thread used, queued and slept so much. */
static Watch second(int64_t used_ms, int64_t queued_ms, uint64_t sleeps)
{
    return (Watch){.before = {.threads = 1, .cpu_ns = NS_PER_MS},
                   .after = {.threads = 1,
                             .mono_ns = NS_PER_S,
                             .cpu_ns = (1 + used_ms) * NS_PER_MS,
                             .queued_ns = queued_ms * NS_PER_MS,
                             .switches = sleeps}};
}

static int per_mille(double share)
{
    return (int)(share * 1000 + 0.5);
}

static void queueing_is_the_machines_doing(void **state)
{
    (void)state;
    Watch alone = second(990, 0, 3), crowded = second(100, 890, 3), sleeper = second(1, 499, 10);
    assert_int_equal(per_mille(watch_own_cpu_share(&alone)), 990);
    assert_int_equal(per_mille(watch_cpu_share(&crowded)), 100);
    assert_int_equal(per_mille(watch_own_cpu_share(&crowded)), 909);
    /* Who never slept used whatever there was, also where the last wait is not counted yet. */
    Watch spinner = second(40, 300, 0);
    assert_int_equal(per_mille(watch_own_cpu_share(&spinner)), 1000);
    assert_int_equal(per_mille(watch_own_cpu_share(&sleeper)), 2);
}

static void samples_taken_apart_are_no_more_than_a_core(void **state)
{
    (void)state;
    Watch late = second(200, 810, 0), queued_only = second(0, 1000, 0);
    assert_int_equal(per_mille(watch_own_cpu_share(&late)), 1000);
    assert_int_equal(per_mille(watch_own_cpu_share(&queued_only)), 0);
}

static void several_threads_are_taken_as_they_are(void **state)
{
    (void)state;
    Watch two = second(300, 1400, 0);
    two.after.threads = 2;
    assert_int_equal(per_mille(watch_own_cpu_share(&two)), 300);
}

static void who_never_sleeps_is_busy(void **state)
{
    (void)state;
    Watch crowded = second(1, 990, 0), sleeper = second(1, 990, 10), waits = second(0, 0, 0);
    Watch settled = crowded;
    settled.settled = true;
    assert_true(watch_busy(&crowded));
    assert_false(watch_busy(&sleeper));
    assert_false(watch_busy(&settled));
    assert_false(watch_busy(&waits));
    assert_int_equal((int)watch_wakeups(&sleeper), 10);
}

/* A loop that sleeps while its child burns a core is not asleep. */
static void children_count(void **state)
{
    (void)state;
    Watch busy = second(0, 0, 0), ended = second(100, 0, 1);
    busy.after.children_ns = 900 * NS_PER_MS;
    ended.before.children_ns = 40 * NS_PER_MS;
    assert_int_equal(per_mille(watch_cpu_share(&busy)), 900);
    assert_int_equal(per_mille(watch_own_cpu_share(&busy)), 900);
    assert_true(watch_busy(&busy));
    assert_int_equal(per_mille(watch_cpu_share(&ended)), 100);
}

static void clock_line(Buf *log, double ms, double lasts_ms, const char *text)
{
    buf_printf(log, "10 %.9f %s <%.9f>\n", 1 + ms / 1e3, text, lasts_ms / 1e3);
}

/* A timer of 100 ms in the queue: each tick ends a wait, and is then read. */
static void a_tick_that_is_read_is_one_wakeup(void **state)
{
    (void)state;
    Observation run;
    Watch watch = {.start_ns = NS_PER_S + 10 * NS_PER_MS, .end_ns = NS_PER_S + 490 * NS_PER_MS};
    Buf log;
    observation_init(&run, "data-later");
    buf_init(&log, 1 << 16);
    clock_line(&log, 0, 0.01, "execve(\"/bin/p\", [\"p\"], 0x1 /* 0 vars */) = 0");
    for (int tick = 0; tick < 5; tick++) {
        clock_line(&log, tick * 93 + 11, 94,
                   "epoll_wait(5<anon_inode:[eventpoll]>, [{events=EPOLLIN, data={u32=6, u64=6}}], "
                   "1, -1) = 1");
        clock_line(&log, tick * 93 + 105.5, 0.02,
                   "read(6<anon_inode:[timerfd]>, \"\\1\\0\\0\\0\\0\\0\\0\\0\", 8) = 8");
    }
    run.trace = trace_new(strace_blind);
    StraceParser *parser = strace_parser_new(run.trace, "/bin/p", NULL, NULL);
    strace_parser_feed(parser, log.data, log.len);
    strace_parser_end(parser);
    strace_parser_free(parser);
    Idleness idle = idleness(&run, &watch);
    assert_int_equal(idle.returns, 5);
    assert_true(idle.per_second <= 10); /* 5 in 0.48 s are 10.4, where the watch began by chance */
    observation_release(&run);
    buf_release(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queueing_is_the_machines_doing),
        cmocka_unit_test(samples_taken_apart_are_no_more_than_a_core),
        cmocka_unit_test(several_threads_are_taken_as_they_are),
        cmocka_unit_test(who_never_sleeps_is_busy),
        cmocka_unit_test(children_count),
        cmocka_unit_test(a_tick_that_is_read_is_one_wakeup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
