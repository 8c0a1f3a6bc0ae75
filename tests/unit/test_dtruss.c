#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "trace/dtruss.h"
#include "trace_dump.h"

#define HEAD "\tPID/THRD  RELATIVE  ELAPSD    CPU SYSCALL(args) \t\t = return\n"

/* Derived from the script's own formats: three arguments, addresses for structures. */
static const char plain[] = HEAD
    "  749/0x1a0f:      100      10      9 socket(0x2, 0x1, 0x0)\t\t = 3 0\n"
    "  749/0x1a0f:      120      10      9 listen(0x3, 0x80, 0x0)\t\t = 0 0\n"
    "  749/0x1a0f:      150   50010      9 accept_nocancel(0x3, 0x0, 0x0)\t\t = 4 0\n"
    "  749/0x1a0f:      160       5      5 fcntl(0x4, 0x4, 0x6)\t\t = 0 0\n"
    "  749/0x1a0f:      170       5      5 read(0x4, \"\\0\", 0x400)\t\t = -1 Err#35\n"
    "  749/0x1a0f:      180  100005      5 __semwait_signal(0xC03, 0x0, 0x1)\t\t = -1 Err#60\n"
    "  749/0x1a0f:      190       5      5 read(0x4, \"hel\\\"lo\\n\\0\", 0x400)\t\t = 7 0\n"
    "  749/0x1a0f:      200       5      5 kqueue(0x0, 0x0, 0x0)\t\t = 5 0\n"
    "  749/0x1a0f:      210  200007      7 kevent(0x5, 0x7FF7B1, 0x2)\t\t = 1 0\n"
    "  749/0x1a0f:      220       5      5 write(0xFFFFFFFFFFFFFFFF, \"\\0\", 0x6)\t\t = -1 Err#9\n"
    "  749/0x1a0f:      230       5      5 mmap(0x0, 0x1000, 0x3, 0x1002, 0xFF, 0x0)\t\t = 0x10E5 "
    "0\n"
    "  749/0x1a0f:      240       5      5 close(0x4)\t\t = 0 0\n"
    "dtrace: error on enabled probe ID 1\n"
    "\nCALL                                        COUNT\n";

/* The same with structures shown, as a script of one's own would. */
static const char whole[] =
    "  749/0x1a0f:      100      10      9 kqueue()\t\t = 5 0\n"
    "  749/0x1a0f:      110      10      9 socket(0x2, 0x1, 0x0)\t\t = 4 0\n"
    "  749/0x1a0f:      120      10     10 kevent(0x5, [{ident=4, filter=-1, flags=0x21, "
    "udata=0x7}, {ident=4, filter=-2, flags=0x1, udata=0x8}], 2, 0x0, 0x0, 0x0)\t\t = 0 0\n"
    "  749/0x1a0f:      130 1000010     10 kevent(0x5, 0x0, 0x0, [{ident=4, filter=-1, "
    "flags=0x8000, udata=0x7}, {ident=4, filter=-2, flags=0x1, udata=0x8}], 0x8, {tv_sec=2, "
    "tv_nsec=5})\t\t = 2 0\n"
    "  749/0x1a0f:      140      10     10 kevent(0x5, [{ident=4, filter=-1, flags=0x2, "
    "udata=0x0}], 1, 0x0, 0x0, 0x0)\t\t = 0 0\n"
    "  749/0x1a0f:      150      10     10 kevent(0x5, 0x0, 0x0, [{ident=4, filter=-1, "
    "flags=0x1, udata=0x7}], 0x8, 0x0)\t\t = 1 0\n";

static Trace *parse(const char *text, size_t piece, uint64_t *odd)
{
    Trace *trace = trace_new(dtruss_blind);
    DtrussParser *parser = dtruss_parser_new(trace, 1000000000);
    size_t len = strlen(text);
    for (size_t at = 0; at < len; at += piece)
        dtruss_parser_feed(parser, text + at, len - at < piece ? len - at : piece);
    dtruss_parser_end(parser);
    *odd = dtruss_parser_odd(parser);
    dtruss_parser_free(parser);
    return trace;
}

static void assert_same_in_pieces(const char *text, const char *expected)
{
    for (size_t piece = 1; piece < 4000; piece *= 3) {
        uint64_t odd;
        Trace *trace = parse(text, piece, &odd);
        Buf out;
        buf_init(&out, DUMP_MOST);
        trace_dump(&out, trace);
        assert_string_equal(out.data, expected);
        assert_int_equal(odd, 0);
        buf_release(&out);
        trace_free(trace);
    }
}

static void what_dtruss_shows(void **state)
{
    (void)state;
    assert_same_in_pieces(plain,
                          "       0 +10     1/2 socket fd=3#4 = 3 (socket)\n"
                          "      21 +10     1/2 listen fd=3#4 = 0 (listen)\n"
                          "      52 +50010  1/2 accept fd=4#5 listener=#4 = 4 (accept)\n"
                          "   50067 +5      1/2 nonblock fd=4#5 set = 0 (fcntl)\n"
                          "   50077 +5      1/2 read fd=4#5 = -1 EAGAIN (read)\n"
                          "   50087 +100005 1/2 sleep timeout=unknown = 0 (__semwait_signal)\n"
                          "  150097 +5      1/2 read fd=4#5 = 7 \"hel\\\"lo\\n\" (read)\n"
                          "  150107 +5      1/2 queue kqueue fd=5#6 queue=#6 = 5 (kqueue)\n"
                          "  150115 +0      1/2 watch kqueue queue=#6 token=0 = 1 (kevent)\n"
                          "  150115 +0      1/2 watch kqueue queue=#6 token=0 = 1 (kevent)\n"
                          "  150115 +200007 1/2 wait kqueue queue=#6 timeout=unknown = 1 (kevent)\n"
                          "  350122 +0      1/2 wake kqueue queue=#6 token=0 = 1 (kevent)\n"
                          "  350127 +5      1/2 write = -1 EBADF (write)\n"
                          "  350147 +5      1/2 close fd=4#5 last = 0 (close)\n"
                          "#1 stdio fd=0 names=1\n#2 stdio fd=1 names=1\n#3 stdio fd=2 names=1\n"
                          "#4 listener fd=3 names=1\n"
                          "#5 connection fd=4 names=0 closed ordinal=1 listener=#4\n"
                          "#6 queue fd=5 names=1\nwould block: 1\n");
}

