/* Where a submission is within its repository. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "commands/paths.h"

static void assert_place(const char *dir, const char *wanted)
{
    char *place = place_in_repository(dir);
    assert_string_equal(place, wanted);
    free(place);
}

static void make(const char *folder)
{
    assert_int_equal(mkdir(folder, 0700), 0);
}

static void places(void **state)
{
    (void)state;
    char top[] = "/tmp/paths.XXXXXX";
    assert_non_null(mkdtemp(top));
    assert_int_equal(chdir(top), 0);
    make("folder");
    make("folder/a");
    make("folder/a/b c");
    assert_place("folder/a/", "folder/a"); /* in no repository */
    assert_place(".", "");
    assert_place("/", "/");
    assert_place("not there", "not there");
    make("folder/.git");
    assert_place("folder/a", "a");
    assert_place("folder/a/b c/", "a/b c");
    assert_place("folder/a/../a", "a");
    assert_place("folder", "");
    assert_int_equal(chdir("folder/a"), 0);
    assert_place(".", "a");
    assert_place("..", "");
    char *whole = x_printf("%s/folder/a", top);
    assert_place(whole, "a");
    free(whole);
    assert_int_equal(chdir("/"), 0);
    char *gone = x_printf("rm -rf %s", top);
    assert_int_equal(system(gone), 0);
    free(gone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
