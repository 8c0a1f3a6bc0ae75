/* What a submission says can not speak to what reads the report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/escape.h"
#include "written_report.h"

static char *code_in_cell(const char *text)
{
    Buf out;
    buf_init(&out, 1 << 20);
    escape_markdown_code(&out, text, true);
    return buf_take(&out);
}

static char *code(const char *text)
{
    Buf out;
    buf_init(&out, 1 << 20);
    escape_markdown_code(&out, text, false);
    return buf_take(&out);
}

static char *with(void (*escape)(Buf *out, const char *text), const char *text)
{
    Buf out;
    buf_init(&out, 1 << 20);
    escape(&out, text);
    return buf_take(&out);
}

static void assert_escaped(void (*escape)(Buf *out, const char *text), const char *text,
                           const char *wanted)
{
    char *got = with(escape, text);
    assert_string_equal(got, wanted);
    free(got);
}

static void workflow_commands(void **state)
{
    (void)state;
    assert_escaped(escape_command, "100% of a\nb", "100%25 of a%0Ab");
    assert_escaped(escape_command, "a\rb", "a\\x0db");
    assert_escaped(escape_command, "std::move, x: 1", "std::move, x: 1");
    assert_escaped(escape_command, "::error::x", "\\::error::x");
    assert_escaped(escape_command, "a\n \t::set-output name=a::b",
                   "a%0A \t\\::set-output name=a::b");
    assert_escaped(escape_command, "\u3000\u2003 ::error::x", "\u3000\u2003 \\::error::x");
    assert_escaped(escape_command, "é::x", "é::x");
    assert_escaped(escape_command, "a ##[error]z", "a #\\#[error]z");
    assert_escaped(escape_command, "###[error]", "##\\#[error]");
    assert_escaped(escape_command, "##vso[task]", "#\\#vso[task]");
    assert_escaped(escape_command, "##[##[", "#\\#[#\\#[");
    assert_escaped(escape_command, "%0A::x", "%250A::x");
    assert_escaped(escape_command, NULL, "");
    assert_escaped(escape_command_value, "a.c,line=7::b\n", "a.c%2Cline=7%3A%3Ab%0A");
    assert_escaped(escape_command_value, "100%", "100%25");
}

static void markdown_words(void **state)
{
    (void)state;
    assert_escaped(escape_markdown, "5 bytes, 'ok'?", "5 bytes, 'ok'?");
    assert_escaped(escape_markdown, "<b>", "&#60;b&#62;");
    assert_escaped(escape_markdown, "[x](http://y)", "&#91;x&#93;&#40;http&#58;&#47;&#47;y&#41;");
    assert_escaped(escape_markdown, "a|b\n# c", "a&#124;b &#35; c");
    assert_escaped(escape_markdown, "@ada", "&#64;<!-- -->ada");
    assert_escaped(escape_markdown, "&lt;", "&#38;lt;");
    assert_escaped(escape_markdown, "$x$ \\", "&#36;x&#36; &#92;");
    assert_escaped(escape_markdown, "é ●", "é ●");
}

static void markdown_code(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } cases[] = {{"read(4)", "` read(4) `"},
                 {"a`b", "`` a`b ``"},
                 {"``", "``` `` ```"},
                 {"a\n| b |", "` a \\| b \\| `"},
                 {"", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = code_in_cell(cases[i].text);
        assert_string_equal(got, cases[i].wanted);
        free(got);
    }
    char *got = code("a|b");
    assert_string_equal(got, "` a|b `");
    free(got);
}

static void markdown_blocks(void **state)
{
    (void)state;
    assert_escaped(escape_markdown_block, "a\nb\n", "```text\na\nb\n```\n");
    assert_escaped(escape_markdown_block, "a", "```text\na\n```\n");
    assert_escaped(escape_markdown_block, "```\n# x\n", "````text\n```\n# x\n````\n");
}

static void xml(void **state)
{
    (void)state;
    Buf out;
    buf_init(&out, 1000);
    escape_xml(&out, "<a b='c'>&\"]]>\n\t\001\xff\xef\xbf\xbf", true);
    assert_string_equal(out.data, "&lt;a b=&#39;c&#39;&gt;&amp;&quot;]]&gt;&#10;&#9;\\x01\\xff"
                                  "\\u{ffff}");
    buf_clear(&out);
    escape_xml(&out, "a\n\tb", false);
    assert_string_equal(out.data, "a\n\tb");
    buf_clear(&out);
    escape_xml(&out, "a::b\n  ::error::x\nc ##[error]y\n##vso[z]", false);
    assert_string_equal(out.data, "a::b\n  &#58;:error::x\nc &#35;#[error]y\n&#35;#vso[z]");
    buf_release(&out);
}

static void json(void **state)
{
    (void)state;
    Buf out;
    buf_init(&out, 1000);
    escape_json_take(&out, json_pack("[sss]", "###[a]", "##vso[b]", "# ## c"), 0);
    assert_string_equal(out.data, "[\"#\\u0023#[a]\", \"\\u0023#vso[b]\", \"# ## c\"]");
    json_t *again = json_loads(out.data, 0, NULL);
    assert_string_equal(json_string_value(json_array_get(again, 0)), "###[a]");
    json_decref(again);
    buf_release(&out);
}

/* Of no hostile text does anything stay that its reader would act on. */
static void hostile_text(void **state)
{
    (void)state;
    for (int n = 0; n < NASTY; n++) {
        char *text = with(escape_command, nasty[n]);
        assert_null(strpbrk(text, "\r\n\033"));
        assert_null(strstr(text, "##["));
        assert_null(strstr(text, "##vso["));
        assert_true(strncmp(text, "::", 2) != 0);
        assert_null(strstr(text, "%0A::"));
        free(text);
        text = with(escape_command_value, nasty[n]);
        assert_null(strpbrk(text, "\r\n:,"));
        free(text);
        text = with(escape_markdown, nasty[n]);
        assert_null(strpbrk(text, "\n*_[]()`|~>=.:/\\$"));
        free(text);
    }
}

static void long_text_is_bounded(void **state)
{
    (void)state;
    char *text = x_calloc(1, 100001);
    memset(text, 'x', 100000);
    char *got = with(escape_command, text);
    assert_int_equal(strlen(got), ESCAPE_MOST);
    free(got);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(workflow_commands),
        cmocka_unit_test(markdown_words),
        cmocka_unit_test(markdown_code),
        cmocka_unit_test(markdown_blocks),
        cmocka_unit_test(xml),
        cmocka_unit_test(hostile_text),
        cmocka_unit_test(long_text_is_bounded),
        cmocka_unit_test(json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
