/* A sandbox of each kind that this machine can make, for the tests of it. */
#ifndef TESTS_OPEN_SANDBOX_H
#define TESTS_OPEN_SANDBOX_H

#include "spawned.h"

#include "sandbox_linux.h"

static const SandboxCommand plain = {.core = -1};

static int open_sandbox(void **state)
{
    Fault fault = {""};
    *state = sandbox_open(false, &fault);
    if (!*state)
        fail_msg("%s", fault.text);
    return 0;
}

/* As on a machine that denies unprivileged user namespaces. */
static int open_sandbox_of_root(void **state)
{
    Fault fault = {""};
    Try try;
    Sandbox *sandbox = sandbox_open_unproved(false, &fault);
    assert_non_null(sandbox);
    if (!sandbox_mode_works(sandbox, SANDBOX_ROOT, &try))
        fail_msg("%s", try.text);
    *state = sandbox;
    return 0;
}

static int close_sandbox(void **state)
{
    sandbox_close(*state);
    return 0;
}

/* As root all of it a second time, without user namespaces. */
static int run_in_each(const struct CMUnitTest *tests, size_t n)
{
    int failed = _cmocka_run_group_tests("the usual mode", tests, n, open_sandbox, close_sandbox);
    if (geteuid() == 0)
        failed += _cmocka_run_group_tests("without user namespaces", tests, n, open_sandbox_of_root,
                                          close_sandbox);
    return failed;
}

#endif
