#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "pages/html.h"
#include "pages/submission.h"

static Buf out;

static int fresh(void **state)
{
    (void)state;
    buf_init(&out, 1 << 20);
    return 0;
}

static int gone(void **state)
{
    (void)state;
    buf_release(&out);
    return 0;
}

static void assert_text(const char *text, const char *expected)
{
    buf_clear(&out);
    html_text(&out, text);
    assert_string_equal(out.data, expected);
}

static void markup_is_inert(void **state)
{
    (void)state;
    assert_text("<script>alert('1')</script>", "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
    assert_text("\" onload=\"x", "&quot; onload=&quot;x");
    assert_text("&lt;&amp;", "&amp;lt;&amp;amp;");
    assert_text("`${1}` {{x}} <!-- ]]>", "`${1}` {{x}} &lt;!-- ]]&gt;");
    assert_text(NULL, "");
    assert_text("", "");
}

static void words_stay(void **state)
{
    (void)state;
    assert_text("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x8e\xa3 \xd7\x90\t\n",
                "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x8e\xa3 \xd7\x90\t\n");
}

#define LOST "\xef\xbf\xbd"

static void what_no_document_holds_is_replaced(void **state)
{
    (void)state;
    assert_text("a\x01z\x1b[31m\x7f", "a" LOST "z" LOST "[31m" LOST);
    assert_text("cut \xe2\x82", "cut " LOST LOST);
    assert_text("long \xc0\xbc", "long " LOST LOST);
    assert_text("lone \xed\xa0\x80", "lone " LOST LOST LOST);
    assert_text("turn \xe2\x80\xaetxt.exe", "turn " LOST "txt.exe");
    assert_text("isolate \xe2\x81\xa6x", "isolate " LOST "x");
    assert_text("c1 \xc2\x85x", "c1 " LOST "x");
    assert_text("mark \xef\xbb\xbfx", "mark " LOST "x");
    html_text_n(&out, "nul\0<", 5);
    assert_non_null(strstr(out.data, "nul" LOST "&lt;"));
}

static void pieces_of_addresses_are_encoded(void **state)
{
    (void)state;
    html_piece(&out, "a-b_c.~9/../?x=1&y#\"'<\xc3\xa9 %");
    assert_string_equal(out.data, "a-b_c.~9%2F..%2F%3Fx%3D1%26y%23%22%27%3C%C3%A9%20%25");
}

static void places_are_filled(void **state)
{
    (void)state;
    html_add(&out, "<a href=\"%u\">%t</a> %d %D %p %p %s 5%%", "a b", "<", -3,
             INT64_C(-9223372036854775807) - 1, 25, 40, "<b>");
    assert_string_equal(out.data,
                        "<a href=\"a%20b\">&lt;</a> -3 -9223372036854775808 12.5 20 <b> 5%");
}

static void spans_of_time(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {{-5, "0 s"},          {0, "0 s"},         {59, "59 s"},
                 {60, "1 min"},        {3599, "59 min"},   {3600, "1 h"},
                 {5400, "1 h 30 min"}, {90000, "1 d 1 h"}, {864000, "10 d"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_clear(&out);
        html_span(&out, cases[i].seconds);
        assert_string_equal(out.data, cases[i].text);
    }
}

static void times(void **state)
{
    (void)state;
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    html_ago(&out, 0, 100);
    assert_non_null(strstr(out.data, "never"));
    buf_clear(&out);
    html_ago(&out, 1000000000, 1000000090);
    assert_string_equal(out.data, "<time datetime=\"2001-09-09T01:46:40Z\" "
                                  "title=\"2001-09-09 03:46:40 CEST\" data-ago>1 min ago</time>");
    buf_clear(&out);
    html_time(&out, 1796165940); /* the time that `courseweb due` and grades go by */
    assert_non_null(strstr(out.data, "2026-12-01T22:59:00Z"));
    assert_non_null(strstr(out.data, ">2026-12-01 23:59 CET</time>"));
    buf_clear(&out);
    html_time(&out, INT64_MAX); /* a clock gone wrong is no crash */
    assert_non_null(strstr(out.data, "<time"));
}

static void figures(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"}, {0.206, "0.21"}, {12.34, "12.3"}, {998.5, "998"}, {1e300, "1000000000000"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_clear(&out);
        html_figure(&out, cases[i].value);
        assert_string_equal(out.data, cases[i].text);
    }
    buf_clear(&out);
    html_figure(&out, -1);
    assert_non_null(strstr(out.data, "–"));
}

static void messages_lead_to_their_scenario(void **state)
{
    (void)state;
    part_message(&out, "ex3_echo_server", "burst.peer:7: A expected <b>; see two-clients.peer:12");
    assert_string_equal(
        out.data, "<a href=\"/scenario/ex3_echo_server/burst#L7\">burst.peer:7</a>: A expected "
                  "&lt;b&gt;; see <a href=\"/scenario/ex3_echo_server/two-clients#L12\">"
                  "two-clients.peer:12</a>");
    buf_clear(&out);
    part_message(&out, "ex3", ".peer:7 <i>.peer:8 a.peer: B.peer:9 a.peer:1234567");
    assert_string_equal(out.data, ".peer:7 &lt;i&gt;.peer:8 a.peer: B.peer:9 a.peer:1234567");
}

/* --- a line of C --- */

static void assert_line(const char *line, bool before, const char *expected, bool after)
{
    bool comment = before;
    buf_clear(&out);
    source_line(&out, line, strlen(line), &comment);
    assert_string_equal(out.data, expected);
    assert_int_equal(comment, after);
}

#define WORD(text)    "<span class=\"word\">" text "</span>"
#define STRING(text)  "<span class=\"string\">" text "</span>"
#define COMMENT(text) "<span class=\"comment\">" text "</span>"

static void a_line_is_marked(void **state)
{
    (void)state;
    assert_line("return 0; // <b>", false, WORD("return") " 0; " COMMENT("// &lt;b&gt;"), false);
    assert_line("x /* a", false, "x " COMMENT("/* a"), true);
    assert_line("b */ if", true, COMMENT("b */") " " WORD("if"), false);
    assert_line("still", true, COMMENT("still"), true);
    assert_line("/*/ no end", false, COMMENT("/*/ no end"), true);
    assert_line("s = \"a\\\"</pre>\" + 'x';", false,
                "s = " STRING("&quot;a\\&quot;&lt;/pre&gt;&quot;") " + " STRING("&#39;x&#39;") ";",
                false);
    assert_line("char *open = \"no end\\", false, WORD("char") " *open = " STRING("&quot;no end\\"),
                false);
    assert_line("iffy do_it while_", false, "iffy do_it while_", false);
    assert_line("", true, COMMENT(""), true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(markup_is_inert, fresh, gone),
        cmocka_unit_test_setup_teardown(words_stay, fresh, gone),
        cmocka_unit_test_setup_teardown(what_no_document_holds_is_replaced, fresh, gone),
        cmocka_unit_test_setup_teardown(pieces_of_addresses_are_encoded, fresh, gone),
        cmocka_unit_test_setup_teardown(places_are_filled, fresh, gone),
        cmocka_unit_test_setup_teardown(spans_of_time, fresh, gone),
        cmocka_unit_test_setup_teardown(times, fresh, gone),
        cmocka_unit_test_setup_teardown(figures, fresh, gone),
        cmocka_unit_test_setup_teardown(messages_lead_to_their_scenario, fresh, gone),
        cmocka_unit_test_setup_teardown(a_line_is_marked, fresh, gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
