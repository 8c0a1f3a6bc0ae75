/* The page that text reports are laid out on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/page.h"

static void columns_of_characters(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int columns;
    } cases[] = {{"", 0},   {"abc", 3}, {"é", 1},   {"e\xcc\x81", 1}, {"日本", 4},
                 {"한", 2}, {"🐟", 2},   {"●_█", 3}, {"\xff", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(page_columns(cases[i].text, strlen(cases[i].text)), cases[i].columns);
}

/* White space of any kind is passed over before a command. */
static void no_command_behind_blanks(void **state)
{
    (void)state;
    static const char *const texts[] = {" ::error::x", "\u3000::error::x",
                                        " \u2003 \u00a0::error::x"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Page page;
        Buf out;
        buf_init(&out, 4096);
        page_init(&page, &out, NULL);
        page_to(&page, 4);
        page_piece(&page, texts[i]);
        page_end(&page);
        page_words(&page, texts[i], 0);
        page_end(&page);
        const char *at = strstr(out.data, "\\::error::x");
        assert_non_null(at);
        assert_non_null(strstr(at + 1, "\\::error::x"));
        buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_of_characters),
        cmocka_unit_test(no_command_behind_blanks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
