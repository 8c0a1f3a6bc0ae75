/* grader-launch: what it does in its own process, and how it fails. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "sandbox_linux.h"

static char *launch;

static int find(void **state)
{
    Fault fault = {""};
    Sandbox *sandbox = sandbox_open_unproved(true, &fault);
    *state = sandbox;
    if (!sandbox)
        fail_msg("%s", fault.text);
    launch = sandbox->launch;
    return 0;
}

static int leave(void **state)
{
    sandbox_close(*state);
    return 0;
}

/* Runs the launcher with these words; returns its exit status, -1 if it was killed. */
static int launched(Buf *text, SandboxInfo *info, const char *const *words)
{
    char *argv[24] = {launch};
    for (int i = 0; words[i]; i++)
        argv[i + 1] = (char *)words[i];
    Try try;
    try_command(argv, -1, 10, &try);
    buf_clear(text);
    buf_str(text, try.text);
    *info = try.info;
    return WIFEXITED(try.status) ? WEXITSTATUS(try.status) : -1;
}

#define LAUNCH(...) launched(&text, &info, (const char *const[]){__VA_ARGS__, NULL})

static void words_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    SandboxInfo info;
    Buf text;
    buf_init(&text, 4096);
    assert_int_equal(LAUNCH("pass"), 0);
    assert_int_equal(LAUNCH("outer"), 125);
    assert_int_equal(LAUNCH("outer", "--"), 125);
    assert_int_equal(LAUNCH("sideways", "--", "/bin/true"), 125);
    assert_int_equal(LAUNCH("outer", "speed=1", "--", "/bin/true"), 125);
    assert_int_equal(LAUNCH("outer", "core=x", "--", "/bin/true"), 125);
    assert_int_equal(LAUNCH("outer", "core=", "--", "/bin/true"), 125);
    assert_non_null(strstr(text.data, "usage: grader-launch"));
    assert_int_equal(LAUNCH("outer", "cgroup=/nonexistent", "--", "/bin/true"), 125);
    assert_non_null(strstr(text.data, "/nonexistent/cgroup.procs"));
    assert_int_equal(LAUNCH("outer", "parent=1", "--", "/bin/true"), 125);
    buf_release(&text);
}

static void the_command_runs_with_nothing_but_what_was_said(void **state)
{
    (void)state;
    SandboxInfo info;
    Buf text;
    buf_init(&text, 4096);
    assert_int_equal(LAUNCH("outer", "--", "/usr/bin/env"), 0);
    assert_string_equal(text.data, "");
    assert_int_equal(LAUNCH("outer", "env=A=1", "env=B=x y", "--", "/usr/bin/env"), 0);
    assert_string_equal(text.data, "A=1 B=x y");
    assert_int_equal(LAUNCH("inner", "folder=/usr", "--", "/bin/pwd"), 0);
    assert_string_equal(text.data, "/usr");
    assert_int_equal(LAUNCH("inner", "folder=/nonexistent", "--", "/bin/pwd"), 125);
    assert_int_equal(LAUNCH("inner", "descriptors=77", "--", "/bin/sh", "-c", "ulimit -n"), 0);
    assert_string_equal(text.data, "77");
    buf_release(&text);
}

/* By the kernel's own accounting, so that neither part can pass for the whole. (So long, for to begin
 * costs the kernel up to 80 ms under the sanitizers.) */
static void what_is_burnt_is_half_the_users(void **state)
{
    (void)state;
    SandboxInfo info;
    Buf text;
    buf_init(&text, 4096);
    for (int i = 0; i < 8; i++) {
        double user = 0, kernel = 0;
        assert_int_equal(LAUNCH("inner", "burn=200000", "--", "/bin/bash", "-c", "times"), 0);
        assert_int_equal(sscanf(text.data, "0m%lfs 0m%lfs", &user, &kernel), 2);
        assert_true(user + kernel >= 0.195);
        if (user < kernel / 3 || kernel < user / 3)
            fail_msg("%g s of the user's, %g s of the kernel's", user, kernel);
    }
    buf_release(&text);
}

static void ready_is_said_once_and_closed(void **state)
{
    (void)state;
    SandboxInfo info;
    Buf text;
    buf_init(&text, 4096);
    assert_int_equal(LAUNCH("inner", "ready=3", "--", "/bin/sh", "-c", "echo forged >&3"), 2);
    assert_string_equal(info.text, "exec\n");
    assert_int_equal(LAUNCH("inner", "ready=3", "--", "/nonexistent"), 126);
    assert_string_equal(info.text, "exec\nfailed 2\n");
    assert_int_equal(LAUNCH("inner", "ready=9", "--", "/bin/true"), 125);
    buf_release(&text);
}

static void the_reaper_ends_what_is_left(void **state)
{
    (void)state;
    SandboxInfo info;
    Buf text;
    buf_init(&text, 4096);
    assert_int_equal(LAUNCH("inner", "ready=3", "reap=1", "--", "/bin/sh", "-c",
                            "setsid sleep 1000 & echo $!; exit 7"),
                     7);
    assert_true(info.started);
    assert_true(info.child > 0);
    pid_t daemon = (pid_t)atoi(text.data);
    assert_true(daemon > 0);
    assert_int_equal(kill(daemon, 0), -1);
    assert_int_equal(LAUNCH("inner", "reap=1", "--", "/bin/sh", "-c", "kill -SEGV $$"), 139);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_that_make_no_sense_are_refused),
        cmocka_unit_test(the_command_runs_with_nothing_but_what_was_said),
        cmocka_unit_test(what_is_burnt_is_half_the_users),
        cmocka_unit_test(ready_is_said_once_and_closed),
        cmocka_unit_test(the_reaper_ends_what_is_left),
    };
    return cmocka_run_group_tests(tests, find, leave);
}
