/* A submission in a folder of the test's own, built in a sandbox of each kind. */
#ifndef TESTS_BUILT_FOLDER_H
#define TESTS_BUILT_FOLDER_H

#include "spawned.h"

#include <ftw.h>

#include "build.h"
#include "build_parts.h"
#include "sandbox_linux.h"

static Sandbox *sandbox;
static char folder[] = "/tmp/test-build-XXXXXX"; /* holds the submission `ex` */
static SandboxMode mode;

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st, (void)kind, (void)where;
    return remove(path);
}

static void put(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(const char *name, const char *format, ...)
{
    char *path = x_printf("%s/ex/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    va_list args;
    va_start(args, format);
    vfprintf(file, format, args);
    va_end(args);
    fclose(file);
    free(path);
}

static char *in_ex(const char *name)
{
    return x_printf("%s/ex%s%s", folder, *name ? "/" : "", name);
}

static int empty_submission(void **state)
{
    (void)state;
    char *ex = in_ex("");
    nftw(ex, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    assert_int_equal(mkdir(ex, 0755), 0);
    free(ex);
    return 0;
}

static void built(void *context, Build *build)
{
    (void)build;
    ++*(int *)context;
}

/* The caller releases it. */
static Build compile(void)
{
    Build build = {0};
    uv_loop_t loop;
    int calls = 0;
    char *ex = in_ex("");
    uv_loop_init(&loop);
    build_start(&loop, sandbox, ex, "ex", "prog", &build, built, &calls);
    assert_int_equal(calls, 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(calls, 1);
    assert_int_equal(uv_loop_close(&loop), 0);
    free(ex);
    assert_non_null(build.report.output);
    if (build.end == BUILD_BROKEN)
        fail_msg("broken: %s", build.fault.text);
    return build;
}

static void expect_program(int warnings)
{
    Build build = compile();
    if (build.end != BUILD_OK)
        fail_msg("%s\n%s", build.report.problem, build.report.output);
    assert_int_equal(access(build.binary, X_OK), 0);
    assert_true(build.report.compiled);
    assert_int_equal(build.report.warnings, warnings);
    assert_int_equal(build.report.errors, 0);
    build_release(&build);
    build_release(&build);
}

/* It fails, and the problem's line has this in it. */
static void expect_problem(const char *words)
{
    Build build = compile();
    assert_int_equal(build.end, BUILD_FAILED);
    assert_null(build.binary);
    if (!strstr(build.report.problem, words))
        fail_msg("\"%s\" is not in: %s\n%s", words, build.report.problem, build.report.output);
    assert_null(strchr(build.report.problem, '\n'));
    build_release(&build);
}

static const char main_c[] = "int main(void)\n{\n    return 0;\n}\n";

static int open_all(void **state)
{
    Fault fault = {""};
    (void)state;
    Try try;
    sandbox = mode == SANDBOX_ROOT ? sandbox_open_unproved(false, &fault)
                                   : sandbox_open(mode == SANDBOX_OWN, &fault);
    if (!sandbox || (mode == SANDBOX_ROOT && !sandbox_mode_works(sandbox, mode, &try)))
        fail_msg("%s", fault.text);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    sandbox_close(sandbox);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, empty_submission)

/* All of it in the sandbox, as root without user namespaces, and without any. */
static int run_everywhere(const struct CMUnitTest *tests, size_t n)
{
    static const struct {
        SandboxMode mode;
        const char *name;
    } modes[] = {{SANDBOX_USERNS, "in the sandbox"},
                 {SANDBOX_ROOT, "without user namespaces"},
                 {SANDBOX_OWN, "without one"}};
    int failed = 0;
    if (!mkdtemp(folder))
        return 1;
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        mode = modes[i].mode;
        if (mode != SANDBOX_ROOT || geteuid() == 0)
            failed += _cmocka_run_group_tests(modes[i].name, tests, n, open_all, close_all);
    }
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return failed;
}

#endif
