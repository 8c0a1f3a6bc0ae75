/* How often somebody may fail to sign in, or ask for a link. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "limits.h"

static Tries tries;

static int begin(void **state)
{
    (void)state;
    tries_init(&tries);
    return 0;
}

static int end(void **state)
{
    (void)state;
    tries_release(&tries);
    return 0;
}

static int allowed(TryKind what, const char *address, const char *name, int64_t now_s)
{
    int n = 0;
    while (n < 1000 && tries_more(&tries, what, address, name, now_s))
        n++;
    return n;
}

static void a_name_from_an_address(void **state)
{
    (void)state;
    assert_int_equal(allowed(TRY_TOKEN, "192.0.2.1", "ada", 1000), TRIES_BOTH);
    assert_false(tries_more(&tries, TRY_TOKEN, "192.0.2.1", "ADA", 1000)); /* the same login */
    /* What is refused is not counted: not for the name, not for the address. */
    for (int i = 0; i < TRIES_NAME; i++)
        assert_false(tries_more(&tries, TRY_TOKEN, "192.0.2.1", "ada", 1000));
    assert_int_equal(allowed(TRY_TOKEN, "192.0.2.2", "ada", 1000), TRIES_BOTH);
    assert_int_equal(allowed(TRY_TOKEN, "192.0.2.1", "bob", 1000 + TRIES_WINDOW_S - 1), TRIES_BOTH);
    assert_int_equal(allowed(TRY_TOKEN, "192.0.2.1", "ada", 1000 + TRIES_WINDOW_S), TRIES_BOTH);
}

static void an_address_and_a_name(void **state)
{
    (void)state;
    char name[32];
    int n = 0;
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof name, "name%d", i);
        n += allowed(TRY_TOKEN, "192.0.2.1", name, 1000);
    }
    assert_int_equal(n, TRIES_ADDRESS);
    n = 0;
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "198.51.100.%d", i);
        n += allowed(TRY_TOKEN, name, "ada", 1000);
    }
    assert_int_equal(n, TRIES_NAME);
}

/* Whoever asks in somebody's name does not keep them from asking. */
static void links_are_apart_and_not_by_name(void **state)
{
    (void)state;
    char address[32];
    assert_int_equal(allowed(TRY_TOKEN, "192.0.2.1", "ada", 1000), TRIES_BOTH);
    for (int i = 0; i < 100; i++) {
        snprintf(address, sizeof address, "198.51.100.%d", i);
        assert_int_equal(allowed(TRY_MAIL, address, "ada", 1000), TRIES_BOTH);
    }
    assert_int_equal(allowed(TRY_MAIL, "192.0.2.1", "ada", 1000), TRIES_BOTH);
}

static void a_network_of_ipv6_is_one_address(void **state)
{
    (void)state;
    assert_int_equal(allowed(TRY_MAIL, "2001:db8:1:2::1", "ada", 1000), TRIES_BOTH);
    assert_int_equal(allowed(TRY_MAIL, "2001:db8:1:2:ffff::9", "ada", 1000), 0);
    assert_int_equal(allowed(TRY_MAIL, "2001:db8:1:3::1", "ada", 1000), TRIES_BOTH);
    assert_int_equal(allowed(TRY_MAIL, "::ffff:192.0.2.1", "ada", 1000), TRIES_BOTH);
    assert_int_equal(allowed(TRY_MAIL, "::ffff:192.0.2.2", "ada", 1000), TRIES_BOTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_name_from_an_address, begin, end),
        cmocka_unit_test_setup_teardown(an_address_and_a_name, begin, end),
        cmocka_unit_test_setup_teardown(links_are_apart_and_not_by_name, begin, end),
        cmocka_unit_test_setup_teardown(a_network_of_ipv6_is_one_address, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
