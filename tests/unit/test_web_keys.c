/* Key sets of an issuer: what is taken, and everything else that is not. */
#include "web_token.h"

static EVP_PKEY *ours, *theirs;
static Fault fault;

static int make_keys(void **state)
{
    (void)state;
    ours = EVP_RSA_gen(2048);
    theirs = EVP_RSA_gen(2048);
    return ours && theirs ? 0 : -1;
}

static int drop_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(ours);
    EVP_PKEY_free(theirs);
    return 0;
}

static int took(Keys *set, char *text_taken)
{
    fault.text[0] = '\0';
    int status = keys_take(set, "https://issuer.example", text_taken, strlen(text_taken), &fault);
    free(text_taken);
    return status;
}

static bool has(Keys *set, const char *issuer, const char *id)
{
    EVP_PKEY *key = keys_find(set, issuer, id);
    EVP_PKEY_free(key);
    return key != NULL;
}

static void key_sets(void **state)
{
    (void)state;
    Keys set;
    keys_init(&set);
    assert_false(has(&set, "https://issuer.example", "one"));
    char *one = jwk_of(ours, "one"), *two = jwk_of(theirs, "two");
    assert_int_equal(
        took(&set, x_printf("{\"keys\":[%s,{\"kty\":\"EC\",\"kid\":\"e\"},%s]}", one, two)), 0);
    assert_true(has(&set, "https://issuer.example", "one"));
    assert_true(has(&set, "https://issuer.example", "two"));
    assert_false(has(&set, "https://issuer.example", "e"));
    assert_false(has(&set, "https://other.example", "one"));
    /* What is no set leaves the old one. */
    assert_int_equal(took(&set, x_strdup("{\"keys\":[]}")), -1);
    assert_int_equal(took(&set, x_strdup("{}")), -1);
    assert_int_equal(took(&set, x_strdup("<html>")), -1);
    assert_int_equal(took(&set, x_printf("{\"keys\":[%s,%s]}", one, one)), -1);
    assert_non_null(strstr(fault.text, "one id"));
    assert_int_equal(took(&set, x_printf("{\"keys\":[%s],\"keys\":[]}", one)), -1);
    assert_true(has(&set, "https://issuer.example", "two"));
    assert_int_equal(took(&set, x_printf("{\"keys\":[%s]}", one)), 0);
    assert_false(has(&set, "https://issuer.example", "two"));
    free(one);
    free(two);
    keys_release(&set);
}

static void weak_keys(void **state)
{
    (void)state;
    Keys set;
    keys_init(&set);
    EVP_PKEY *small = EVP_RSA_gen(1024);
    char *jwk = jwk_of(small, "one"), *good_jwk = jwk_of(ours, "one");
    assert_int_equal(took(&set, x_printf("{\"keys\":[%s]}", jwk)), -1); /* 1024 bits */
    char *n = key_number(ours, OSSL_PKEY_PARAM_RSA_N);
    static const char *const odd[] = {
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"one\",\"n\":\"%s\",\"e\":\"AQ\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"one\",\"n\":\"%s\",\"e\":\"Ag\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"one\",\"n\":\"AA%s\",\"e\":\"AQAB\"}]}",
        "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"one\",\"k\":\"%s\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"use\":\"enc\",\"kid\":\"one\",\"n\":\"%s\",\"e\":\"AQAB\"}]"
        "}",
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":7,\"n\":\"%s\",\"e\":\"AQAB\"}]}"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_int_equal(took(&set, x_printf(odd[i], n)), -1);
    assert_int_equal(took(&set, x_printf("{\"keys\":[%s]}", good_jwk)), 0);
    free(n);
    free(jwk);
    free(good_jwk);
    EVP_PKEY_free(small);
    keys_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_sets),
        cmocka_unit_test(weak_keys),
    };
    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
