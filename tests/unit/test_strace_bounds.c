/* Odd lines, long ones and very many: nothing grows without end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "strace_lines.h"

static void odd_lines_are_counted_and_passed_over(void **state)
{
    (void)state;
    static const char *const odd[] = {"x",
                                      "7",
                                      "7 ",
                                      "7 1.1",
                                      "7 1.1 ",
                                      "7 x read(",
                                      "-7 1.1 pause() = 0",
                                      "7 1.1 read",
                                      "7 1.1 read(5, \"abc",
                                      "7 1.1 read(5, \"x\", 1)",
                                      "7 1.1 read(5, \"x\", 1) = x",
                                      "7 1.1 +++ exited",
                                      "7 1.1 --- SIG",
                                      "7 1.1 <... read",
                                      "7 1.1 <... read resumed",
                                      "99999999999999999999 1.1 pause() = 0",
                                      "7 99999999999999999999.5 pause() = 0",
                                      "7 1.12345678901 pause() = 0",
                                      "\xff\xfe"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char text[300];
        snprintf(text, sizeof text, RUN "%s\n7 1.2 +++ exited with 0 +++\n", odd[i]);
        Parsed parsed = parse(text);
        if (parsed.odd != 1)
            fail_msg("not odd: %s", odd[i]);
        assert_int_equal(trace_count(parsed.trace, EV_EXIT), 1);
        trace_free(parsed.trace);
    }
    Parsed parsed = parse(RUN "7 1.1 ?\?\?\?( <unfinished ...>\n7 1.1 uname(0x1) = 0\n\n"
                              "7 1.2 <... uname resumed>) = 0\n");
    assert_int_equal(parsed.odd, 0);
    assert_int_equal(trace_len(parsed.trace), 0);
    trace_free(parsed.trace);
}

static void assert_long_line(size_t len, size_t piece)
{
    Buf text;
    buf_init(&text, 1 << 20);
    buf_str(&text, RUN "7 1.1 write(5<socket:[1]>, \"");
    for (size_t i = 0; i < len; i++)
        buf_char(&text, 'x');
    buf_str(&text, "\", 99999) = 77 <0.5>\n7 1.9 +++ exited with 0 +++\n");
    Trace *trace = trace_new(0);
    StraceParser *parser = strace_parser_new(trace, "/p", NULL, NULL);
    for (size_t at = 0; at < text.len; at += piece)
        strace_parser_feed(parser, text.data + at, text.len - at < piece ? text.len - at : piece);
    strace_parser_end(parser);
    assert_int_equal(strace_parser_odd(parser), 0);
    assert_int_equal(trace_len(trace), 2);
    assert_int_equal(trace_at(trace, 0)->result, 77);
    assert_int_equal(trace_at(trace, 0)->end_ns - trace_at(trace, 0)->start_ns, 500000000);
    assert_string_equal(trace_at(trace, 0)->raw,
                        "write(5, \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"..., 99999) = 77");
    strace_parser_free(parser);
    trace_free(trace);
    buf_release(&text);
}

static void of_a_long_line_both_ends_are_kept(void **state)
{
    (void)state;
    assert_long_line(3 * STRACE_LINE, 1000);
    assert_long_line(3 * STRACE_LINE, 1 << 20);
    for (size_t more = 0; more < 80; more++) {
        assert_long_line(STRACE_LINE - 60 + more, 10000);
        assert_long_line(STRACE_LINE + 1000 + more, 1);
    }
}

static void evidence_is_clean_and_short(void **state)
{
    (void)state;
    Parsed parsed = parse(RUN "7 1.1 write(5<\x1b[31m\xe2\x80\xae>, \"\xff\", 9) = 1\n");
    assert_string_equal(only(&parsed)->raw, "write(5<\\x1b[31m\\u{202e}>, \"\\xff\", 9) = 1");
    trace_free(parsed.trace);
    Buf text;
    buf_init(&text, 4096);
    buf_str(&text, RUN "7 1.1 write(5, \"");
    for (int i = 0; i < 200; i++)
        buf_str(&text, "\xe2\x82\xac"); /* three bytes each: the cut must not split one */
    buf_str(&text, "\", 600) = 600\n");
    parsed = parse(text.data);
    assert_string_equal(
        only(&parsed)->raw,
        "write(5, \"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
        "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\"..., 600) = 600");
    trace_free(parsed.trace);
    buf_release(&text);
}

