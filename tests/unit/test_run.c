/* Whole runs: a small program in the sandbox, a script, and what was observed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "heartbeat.h"
#include "run.h"

static Sandbox *sandbox;
static char *binary; /* run_guest.c */
static uv_loop_t loop;

/* --- one run --- */

typedef struct Trial {
    Script script;
    Observation observation;
    RunSpec spec;
    Run *run;
    int done;
} Trial;

static void on_done(void *context, Run *run)
{
    Trial *trial = context;
    assert_ptr_equal(trial->run, run);
    trial->done++;
    run_free(run);
}

static void begin(Trial *trial, const char *how, const char *text)
{
    Fault fault;
    memset(trial, 0, sizeof *trial);
    if (script_parse(&trial->script, "try", text, strlen(text), &fault))
        fail_msg("%s", fault.text);
    observation_init(&trial->observation, "try");
    trial->spec = (RunSpec){.sandbox = sandbox,
                            .scenario = "try",
                            .script = &trial->script,
                            .binary = binary,
                            .name = how,
                            .core = -1};
}

static void start(Trial *trial)
{
    trial->run = run_start(&loop, &trial->spec, &trial->observation, on_done, trial);
    assert_int_equal(trial->done, 0);
}

static void finish(Trial *trial)
{
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(trial->done, 1);
}

static void forget(Trial *trial)
{
    observation_release(&trial->observation);
    script_release(&trial->script);
}

static void play(Trial *trial, const char *how, const char *text)
{
    begin(trial, how, text);
    start(trial);
    finish(trial);
    if (trial->observation.end == RUN_BROKEN)
        print_message("%s\n", trial->observation.fault.text);
}

/* --- how it ends --- */

#define ONCE "args 9107\nA connect\nA send \"hello\\n\"\nexit 5s\n"

static char *printed(const Observation *o)
{
    Buf text;
    buf_init(&text, 4096);
    capture_text(&o->out, &text);
    return buf_take(&text);
}

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

static void ends(const char *how, const char *text, RunEnd end, int status, bool listened)
{
    for (int untraced = 0; untraced < 2; untraced++) {
        Trial trial;
        char *script = malloc(strlen(text) + 20);
        sprintf(script, "%s%s", untraced ? "untraced\n" : "", text);
        play(&trial, how, script);
        if (trial.observation.end != end || trial.observation.status != status)
            fail_msg("%s, %s: end %d, status %d", how, untraced ? "untraced" : "traced",
                     trial.observation.end, trial.observation.status);
        assert_int_equal(trial.observation.listened, listened);
        assert_true(trial.observation.ended_ns >= trial.observation.spawned_ns);
        free(script);
        forget(&trial);
    }
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

/* --- whose failure --- */

static void a_lie_on_stderr_is_its_own(void **state)
{
    (void)state;
    ends("lies", ONCE, RUN_EXITED, 1, false);
    ends("renamed", ONCE, RUN_EXITED, 0, true);
}

static char *write_file(const char *text)
{
    char *folder = sandbox_folder(sandbox, "text", NULL), *path = malloc(strlen(folder) + 10);
    sprintf(path, "%s/text", folder);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    chmod(path, 0755);
    free(folder);
    return path;
}

static void no_program_at_all_is_its_own(void **state)
{
    (void)state;
    char *path = write_file("\x7f no ELF file");
    Trial trial;
    begin(&trial, "text", ONCE);
    trial.spec.binary = path;
    start(&trial);
    finish(&trial);
    assert_int_equal(trial.observation.end, RUN_EXITED);
    assert_int_not_equal(trial.observation.status, 0);
    forget(&trial);
    free(path);
}

static void a_sandbox_that_fails_is_ours(void **state)
{
    (void)state;
    Trial trial;
    for (int traced = 0; traced < 2; traced++) {
        begin(&trial, "good", traced ? ONCE : "untraced\n" ONCE);
        trial.spec.binary = "/nowhere/at/all";
        start(&trial);
        finish(&trial);
        assert_int_equal(trial.observation.end, RUN_BROKEN);
        if (!strstr(trial.observation.fault.text, "/nowhere/at/all"))
            fail_msg("%s", trial.observation.fault.text);
        forget(&trial);
    }
}

static void a_trace_that_can_not_be_kept_is_ours(void **state)
{
    (void)state;
    Trial trial;
    begin(&trial, "good", ONCE);
    trial.spec.keep_trace = "/nowhere/at/all";
    start(&trial);
    finish(&trial);
    assert_int_equal(trial.observation.end, RUN_BROKEN);
    assert_non_null(strstr(trial.observation.fault.text, "/nowhere/at/all"));
    forget(&trial);
    begin(&trial, "good", ONCE);
    trial.spec.keep_trace = "/dev/full";
    start(&trial);
    finish(&trial);
    assert_int_equal(trial.observation.end, RUN_BROKEN);
    assert_non_null(strstr(trial.observation.fault.text, "No space left"));
    forget(&trial);
}

static void keeps_the_trace(void **state)
{
    (void)state;
    Trial trial;
    char bytes[65536];
    char *path = write_file("old");
    begin(&trial, "good", ONCE);
    trial.spec.keep_trace = path;
    start(&trial);
    finish(&trial);
    assert_int_equal(trial.observation.end, RUN_EXITED);
    FILE *file = fopen(path, "r");
    size_t n = fread(bytes, 1, sizeof bytes - 1, file);
    bytes[n] = 0;
    fclose(file);
    assert_non_null(strstr(bytes, "execve(\"/submission/good\""));
    assert_non_null(strstr(bytes, "+++ exited with 0 +++"));
    forget(&trial);
    free(path);
}

/* --- the line, the address --- */

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
    play(&trial, "two", ONCE);
    assert_int_equal(trial.observation.end, RUN_EXITED);
    assert_int_equal(trial.observation.listener_count, 2);
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

/* --- many at once, and nothing left --- */

static void on_cancel(uv_timer_t *timer)
{
    Trial *trials = timer->data;
    run_cancel(trials[0].run);
    run_cancel(trials[1].run);
    run_cancel(trials[1].run);
    uv_close((uv_handle_t *)timer, NULL);
}

static void cancelled(void **state)
{
    (void)state;
    Trial trials[3];
    uv_timer_t timer = {.data = trials};
    for (int i = 0; i < 3; i++) {
        begin(&trials[i], "stays", i ? "A connect\npause 5s\n" : "untraced\nA connect\npause 5s\n");
        start(&trials[i]);
    }
    run_cancel(trials[2].run); /* before anything was done */
    uv_timer_init(&loop, &timer);
    uv_timer_start(&timer, on_cancel, 300, 0);
    int64_t before = clock_mono_ns();
    finish(&trials[0]);
    assert_true(clock_mono_ns() - before < 5 * NS_PER_S);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(trials[i].done, 1);
        assert_int_equal(trials[i].observation.end, RUN_NOT_RUN);
        forget(&trials[i]);
    }
}

