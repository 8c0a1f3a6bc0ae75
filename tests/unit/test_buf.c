#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void fresh_and_released_are_empty_strings(void **state)
{
    (void)state;
    Buf buf;
    buf_init(&buf, 10);
    assert_string_equal(buf.data, "");
    buf_clear(&buf);
    buf_str(&buf, "abc");
    buf_release(&buf);
    assert_string_equal(buf.data, "");
    assert_int_equal(buf.len, 0);
    buf_release(&buf);
    buf_str(&buf, "again");
    assert_string_equal(buf.data, "again");
    assert_int_equal(buf.max, 10);
    buf_release(&buf);
}

static void appends(void **state)
{
    (void)state;
    Buf buf;
    buf_init(&buf, 1000);
    buf_str(&buf, "one");
    buf_char(&buf, ' ');
    buf_add(&buf, "a\0b", 3);
    buf_printf(&buf, "%d %s", -5, "x");
    buf_add(&buf, NULL, 0);
    assert_int_equal(buf.len, 3 + 1 + 3 + 4);
    assert_memory_equal(buf.data, "one a\0b-5 x", 12); /* with its NUL */
    for (int i = 0; i < 100; i++)
        buf_str(&buf, "0123456");
    assert_int_equal(buf.len, 711);
    assert_false(buf.full);
    buf_release(&buf);
}

static void stops_at_its_maximum(void **state)
{
    (void)state;
    Buf buf;
    buf_init(&buf, 5);
    buf_str(&buf, "12345");
    assert_false(buf.full);
    buf_char(&buf, '6');
    assert_true(buf.full);
    assert_string_equal(buf.data, "12345");
    buf_clear(&buf);
    assert_false(buf.full);
    buf_printf(&buf, "%s", "a long text");
    assert_true(buf.full);
    assert_string_equal(buf.data, "a lon");
    buf_release(&buf);
    buf_init(&buf, 0);
    buf_str(&buf, "x");
    assert_true(buf.full);
    assert_string_equal(buf.data, "");
    buf_release(&buf);
}

static void hands_over_its_string(void **state)
{
    (void)state;
    Buf buf;
    buf_init(&buf, 10);
    char *text = buf_take(&buf);
    assert_string_equal(text, "");
    free(text);
    buf_str(&buf, "mine");
    text = buf_take(&buf);
    assert_string_equal(text, "mine");
    assert_int_equal(buf.len, 0);
    assert_string_equal(buf.data, "");
    free(text);
    buf_release(&buf);
}

static void copies(void **state)
{
    (void)state;
    char *text = x_strndup("abcdef", 3);
    assert_string_equal(text, "abc");
    free(text);
    text = x_strdup("");
    assert_string_equal(text, "");
    free(text);
    text = x_printf("%s-%d", "a", 7);
    assert_string_equal(text, "a-7");
    free(text);
    int *zeros = x_calloc(0, 8);
    assert_non_null(zeros);
    zeros = x_realloc(zeros, 0);
    assert_non_null(zeros);
    free(zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_and_released_are_empty_strings),
        cmocka_unit_test(appends),
        cmocka_unit_test(stops_at_its_maximum),
        cmocka_unit_test(hands_over_its_string),
        cmocka_unit_test(copies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
