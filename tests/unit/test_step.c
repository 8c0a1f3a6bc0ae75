/* Which step of the stub is the next one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/buf.h"
#include "grade_parts.h"

static char folder[] = "/tmp/test-step-XXXXXX";
static const char *const files[] = {"a.c", "b.c", "c.h"};

static void put(const char *name, const char *text)
{
    char *path = x_printf("%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    free(path);
}

static int open_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int close_folder(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = x_printf("%s/%s", folder, files[i]);
        unlink(path);
        free(path);
    }
    return rmdir(folder);
}

typedef struct Verdicts {
    CheckResult checks[3];
    ExerciseResult result;
    Work work;
} Verdicts;

static void verdict(Verdicts *v, int i, const char *id, CheckStatus status, int halves)
{
    v->checks[i] = (CheckResult){
        .id = (char *)(uintptr_t)id, .status = status, .halves = halves, .max_halves = 4};
    if (status == CHECK_SKIP)
        v->checks[i].reason = SKIP_PREREQUISITE;
}

static int step(Verdicts *v)
{
    v->result.checks = v->checks;
    v->result.n_checks = 3;
    v->work.result = &v->result;
    v->work.build.folder = folder;
    work_find_step(&v->work);
    return v->result.todo;
}

static void assert_file(Verdicts *v, const char *file)
{
    assert_string_equal(v->result.first_todo, file);
    free(v->result.first_todo);
}

static const char stub_a[] = "// TODO 1 (first, 2 points; the half of\n// both): begin.\n"
                             "// TODO 2, continued.\n";
static const char stub_b[] = "// TODO 2 (the rest of both; last-one, 1): go on\n// TODO 9\n";

static void the_lowest_step_with_a_check_that_falls_short(void **state)
{
    (void)state;
    put("a.c", stub_a);
    put("b.c", stub_b);
    put("c.h", "// TODO 1 (last-one): headers are not looked at\n");
    Verdicts v = {0};
    verdict(&v, 0, "first", CHECK_PASS, 4);
    verdict(&v, 1, "both", CHECK_FAIL, 0);
    verdict(&v, 2, "last-one", CHECK_SKIP, 0);
    assert_int_equal(step(&v), 1);
    assert_int_equal(v.checks[1].todo, 1);
    assert_int_equal(v.checks[2].todo, 2);
    assert_file(&v, "a.c");
    /* A part of its points: the first of its steps is done. */
    v = (Verdicts){0};
    verdict(&v, 0, "first", CHECK_PASS, 4);
    verdict(&v, 1, "both", CHECK_FAIL, 2);
    verdict(&v, 2, "last-one", CHECK_FAIL, 0);
    assert_int_equal(step(&v), 2);
    assert_file(&v, "b.c"); /* its headline, not what continues it */
}

static void what_the_program_stops_with_comes_first(void **state)
{
    (void)state;
    put("a.c", stub_a);
    put("b.c", stub_b);
    Verdicts v = {0};
    verdict(&v, 0, "first", CHECK_FAIL, 0); /* the comment stayed, the work is done */
    verdict(&v, 1, "both", CHECK_FAIL, 0);
    verdict(&v, 2, "last-one", CHECK_FAIL, 0);
    v.checks[0].said = (char[]){"prog: TODO 9: much later"};
    v.checks[1].said = (char[]){"prog: TODO 2: sleep in 5"};
    v.checks[2].said = (char[]){"prog: TODO 4: no such step here"};
    assert_int_equal(step(&v), 2);
    assert_file(&v, "b.c");
}

/* Nothing of it is built on this machine. */
static void a_file_for_another_kernel_is_passed_over(void **state)
{
    (void)state;
#ifdef __linux__
    static const char other[] =
        "/* kqueue */\n#if defined __APPLE__ || \\\n    defined __FreeBSD__\n";
#else
    static const char other[] = "/* epoll */\n#ifdef __linux__\n";
#endif
    char *text = x_printf("%s%s#endif\n", other, stub_a);
    put("a.c", text);
    put("b.c", "#ifndef __APPLE__\n#include <x.h>\n#endif\n// TODO 2 (both, 2 points): go on\n");
    free(text);
    Verdicts v = {0};
    verdict(&v, 0, "first", CHECK_FAIL, 0);
    verdict(&v, 1, "both", CHECK_FAIL, 0);
    verdict(&v, 2, "z", CHECK_FAIL, 0);
    assert_int_equal(step(&v), 2);
    assert_file(&v, "b.c");
}

