/* An issuer of the test's own: a key made on the spot, tokens signed with it. */
#ifndef TESTS_WEB_TOKEN_H
#define TESTS_WEB_TOKEN_H

#include "web_scratch.h"

#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include "keys.h"
#include "token.h"
#include "trust.h"

#define NOW INT64_C(1800000000)

static inline char *encoded(const void *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *at = bytes;
    char *text = x_calloc(1, len / 3 * 4 + 5), *out = text;
    for (size_t i = 0; i < len; i += 3) {
        unsigned three = (unsigned)at[i] << 16 | (i + 1 < len ? (unsigned)at[i + 1] << 8 : 0) |
                         (i + 2 < len ? at[i + 2] : 0);
        for (int k = 0; k < 4 && (size_t)k <= len - i; k++)
            *out++ = digits[three >> (18 - 6 * k) & 63];
    }
    return text;
}

/* The claims of a report that is taken. */
static inline json_t *good_claims(void)
{
    json_t *claims = json_object();
    static const char *const texts[][2] = {
        {"iss", TRUST_ISSUER},
        {"aud", "https://course.example"},
        {"jti", "0b1c2d3e-4f50"},
        {"sub", "repo:org/lesson8-ada:ref:refs/heads/main"},
        {"repository", "org/lesson8-ada"},
        {"repository_id", "1001"},
        {"repository_owner", "org"},
        {"repository_owner_id", "77"},
        {"run_id", "5001"},
        {"run_attempt", "1"},
        {"event_name", "push"},
        {"ref", "refs/heads/main"},
        {"sha", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
        {"job_workflow_ref", "org/course/.github/workflows/grade-reusable.yml@refs/heads/main"},
        {"actor", "ada"},
        {"actor_id", "501"},
        {"runner_environment", "github-hosted"}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        json_object_set_new(claims, texts[i][0], json_string(texts[i][1]));
    json_object_set_new(claims, "exp", json_integer(NOW + 300));
    json_object_set_new(claims, "nbf", json_integer(NOW - 10));
    json_object_set_new(claims, "iat", json_integer(NOW));
    return claims;
}

/* header.payload, and what `key` signs it with; no signature for NULL. */
static inline char *signed_token(const char *header, const char *payload, EVP_PKEY *key)
{
    char *first = encoded(header, strlen(header)), *second = encoded(payload, strlen(payload));
    char *text = x_printf("%s.%s", first, second);
    unsigned char signature[1024];
    size_t len = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (key)
        assert_true(EVP_DigestSignInit_ex(context, NULL, "SHA256", NULL, NULL, key, NULL) == 1 &&
                    EVP_DigestSign(context, signature, &len, (unsigned char *)text, strlen(text)) ==
                        1);
    char *last = encoded(signature, key ? len : 0), *token = x_printf("%s.%s", text, last);
    EVP_MD_CTX_free(context);
    free(first);
    free(second);
    free(text);
    free(last);
    return token;
}

static inline char *token_of(json_t *claims, EVP_PKEY *key)
{
    char *payload = json_dumps(claims, 0);
    char *token = signed_token("{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"one\"}", payload, key);
    free(payload);
    return token;
}

static inline char *key_number(EVP_PKEY *key, const char *name)
{
    unsigned char bytes[1024];
    BIGNUM *number = NULL;
    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
    char *text = encoded(bytes, (size_t)BN_bn2bin(number, bytes));
    BN_free(number);
    return text;
}

/* One entry of a key set. */
static inline char *jwk_of(EVP_PKEY *key, const char *id)
{
    char *n = key_number(key, OSSL_PKEY_PARAM_RSA_N), *e = key_number(key, OSSL_PKEY_PARAM_RSA_E);
    char *text = x_printf("{\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"kid\":\"%s\","
                          "\"n\":\"%s\",\"e\":\"%s\"}",
                          id, n, e);
    free(n);
    free(e);
    return text;
}

#endif
