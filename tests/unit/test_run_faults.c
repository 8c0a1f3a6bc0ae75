/* Runs that break: whose failure it is, and that nothing is left of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <unistd.h>

#include "run_trial.h"

static void a_lie_on_stderr_is_its_own(void **state)
{
    (void)state;
    ends("lies", ONCE, RUN_EXITED, 1, false);
    ends("renamed", ONCE, RUN_EXITED, 0, true);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lie_on_stderr_is_its_own),
        cmocka_unit_test(no_program_at_all_is_its_own),
        cmocka_unit_test(a_sandbox_that_fails_is_ours),
        cmocka_unit_test(a_trace_that_can_not_be_kept_is_ours),
        cmocka_unit_test(keeps_the_trace),
        cmocka_unit_test(cancelled),
        cmocka_unit_test(many_at_once),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
