/* Addresses, forms, cookies, Basic authentication. */
#include "web_scratch.h"

#include "router.h"

static Pieces pieces;

static void matches(void **state)
{
    (void)state;
    assert_true(route_matches("/", "/", &pieces));
    assert_true(route_matches("/a/*/b/*", "/a/x-1_y.z/b/2", &pieces));
    assert_int_equal(pieces.n, 2);
    assert_string_equal(pieces.text[0], "x-1_y.z");
    assert_string_equal(pieces.text[1], "2");
}

static void matches_nothing_odd(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "",       "/",      "/a/",     "/a//",        "/a/..",  "/a/.",    "/a/.git", "/a/x/",
        "/a/x/y", "/a/x y", "/a/x%2f", "/a/\xc3\xa4", "/a/x\n", "/a/x\\y", "//a/x",   "/A/x"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        if (route_matches("/a/*", odd[i], &pieces))
            fail_msg("\"%s\" matched", odd[i]);
    char longest[PIECE_MOST + 8] = "/a/";
    memset(longest + 3, 'x', PIECE_MOST);
    assert_true(route_matches("/a/*", longest, &pieces));
    longest[3 + PIECE_MOST] = 'x';
    assert_false(route_matches("/a/*", longest, &pieces));
}

static void addresses(void **state)
{
    (void)state;
    char good[] = "/a%20b%C3%A4", bad[][8] = {"%", "%4", "%zz", "a%00", "%0a", "%7f", "\x01"};
    assert_true(address_decode(good));
    assert_string_equal(good, "/a b\xc3\xa4");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(address_decode(bad[i]));
        assert_string_equal(bad[i], "");
    }
}

static void forms(void **state)
{
    (void)state;
    char value[8];
    assert_true(form_field("a=1&name=x%20y%2B+z&b=", "name", value, sizeof value));
    assert_string_equal(value, "x y+ z");
    assert_true(form_field("a=1&b=", "b", value, sizeof value));
    assert_string_equal(value, "");
    assert_false(form_field("a=1&xname=2", "name", value, sizeof value));
    assert_false(form_field("name=12345678", "name", value, sizeof value));
    assert_false(form_field("name=%00", "name", value, sizeof value));
    assert_false(form_field("name=%ff", "name", value, sizeof value));
    assert_false(form_field("name=%1b", "name", value, sizeof value));
    assert_false(form_field("name=%", "name", value, sizeof value));
    assert_false(form_field("", "name", value, sizeof value));
}

static void cookies(void **state)
{
    (void)state;
    char value[8];
    assert_true(cookie_field("a=1; session=abc; b=2", "session", value, sizeof value));
    assert_string_equal(value, "abc");
    assert_false(cookie_field("xsession=abc", "session", value, sizeof value));
    assert_false(cookie_field("session=12345678", "session", value, sizeof value));
    assert_false(cookie_field(";;=;", "session", value, sizeof value));
}

static void basic(void **state)
{
    (void)state;
    char user[8], password[8];
    assert_true(basic_auth("Basic YWRhOnNlYzpyZXQ=", user, sizeof user, password, sizeof password));
    assert_string_equal(user, "ada");
    assert_string_equal(password, "sec:ret");
    static const char *const odd[] = {"Basic",       "Basic ",     "Basic !!!!",
                                      "Bearer YWRh", "Basic YWRh", "Basic YWRhYWRhYWRhYWRhOng="};
    assert_false(basic_auth(NULL, user, sizeof user, password, sizeof password));
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_false(basic_auth(odd[i], user, sizeof user, password, sizeof password));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches),   cmocka_unit_test(matches_nothing_odd),
        cmocka_unit_test(addresses), cmocka_unit_test(forms),
        cmocka_unit_test(cookies),   cmocka_unit_test(basic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