static const char *shown(const char *line)
{
    static char text[TRACE_RAW + 1];
    Buf whole;
    buf_init(&whole, 4096);
    buf_printf(&whole, RUN "7 1.1 %s\n", line);
    Parsed parsed = parse(whole.data);
    snprintf(text, sizeof text, "%s", only(&parsed)->raw);
    trace_free(parsed.trace);
    buf_release(&whole);
    return text;
}

/* The size and the result stand behind the string: they must not be lost for it. */
static void evidence_shows_both_ends_of_a_call(void **state)
{
    (void)state;
    assert_string_equal(
        shown("write(5<socket:[77]>, \"0123456789012345678901234567890123456789\"..., "
              "65536) = 2190"),
        "write(5, \"0123456789012345678901234567890\"..., 65536) = 2190");
    assert_string_equal(shown("read(5, \"\\\"quoted\\\" and \\0 and \\177\", 9) = 9"),
                        "read(5, \"\\\"quoted\\\" and \\0 and \\177\", 9) = 9");
    assert_string_equal(
        shown("write(5, \"012345678901234567890123456\\177\\177\\177\\177\", 34) = 34"),
        "write(5, \"012345678901234567890123456\\177\"..., 34) = 34");
}

static void a_spin_is_bounded_and_counted(void **state)
{
    (void)state;
    Trace *trace = trace_new(0);
    StraceParser *parser = strace_parser_new(trace, "/p", NULL, NULL);
    const char *start = RUN "7 1.1 accept4(3<socket:[1]>, NULL, NULL, 0) = 4<socket:[2]>\n";
    const char *spin =
        "7 1.2 read(4<socket:[2]>, 0x7ffe, 1024) = -1 EAGAIN (Resource) <0.000056>\n";
    strace_parser_feed(parser, start, strlen(start));
    for (int i = 0; i < 40000; i++)
        strace_parser_feed(parser, spin, strlen(spin));
    strace_parser_end(parser);
    assert_int_equal(trace_len(trace), TRACE_HEAD + TRACE_TAIL);
    assert_int_equal(trace_count(trace, EV_READ), 40000);
    assert_int_equal(trace_count_would_block(trace), 40000);
    strace_parser_free(parser);
    trace_free(trace);
}

/* What a call has read or written is known only when it returns: it is bounded nevertheless. */
static void long_writes_are_bounded(void **state)
{
    (void)state;
    enum { WRITES = 3000, LONG = 1000 };
    Trace *trace = trace_new(0);
    StraceParser *parser = strace_parser_new(trace, "/p", NULL, NULL);
    char line[LONG + 100], bytes[LONG + 1];
    size_t all = 0;
    strace_parser_feed(parser, RUN, strlen(RUN));
    memset(bytes, 'x', LONG);
    bytes[LONG] = 0;
    snprintf(line, sizeof line, "7 1.2 write(1<pipe:[1]>, \"%s\", %d) = %d <0.000056>\n", bytes,
             LONG, LONG);
    for (int i = 0; i < WRITES; i++)
        strace_parser_feed(parser, line, strlen(line));
    strace_parser_end(parser);
    assert_int_equal(trace_count(trace, EV_WRITE), WRITES);
    for (size_t i = 0; i < trace_len(trace); i++)
        all += trace_at(trace, i)->data_len;
    assert_int_equal(trace_at(trace, 0)->data_len, LONG);
    assert_in_range(all, TRACE_DATA / 2, TRACE_DATA + WRITES * TRACE_DATA_CUT);
    strace_parser_free(parser);
    trace_free(trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_lines_are_counted_and_passed_over),
        cmocka_unit_test(of_a_long_line_both_ends_are_kept),
        cmocka_unit_test(evidence_is_clean_and_short),
        cmocka_unit_test(evidence_shows_both_ends_of_a_call),
        cmocka_unit_test(a_spin_is_bounded_and_counted),
        cmocka_unit_test(long_writes_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
