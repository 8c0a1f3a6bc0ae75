#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/capture.h"

static void add(Capture *capture, const char *text)
{
    capture_add(capture, text, strlen(text));
}

static void assert_kept(const Capture *capture, const char *expected)
{
    Buf out;
    buf_init(&out, 1000);
    capture_text(capture, &out);
    assert_string_equal(out.data, expected);
    buf_release(&out);
}

static void keeps_all_that_fits(void **state)
{
    (void)state;
    Capture capture;
    capture_init(&capture, 20);
    assert_kept(&capture, "");
    add(&capture, "0123456789");
    assert_kept(&capture, "0123456789");
    assert_null(capture.tail);
    add(&capture, "abc");
    add(&capture, "defghij");
    assert_kept(&capture, "0123456789abcdefghij");
    assert_int_equal(capture_dropped(&capture), 0);
    capture_release(&capture);
    capture_release(&capture);
}

static void drops_the_middle(void **state)
{
    (void)state;
    Capture capture;
    capture_init(&capture, 8);
    add(&capture, "abc");
    add(&capture, "defgh");
    assert_kept(&capture, "abcdefgh");
    add(&capture, "ijk");
    assert_kept(&capture, "abcdhijk");
    assert_int_equal(capture_dropped(&capture), 3);
    add(&capture, "a piece that is longer than all");
    assert_kept(&capture, "abcd all");
    assert_int_equal(capture.total, 11 + 31);
    assert_int_equal(capture_dropped(&capture), 42 - 8);
    capture_release(&capture);
}

static void every_split_keeps_the_same(void **state)
{
    (void)state;
    const char *text = "WouldBlock\ntask 1: x\ncpu_us 5\n";
    for (size_t piece = 1; piece < 12; piece++) {
        Capture capture;
        capture_init(&capture, 10);
        for (size_t at = 0; at < strlen(text); at += piece) {
            size_t rest = strlen(text) - at;
            capture_add(&capture, text + at, piece < rest ? piece : rest);
        }
        assert_kept(&capture, "Wouldus 5\n");
        assert_int_equal(capture.reserved[RESERVED_WOULD_BLOCK], 1);
        assert_int_equal(capture.reserved[RESERVED_TASK], 1);
        assert_int_equal(capture.reserved[RESERVED_CPU_US], 1);
        capture_release(&capture);
    }
}

static void counts_lines_that_were_dropped(void **state)
{
    (void)state;
    Capture capture;
    capture_init(&capture, 64);
    for (int i = 0; i < 1000; i++)
        add(&capture, "WouldBlock again\n");
    add(&capture, " WouldBlock\nWould\nBlock\nxWouldBlock\nWouldBloc\ncpu\n_us\ntas k\n\n");
    assert_int_equal(capture.reserved[RESERVED_WOULD_BLOCK], 1000);
    assert_int_equal(capture.reserved[RESERVED_CPU_US], 0);
    assert_int_equal(capture.reserved[RESERVED_TASK], 0);
    add(&capture, "task"); /* not ended yet, but begun */
    assert_int_equal(capture.reserved[RESERVED_TASK], 1);
    capture_add(&capture, "\0task\n", 6);
    assert_int_equal(capture.reserved[RESERVED_TASK], 1);
    capture_release(&capture);
}

static void no_room_at_all(void **state)
{
    (void)state;
    Capture capture;
    capture_init(&capture, 1);
    add(&capture, "task 1\n");
    assert_kept(&capture, "");
    assert_int_equal(capture_dropped(&capture), 7);
    assert_int_equal(capture.reserved[RESERVED_TASK], 1);
    capture_release(&capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_all_that_fits),
        cmocka_unit_test(drops_the_middle),
        cmocka_unit_test(every_split_keeps_the_same),
        cmocka_unit_test(counts_lines_that_were_dropped),
        cmocka_unit_test(no_room_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
