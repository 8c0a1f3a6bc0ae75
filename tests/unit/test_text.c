#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void assert_clean(const char *bytes, size_t len, const char *expected)
{
    Buf out;
    buf_init(&out, 4096);
    text_clean(&out, bytes, len);
    assert_string_equal(out.data, expected);
    buf_release(&out);
}

static void assert_quote(const char *bytes, size_t len, size_t most, const char *expected)
{
    Buf out;
    buf_init(&out, 4096);
    text_quote(&out, bytes, len, most);
    assert_string_equal(out.data, expected);
    buf_release(&out);
}

#define CLEAN(literal, expected)       assert_clean(literal, sizeof(literal) - 1, expected)
#define QUOTE(literal, most, expected) assert_quote(literal, sizeof(literal) - 1, most, expected)

static void plain_text_stays(void **state)
{
    (void)state;
    CLEAN("", "");
    CLEAN("two\nlines\tand a tab \\ \"", "two\nlines\tand a tab \\ \"");
    CLEAN("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x8e\xa3",
          "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x8e\xa3");
}

static void controls_are_shown(void **state)
{
    (void)state;
    CLEAN("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m");
    CLEAN("a\rb\0c\x7f\b", "a\\x0db\\x00c\\x7f\\x08");
    CLEAN("\xc2\x9b"
          "31m",
          "\\u{009b}31m");
}

static void deceit_is_shown(void **state)
{
    (void)state;
    CLEAN("a\xe2\x80\xae"
          "b",
          "a\\u{202e}b");
    CLEAN("\xef\xbb\xbf", "\\u{feff}");
    CLEAN("\xe2\x80\x8b\xe2\x81\xa6\xe2\x80\xa8", "\\u{200b}\\u{2066}\\u{2028}");
    CLEAN("\xd8\x9c\xf3\xa0\x81\x81", "\\u{061c}\\u{e0041}");
    CLEAN("\xef\xbf\xbe\xef\xbf\xbf", "\\u{fffe}\\u{ffff}"); /* no XML may hold these */
    CLEAN("\xef\xbf\xbd", "\xef\xbf\xbd");
}

static void broken_bytes_are_shown_one_by_one(void **state)
{
    (void)state;
    CLEAN("\xff\xfe", "\\xff\\xfe");
    CLEAN("\xc3", "\\xc3");
    CLEAN("\xc3(", "\\xc3(");
    CLEAN("\xe2\x82", "\\xe2\\x82");
    CLEAN("\xc0\xaf", "\\xc0\\xaf");                   /* overlong */
    CLEAN("\xe0\x80\xaf", "\\xe0\\x80\\xaf");          /* overlong */
    CLEAN("\xed\xa0\x80", "\\xed\\xa0\\x80");          /* a surrogate */
    CLEAN("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* past U+10FFFF */
    CLEAN("\x80", "\\x80");
}

static void lengths_of_utf8(void **state)
{
    (void)state;
    assert_int_equal(text_utf8("", 0), 0);
    assert_int_equal(text_utf8("\0", 1), 1);
    assert_int_equal(text_utf8("a", 1), 1);
    assert_int_equal(text_utf8("\xc2\x80", 2), 2);
    assert_int_equal(text_utf8("\xe0\xa0\x80", 3), 3);
    assert_int_equal(text_utf8("\xf4\x8f\xbf\xbf", 4), 4);
    assert_int_equal(text_utf8("\xf4\x8f\xbf\xbf", 3), 0);
}

static void quotes_like_a_c_string(void **state)
{
    (void)state;
    QUOTE("a\n\t\r\\\"", 100, "a\\n\\t\\r\\\\\\\"");
    QUOTE("a\0b", 100, "a\\0b");
    QUOTE("a\0"
          "1\0"
          "9",
          100, "a\\0001\\09"); /* \01 would be another byte */
    QUOTE("\x1b", 100, "\\x1b");
}

static void quotes_no_more_than_asked(void **state)
{
    (void)state;
    QUOTE("abcdef", 6, "abcdef");
    QUOTE("abcdef", 5, "abcde...");
    QUOTE("abc", 0, "...");
    QUOTE("", 0, "");
    QUOTE("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 2, "\xe2\x82\xac\xe2\x82\xac...");
}

static void digits_of_bytes(void **state)
{
    (void)state;
    char hex[9];
    text_hex(hex, "\x00\x7f\x80\xff", 4);
    assert_string_equal(hex, "007f80ff");
    text_hex(hex, "", 0);
    assert_string_equal(hex, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_of_bytes),
        cmocka_unit_test(plain_text_stays),
        cmocka_unit_test(controls_are_shown),
        cmocka_unit_test(deceit_is_shown),
        cmocka_unit_test(broken_bytes_are_shown_one_by_one),
        cmocka_unit_test(lengths_of_utf8),
        cmocka_unit_test(quotes_like_a_c_string),
        cmocka_unit_test(quotes_no_more_than_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
