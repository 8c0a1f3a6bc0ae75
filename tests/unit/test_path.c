/* Where a name leads, by its text alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/path.h"

static void names_lead_below_or_nowhere(void **state)
{
    (void)state;
    static const struct {
        const char *name, *below;
    } cases[] = {{"a.c", "a.c"},
                 {"./a.c", "a.c"},
                 {"././/a.c", "a.c"},
                 {"/src/./lib/../b.h", "b.h"},
                 {"lib//x/./y", "lib/x/y"},
                 {"..a/b..", "..a/b.."},
                 {"/src", NULL},
                 {"/src/", NULL},
                 {"", NULL},
                 {".", NULL},
                 {"/srcs/a.c", NULL},
                 {"../x.h", NULL},
                 {"../src/x.h", "x.h"},
                 {"../../../../etc/passwd", NULL},
                 {"/etc/passwd", NULL},
                 {"/", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *below = path_below("/src", cases[i].name);
        if (cases[i].below)
            assert_string_equal(below, cases[i].below);
        else
            assert_null(below);
        free(below);
    }
}

static void only_plain_files_are_plain(void **state)
{
    (void)state;
    char folder[] = "/tmp/test-path-XXXXXX";
    assert_non_null(mkdtemp(folder));
    char *file = x_printf("%s/f", folder), *link = x_printf("%s/l", folder);
    FILE *f = fopen(file, "w");
    fclose(f);
    assert_int_equal(symlink("f", link), 0);
    assert_true(path_plain_file(folder, "f"));
    assert_false(path_plain_file(folder, "l"));
    assert_false(path_plain_file(folder, "."));
    assert_false(path_plain_file(folder, "none"));
    unlink(file);
    unlink(link);
    rmdir(folder);
    free(file);
    free(link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lead_below_or_nowhere),
        cmocka_unit_test(only_plain_files_are_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
