/*
 * A page drawn for a test: as who sees it, and held against what every document keeps to.
 */
#ifndef TESTS_UNIT_DRAWN_PAGE_H
#define TESTS_UNIT_DRAWN_PAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../browser/sample_submission.h"

typedef void (*Drawer)(Buf *out, const Frame *frame);

static inline void draw_submission(Buf *out, const Frame *frame)
{
    Result result;
    SubmissionPage page = sample_submission(&result);
    pages_submission(out, frame, &page);
    result_release(&result);
}

static const char *current = ""; /* for what a failure says */

static inline int count(const char *text, const char *what)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what))
        n++;
    return n;
}

/* The name of the element whose tag begins here; its length. */
static inline size_t name_length(const char *tag)
{
    return strspn(tag, "abcdefghijklmnopqrstuvwxyz0123456789");
}

static inline bool stands_alone(const char *name, size_t len)
{
    static const char *const names[] = {"meta", "link", "input", "br", "img"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
            return true;
    return false;
}

/* The end of a tag, quoted values passed over; also looks for what the policy forbids. */
static const char *tag_end(const char *at)
{
    bool quoted = false;
    for (; *at && (quoted || *at != '>'); at++) {
        if (*at == '"')
            quoted = !quoted;
        if (!quoted && at[0] == ' ' && at[1] == 'o' && at[2] == 'n')
            fail_msg("%s: a handler in a tag: %.60s", current, at);
        if (!quoted && strncmp(at, " style=", 7) == 0)
            fail_msg("%s: a style in a tag: %.60s", current, at);
    }
    assert_true(*at == '>');
    return at + 1;
}

/* Every element that opens is closed, in order; no tag but of ours. */
static inline void assert_nested(const char *page)
{
    enum { DEEPEST = 64 };
    const char *open[DEEPEST];
    int depth = 0;
    for (const char *at = strchr(page + 1, '<'); at; at = strchr(at, '<')) {
        bool closes = at[1] == '/';
        const char *name = at + 1 + closes;
        size_t len = name_length(name), opened;
        if (len == 0)
            fail_msg("%s: no tag: %.60s", current, at);
        at = tag_end(name);
        if (closes) {
            assert_true(depth > 0);
            opened = name_length(open[--depth]);
            if (opened != len || memcmp(open[depth], name, len) != 0)
                fail_msg("%s: </%.*s> closes <%.*s> near %.80s", current, (int)len, name,
                         (int)opened, open[depth], at);
        } else if (!stands_alone(name, len) && at[-2] != '/') {
            assert_true(depth < DEEPEST);
            open[depth++] = name;
        }
    }
    assert_int_equal(depth, 0);
}

static const char *value_of(const char *at)
{
    static char value[4096];
    size_t len = strcspn(at, "\"");
    assert_true(len < sizeof value);
    memcpy(value, at, len);
    value[len] = 0;
    return value;
}

/* No id twice; what points to an id of the page finds it. */
static inline void assert_ids(const char *page)
{
    char wanted[4200];
    for (const char *at = page; (at = strstr(at, " id=\"")); at += 5) {
        snprintf(wanted, sizeof wanted, " id=\"%s\"", value_of(at + 5));
        if (count(page, wanted) != 1)
            fail_msg("%s: %d elements have %s", current, count(page, wanted), wanted);
    }
    for (const char *at = page; (at = strstr(at, " href=\"#")); at += 8) {
        snprintf(wanted, sizeof wanted, " id=\"%s\"", value_of(at + 8));
        if (!strstr(page, wanted))
            fail_msg("%s: nothing has %s", current, wanted);
    }
}

static inline void assert_document(const char *name, const char *page)
{
    current = name;
    assert_int_equal(strncmp(page, "<!doctype html>\n", 16), 0);
    assert_nested(page);
    assert_ids(page);
    assert_int_equal(count(page, "<main"), 1);
    assert_int_equal(count(page, "<h1>"), 1);
    assert_int_equal(count(page, "<script"), 1); /* app.js */
    assert_int_equal(count(page, "<style"), 0);
    assert_int_equal(count(page, "<img"), 0);
    assert_int_equal(count(page, "javascript:"), 0);
    int posts = count(page, "method=\"post\""), open = count(page, "action=\"/signin\"");
    assert_int_equal(count(page, "name=\"csrf\""), posts - open);
}

static inline char *drawn(Drawer draw, Role role, const char *view_as)
{
    Buf out;
    buf_init(&out, PAGES_HTML_MOST);
    Frame frame = sample_frame(role);
    frame.view_as = view_as;
    draw(&out, &frame);
    return buf_take(&out);
}

static inline void assert_shows(Drawer draw, Role role, const char *view_as, const char *what,
                                bool shows)
{
    char *page = drawn(draw, role, view_as);
    if ((strstr(page, what) != NULL) != shows)
        fail_msg("role %d: \"%s\" %s", (int)role, what, shows ? "is not there" : "is there");
    free(page);
}

#endif