static void structures_where_they_are_shown(void **state)
{
    (void)state;
    assert_same_in_pieces(
        whole,
        "       0 +10     1/2 queue kqueue fd=5#4 queue=#4 = 5 (kqueue)\n"
        "      11 +10     1/2 socket fd=4#5 = 4 (socket)\n"
        "      21 +0      1/2 watch kqueue fd=4#5 queue=#4 token=7 readable edge add = 0 (kevent)\n"
        "      21 +0      1/2 watch kqueue fd=4#5 queue=#4 token=8 writable add = 0 (kevent)\n"
        "      31 +1000010 1/2 wait kqueue queue=#4 timeout=2000000us = 2 (kevent)\n"
        " 1000041 +0      1/2 wake kqueue fd=4#5 queue=#4 token=7 readable hangup = 2 (kevent)\n"
        " 1000041 +0      1/2 wake kqueue fd=4#5 queue=#4 token=8 writable = 2 (kevent)\n"
        " 1000041 +0      1/2 watch kqueue fd=4#5 queue=#4 token=0 readable remove = 0 (kevent)\n"
        " 1000051 +10     1/2 wait kqueue queue=#4 timeout=never = 1 (kevent)\n"
        " 1000061 +0      1/2 wake kqueue fd=4#5 queue=#4 token=7 readable = 1 (kevent)\n"
        "#1 stdio fd=0 names=1\n#2 stdio fd=1 names=1\n#3 stdio fd=2 names=1\n"
        "#4 queue fd=5 names=1\n#5 socket fd=4 names=1\nwould block: 0\n");
}

static void children_have_their_own_descriptors(void **state)
{
    (void)state;
    uint64_t odd;
    Trace *trace = parse("7/0x1:  1 1 1 socket(0x2, 0x1, 0x0)\t\t = 3 0\n"
                         "7/0x1:  2 1 1 fork()\t\t = 8 0\n"
                         "8/0x2:  1:  0: 0 fork()\t\t = 0 0\n"
                         "8/0x2:  3 1 1 close(0x3)\t\t = 0 0\n"
                         "7/0x1:  4 1 1 dup2(0x3, 0x9, 0x0)\t\t = 9 0\n"
                         "7/0x1:  5 1 1 ioctl(0x9, 0x8004667E, 0x7FFE)\t\t = 0 0\n",
                         1000, &odd);
    assert_int_equal(odd, 0);
    assert_int_equal(trace_lookup(trace, 8, 3), 0);
    assert_int_equal(trace_lookup(trace, 7, 9), trace_lookup(trace, 7, 3));
    assert_int_equal(trace_count(trace, EV_SPAWN), 1);
    const Event *last = trace_at(trace, trace_len(trace) - 1);
    assert_int_equal(last->kind, EV_NONBLOCK);
    assert_int_equal(last->object, trace_lookup(trace, 7, 3));
    trace_free(trace);
}

static void errors_are_of_this_machine(void **state)
{
    (void)state;
    static const struct {
        const char *number;
        int error;
    } errors[] = {{"35", EAGAIN}, {"4", EINTR},     {"54", ECONNRESET}, {"60", ETIMEDOUT},
                  {"24", EMFILE}, {"57", ENOTCONN}, {"250", EPROTO},    {"0", EPROTO}};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        char *text =
            x_printf("7/0x1: 1 1 1 read(0x3, \"\", 0x1)\t\t = -1 Err#%s\n", errors[i].number);
        uint64_t odd;
        Trace *trace = parse(text, 1000, &odd);
        assert_int_equal(trace_at(trace, 0)->error, errors[i].error);
        assert_int_equal(trace_at(trace, 0)->result, -1);
        trace_free(trace);
        free(text);
    }
}

static void odd_lines_are_passed_over(void **state)
{
    (void)state;
    static const char *const lines[] = {"x",
                                        "7/0x1",
                                        "7/0x1: read",
                                        "7/0x1: 1 1 1 read(0x3",
                                        "7/0x1: 1 1 1 read(0x3, \"\", 0x1)",
                                        "-7/0x1: 1 f() = 0 0",
                                        "7/0x1: 1 1 1 read(0x3, \"x\", 0x1) = x"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        uint64_t odd;
        Trace *trace = parse(lines[i], 1000, &odd);
        assert_int_equal(odd, 1);
        assert_int_equal(trace_len(trace), 0);
        trace_free(trace);
    }
    dtruss_parser_free(NULL);
}

static void says_what_it_cannot_see(void **state)
{
    (void)state;
    const EventKind unseen[] = {EV_WATCH, EV_WAKE, EV_MARK, EV_SIGNAL, EV_EXIT};
    for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
        assert_true(dtruss_blind & 1u << unseen[i]);
    assert_false(dtruss_blind & 1u << EV_READ);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_dtruss_shows),
        cmocka_unit_test(structures_where_they_are_shown),
        cmocka_unit_test(children_have_their_own_descriptors),
        cmocka_unit_test(errors_are_of_this_machine),
        cmocka_unit_test(odd_lines_are_passed_over),
        cmocka_unit_test(says_what_it_cannot_see),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
