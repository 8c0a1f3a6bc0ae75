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

/* One that comes late keeps its beginning and its end nevertheless. */
static void all_are_bounded_together(void **state)
{
    (void)state;
    enum { RUNS = 40, MOST = 1 << 20, PIECE = 1000, PIECES = 3000 };
    static char text[PIECE];
    Capture captures[RUNS];
    uint64_t kept = 0;
    memset(text, 'x', sizeof text);
    for (int r = 0; r < RUNS; r++) {
        capture_init(&captures[r], MOST);
        add(&captures[r], "begins");
        for (int i = 0; i < PIECES; i++)
            capture_add(&captures[r], text, sizeof text);
        add(&captures[r], "ends");
        uint64_t mine = captures[r].total - capture_dropped(&captures[r]);
        assert_in_range(mine, CAPTURE_LEAST, MOST);
        kept += mine;
        Buf out;
        buf_init(&out, MOST);
        capture_text(&captures[r], &out);
        assert_int_equal(out.len, mine);
        assert_memory_equal(out.data, "beginsx", 7);
        assert_string_equal(out.data + out.len - 5, "xends");
        buf_release(&out);
    }
    assert_int_equal(captures[0].total - capture_dropped(&captures[0]), MOST);
    assert_in_range(kept, CAPTURE_BUDGET / 2, CAPTURE_BUDGET + RUNS * CAPTURE_LEAST + MOST);
    for (int r = 0; r < RUNS; r++)
        capture_release(&captures[r]);
    capture_init(&captures[0], MOST);
    for (int i = 0; i < PIECES; i++)
        capture_add(&captures[0], text, sizeof text);
    assert_int_equal(captures[0].total - capture_dropped(&captures[0]), MOST);
    capture_release(&captures[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_all_that_fits),
        cmocka_unit_test(drops_the_middle),
        cmocka_unit_test(every_split_keeps_the_same),
        cmocka_unit_test(counts_lines_that_were_dropped),
        cmocka_unit_test(no_room_at_all),
        cmocka_unit_test(all_are_bounded_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