/* Of several files with parts of a step, the one whose line is at fault. */
static void the_file_that_is_cited_comes_first(void **state)
{
    (void)state;
    put("a.c", stub_a);
    put("b.c", stub_b);
    Verdicts v = {0};
    verdict(&v, 0, "first", CHECK_PASS, 4);
    verdict(&v, 1, "both", CHECK_FAIL, 2);
    verdict(&v, 2, "z", CHECK_PASS, 0);
    v.checks[1].evidence[0] = (Evidence){.file = (char[]){"a.c"}, .line = 3};
    v.checks[1].n_evidence = 1;
    assert_int_equal(step(&v), 2);
    assert_file(&v, "a.c");
}

static void nobody_waits_for_what_they_have(void **state)
{
    (void)state;
    Verdicts v = {0};
    verdict(&v, 0, "first", CHECK_PASS, 4);
    verdict(&v, 1, "both", CHECK_FAIL, 0);
    verdict(&v, 2, "last-one", CHECK_SKIP, 0);
    v.checks[2].cause = x_strdup("first");
    v.checks[2].message = x_strdup("waits for first: nothing was: seen");
    step(&v);
    free(v.result.first_todo);
    work_mend_causes(&v.work);
    assert_string_equal(v.checks[2].message, "not seen: nothing was: seen; first see to both");
    assert_string_equal(v.checks[2].cause, "both");
    v.checks[1].status = CHECK_PASS; /* nothing falls short: as it was */
    work_mend_causes(&v.work);
    assert_string_equal(v.checks[2].cause, "both");
    free(v.checks[2].cause);
    free(v.checks[2].message);
}

static void nothing_where_nothing_is_left(void **state)
{
    (void)state;
    put("a.c", stub_a);
    put("b.c", "");
    Verdicts v = {0};
    verdict(&v, 0, "first", CHECK_PASS, 4);
    verdict(&v, 1, "both", CHECK_PASS, 4);
    verdict(&v, 2, "of-no-step", CHECK_FAIL, 0);
    assert_int_equal(step(&v), 0);
    assert_null(v.result.first_todo);
    /* A stub: the lowest there is. */
    v = (Verdicts){0};
    verdict(&v, 0, "x", CHECK_FAIL, 0);
    verdict(&v, 1, "first-of-all", CHECK_FAIL, 0); /* no whole word of the list */
    verdict(&v, 2, "z", CHECK_FAIL, 0);
    assert_int_equal(step(&v), 1);
    assert_file(&v, "a.c");
}

static void hostile_comments_are_bounded(void **state)
{
    (void)state;
    Buf text;
    buf_init(&text, 1 << 20);
    for (int i = 0; i < 5000; i++)
        buf_str(&text, "// TODO 3 (");
    put("a.c", text.data);
    put("b.c", "TODO 7 (\x01\xff\"`)");
    buf_release(&text);
    Todo todos[TODOS_MOST];
    Build build = {.folder = folder};
    int n = build_todos(&build, todos);
    assert_int_equal(n, TODOS_MOST);
    assert_string_equal(todos[0].checks, ""); /* the bracket does not close soon enough */
    todos_release(todos, n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lowest_step_with_a_check_that_falls_short),
        cmocka_unit_test(what_the_program_stops_with_comes_first),
        cmocka_unit_test(a_file_for_another_kernel_is_passed_over),
        cmocka_unit_test(the_file_that_is_cited_comes_first),
        cmocka_unit_test(nobody_waits_for_what_they_have),
        cmocka_unit_test(nothing_where_nothing_is_left),
        cmocka_unit_test(hostile_comments_are_bounded),
    };
    return cmocka_run_group_tests(tests, open_folder, close_folder);
}
