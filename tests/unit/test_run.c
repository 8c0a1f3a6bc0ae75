/* Whole runs: a small program in the sandbox, a script, and what was observed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>

#include "run_trial.h"

static void check_good(const Trial *trial)
{
    const Observation *o = &trial->observation;
    assert_int_equal(o->end, RUN_EXITED);
    assert_int_equal(o->status, 0);
    assert_true(o->listened && o->listener.loopback_only);
    assert_int_equal(o->listener_count, 1);
    assert_int_equal(o->listener.port, 9107);
    assert_int_equal(o->port_asked, 9107);
    assert_true(o->line_before_connect);
    assert_string_equal(o->first_line, "listening on 127.0.0.1:9107");
    assert_null(observation_failed_step(o));
    assert_int_equal(o->n_steps, 3);
    assert_true(o->spawned_ns < o->listening_ns && o->listening_ns < o->steps[0].start_ns);
    assert_true(o->steps[0].start_ns < o->ended_ns);
    assert_true(o->cpu_before_data_ns > 0 && o->cpu_last_ns >= o->cpu_before_data_ns);
    char *text = printed(o);
    assert_non_null(strstr(text, "listening on 127.0.0.1:9107\nhello\ncpu_us "));
    free(text);
}

static void good_untraced(void **state)
{
    (void)state;
    Trial trial;
    play(&trial, "good", "untraced\n" ONCE);
    check_good(&trial);
    assert_null(trial.observation.trace);
    forget(&trial);
}

static void good_traced(void **state)
{
    (void)state;
    Trial trial;
    play(&trial, "good", ONCE);
    check_good(&trial);
    const Trace *trace = trial.observation.trace;
    assert_non_null(trace);
    assert_int_equal(trace_count(trace, EV_ACCEPT), 1);
    size_t from = 0;
    const Event *event = trace_next(trace, &from, EV_READ, trace_connection(trace, 1));
    assert_non_null(event);
    assert_int_equal(event->result, 6);
    /* Both clocks are the same one. */
    assert_true(event->end_ns > trial.observation.steps[1].start_ns);
    assert_true(event->end_ns < trial.observation.ended_ns);
    forget(&trial);
}

static void by_itself_before_it_listens(void **state)
{
    (void)state;
    ends("dies", ONCE, RUN_EXITED, 3, false);
    ends("aborts", ONCE, RUN_SIGNALED, SIGABRT, false);
}

static void by_itself_later(void **state)
{
    (void)state;
    ends("crashes", ONCE, RUN_SIGNALED, SIGSEGV, true);
    ends("good", "args 0\nA connect\nsettle\nA close\nexit 5s\n", RUN_EXITED, 4, true);
}

static void by_us(void **state)
{
    (void)state;
    ends("stays", "A connect\nA send \"x\"\nsettle\n", RUN_STOPPED, 0, true);
    ends("stays", "A connect\nA send \"x\"\nexit 50ms\n", RUN_TIMED_OUT, 0, true);
}

/* 5 s to listen, 10 s for the whole: all of these at once. */
static void by_our_limits(void **state)
{
    (void)state;
    Trial trials[4];
    for (int i = 0; i < 4; i++) {
        begin(&trials[i], i < 2 ? "never" : "stays",
              i % 2 ? "pause 20s\n" : "untraced\npause 20s\n");
        start(&trials[i]);
    }
    int64_t before = clock_mono_ns();
    finish(&trials[0]);
    assert_true(clock_mono_ns() - before >= 10 * NS_PER_S);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(trials[i].done, 1);
        assert_int_equal(trials[i].observation.end, i < 2 ? RUN_NO_LISTEN : RUN_TIMED_OUT);
        assert_int_equal(trials[i].observation.listened, i >= 2);
        forget(&trials[i]);
    }
}

static void prints_without_end(void **state)
{
    (void)state;
    Trial trial;
    play(&trial, "floods", "untraced\n" ONCE);
    assert_int_equal(trial.observation.end, RUN_FLOOD);
    assert_true(trial.observation.out.total > RUN_FLOOD_BYTES);
    assert_true(trial.observation.out.head.cap <= RUN_OUTPUT_MOST);
    forget(&trial);
}

static void leaves_a_child_behind(void **state)
{
    (void)state;
    int64_t before = clock_mono_ns();
    ends("spawns", ONCE, RUN_EXITED, 0, true);
    assert_true(clock_mono_ns() - before < 15 * NS_PER_S);
}

static void kills_all_it_can(void **state)
{
    (void)state;
    ends("kills", ONCE, RUN_EXITED, 0, true);
}

static void lines(void **state)
{
    (void)state;
    static const struct {
        const char *how, *line;
        bool before;
    } cases[] = {
        {"late", "listening on 127.0.0.1:9107", true},
        {"unflushed", "", false},
        {"mute", "", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Trial trial;
        play(&trial, cases[i].how, ONCE);
        assert_int_equal(trial.observation.end, RUN_EXITED);
        assert_string_equal(trial.observation.first_line, cases[i].line);
        assert_int_equal(trial.observation.line_before_connect, cases[i].before);
        forget(&trial);
    }
}

static void listeners(void **state)
{
    (void)state;
    Trial trial;
    play(&trial, "anywhere", ONCE);
    assert_int_equal(trial.observation.end, RUN_EXITED);
    assert_false(trial.observation.listener.loopback_only);
    assert_string_equal(trial.observation.listener.address, "0.0.0.0");
    forget(&trial);
    play(&trial, "many", ONCE);
    assert_int_equal(trial.observation.end, RUN_EXITED);
    assert_int_equal(trial.observation.listener_count, 7);
    assert_int_equal(trial.observation.listener.port, 9107);
    forget(&trial);
    play(&trial, "good", "A connect\nA send \"x\"\nexit 5s\n"); /* no argument */
    assert_int_equal(trial.observation.port_asked, -1);
    assert_int_equal(trial.observation.listener.port, 9000);
    forget(&trial);
}

static void burnt_time_counts(void **state)
{
    (void)state;
    Trial trial;
    play(&trial, "good", "untraced\nburn 60ms\nA connect\nwatch 50ms\nA send \"x\"\nexit 5s\n");
    const Observation *o = &trial.observation;
    assert_int_equal(o->end, RUN_EXITED);
    assert_int_equal(o->burnt_ns, 60 * NS_PER_MS);
    assert_true(o->cpu_before_data_ns >= 60 * NS_PER_MS);
    assert_int_equal(o->n_watches, 1);
    assert_true(o->watches[0].settled);
    char *text = printed(o), *cpu = strstr(text, "cpu_us ");
    assert_non_null(cpu);
    assert_true(atol(cpu + 7) >= 60000);
    free(text);
    forget(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_untraced),
        cmocka_unit_test(good_traced),
        cmocka_unit_test(by_itself_before_it_listens),
        cmocka_unit_test(by_itself_later),
        cmocka_unit_test(by_us),
        cmocka_unit_test(by_our_limits),
        cmocka_unit_test(prints_without_end),
        cmocka_unit_test(leaves_a_child_behind),
        cmocka_unit_test(kills_all_it_can),
        cmocka_unit_test(lines),
        cmocka_unit_test(listeners),
        cmocka_unit_test(burnt_time_counts),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