static int count(const char *folder)
{
    DIR *dir = opendir(folder);
    int n = 0;
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

static void many_at_once(void **state)
{
    (void)state;
    enum { MANY = 8 };
    static Trial trials[MANY];
    static const char *const names[] = {"good", "stays", "crashes", "spawns"};
    int before = count("/proc/self/fd");
    for (int i = 0; i < MANY; i++) {
        begin(&trials[i], names[i % 4], i % 3 ? ONCE : "untraced\n" ONCE);
        if (i % 4 == 1)
            trials[i].script.n_steps--; /* no exit */
        start(&trials[i]);
    }
    finish(&trials[0]);
    static const RunEnd ends_as[] = {RUN_EXITED, RUN_STOPPED, RUN_SIGNALED, RUN_EXITED};
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(trials[i].done, 1);
        assert_int_equal(trials[i].observation.end, ends_as[i % 4]);
        forget(&trials[i]);
    }
    assert_int_equal(count("/proc/self/fd"), before);
    assert_int_equal(probe_child(getpid()), 0);
}

/* --- set-up --- */

static int set_up(void **state)
{
    (void)state;
    Fault fault = {{0}};
    char command[1024];
    sandbox = sandbox_open(false, &fault);
    if (!sandbox) {
        print_message("%s\n", fault.text);
        return -1;
    }
    char *folder = sandbox_folder(sandbox, "guest", &fault);
    binary = malloc(strlen(folder) + 10);
    sprintf(binary, "%s/guest", folder);
    snprintf(command, sizeof command, "cc -O1 -o '%s' tests/unit/run_guest.c", binary);
    free(folder);
    uv_loop_init(&loop);
    /* Beside the loop's own descriptors, those of the first spawn stay. */
    return system(command) || heartbeat_start(&fault) ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    uv_run(&loop, UV_RUN_DEFAULT);
    int left = uv_loop_close(&loop);
    heartbeat_stop();
    free(binary);
    sandbox_close(sandbox);
    return left;
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
        cmocka_unit_test(a_lie_on_stderr_is_its_own),
        cmocka_unit_test(no_program_at_all_is_its_own),
        cmocka_unit_test(a_sandbox_that_fails_is_ours),
        cmocka_unit_test(a_trace_that_can_not_be_kept_is_ours),
        cmocka_unit_test(keeps_the_trace),
        cmocka_unit_test(lines),
        cmocka_unit_test(listeners),
        cmocka_unit_test(burnt_time_counts),
        cmocka_unit_test(cancelled),
        cmocka_unit_test(many_at_once),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
