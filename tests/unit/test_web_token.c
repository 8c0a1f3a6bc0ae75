/* Tokens: what is taken, and everything else that is not. */
#include "web_token.h"

static EVP_PKEY *ours, *theirs;
static Keys keys;
static Fault fault;

static int make_keys(void **state)
{
    (void)state;
    ours = EVP_RSA_gen(2048);
    theirs = EVP_RSA_gen(2048);
    keys_init(&keys);
    char *jwk = jwk_of(ours, "one"), *set = x_printf("{\"keys\":[%s]}", jwk);
    int status = keys_take(&keys, TRUST_ISSUER, set, strlen(set), &fault);
    free(jwk);
    free(set);
    return status;
}

static int drop_keys(void **state)
{
    (void)state;
    keys_release(&keys);
    EVP_PKEY_free(ours);
    EVP_PKEY_free(theirs);
    return 0;
}

static char rules[5][64] = {"org/course", "refs/heads/main\nrefs/tags/v1", "org", "77",
                            "refs/heads/main"};
static char nothing[] = "", issuer_text[] = TRUST_ISSUER;

static Trust trust(void)
{
    return (Trust){.on = true,
                   .workflows = rules[0],
                   .refs = rules[1],
                   .owner = rules[2],
                   .owner_id = rules[3],
                   .branch = rules[4],
                   .audience = nothing,
                   .issuer = issuer_text};
}

/* As the server does it: form, key, signature, claims, time, rules. */
static int verdict(const Trust *rule, const char *text, bool *one_job)
{
    Token token;
    Claims claims;
    int status = -1;
    EVP_PKEY *key = NULL;
    fault.text[0] = '\0';
    if (!token_read(&token, text, &fault) &&
        (key = keys_find(&keys, TRUST_ISSUER, token.key)) != NULL &&
        !token_verify(&token, key, &fault) && !token_claims(&token, &claims, &fault) &&
        !claims_timely(&claims, NOW, &fault))
        status = trust_claims(rule, "https://course.example", &claims, one_job, &fault);
    EVP_PKEY_free(key);
    token_release(&token);
    return status;
}

static int judged(char *text_taken)
{
    Trust rule = trust();
    bool one_job;
    int status = verdict(&rule, text_taken, &one_job);
    free(text_taken);
    return status;
}

/* A good token but for one claim; NULL: without it. */
static int with(const char *claim, const char *value)
{
    json_t *claims = good_claims();
    if (value)
        json_object_set_new(claims, claim, json_string(value));
    else
        json_object_del(claims, claim);
    int status = judged(token_of(claims, ours));
    json_decref(claims);
    return status;
}

static void refused(const char *claim, const char *value, const char *says)
{
    assert_int_equal(with(claim, value), -1);
    if (!strstr(fault.text, says))
        fail_msg("%s = %s: said \"%s\", not \"%s\"", claim, value ? value : "(none)", fault.text,
                 says);
}

static void good(void **state)
{
    (void)state;
    json_t *claims = good_claims();
    assert_int_equal(judged(token_of(claims, ours)), 0);
    json_decref(claims);
    assert_int_equal(with("unknown_claim", "x"), 0);
    assert_int_equal(
        with("job_workflow_ref", "Org/Course/.github/workflows/grade-reusable.yml@refs/tags/v1"),
        0);
}

static void wrong_claims(void **state)
{
    (void)state;
    refused("iss", "https://token.example", "issuer");
    refused("aud", "https://course.example.evil", "SERVER");
    refused("aud", "https://course.example/", "SERVER");
    refused("job_workflow_ref", "org/course/.github/workflows/grade-reusable.yml@refs/heads/x",
            "--ref");
    refused("job_workflow_ref", "org/course/.github/workflows/grade-reusable.yml@refs/heads/mai",
            "--ref");
    refused("job_workflow_ref", "org/course/.github/workflows/grade-reusable.yml@", "--ref");
    refused("job_workflow_ref", "ada/course/.github/workflows/grade-reusable.yml@refs/heads/main",
            "of the workflow");
    refused("job_workflow_ref", "org/course2/.github/workflows/grade-reusable.yml@refs/heads/main",
            "of the workflow");
    refused("job_workflow_ref", "org/course/.github/workflows/other.yml@refs/heads/main",
            "of the workflow");
    refused("job_workflow_ref", "org/lesson8-ada/.github/workflows/grade.yml@refs/heads/main",
            "of the workflow");
    refused("event_name", "pull_request", "only pushes");
    refused("event_name", "workflow_dispatch", "only pushes");
    refused("ref", "refs/pull/1/merge", "only refs/heads/main");
    refused("ref", "refs/heads/main2", "only refs/heads/main");
    refused("repository_owner_id", "78", "not one of org's"); /* a name may be taken over */
    refused("runner_environment", "self-hosted", "--runners");
    refused("repository", "mallory/lesson8-ada", "repository_owner");
    refused("repository", "org/lesson8-ada/x", "repository_owner");
    refused("repository", "org/", "repository_owner");
}

/* A fork is another repository of another owner, whose names agree. */
static void fork_of_a_student(void **state)
{
    (void)state;
    json_t *claims = good_claims();
    json_object_set_new(claims, "repository", json_string("mallory/lesson8-ada"));
    json_object_set_new(claims, "repository_owner", json_string("mallory"));
    json_object_set_new(claims, "repository_owner_id", json_string("666"));
    assert_int_equal(judged(token_of(claims, ours)), -1);
    assert_non_null(strstr(fault.text, "not one of org's"));
    /* Before the number is learnt, the name decides. */
    Trust rule = trust();
    bool one_job;
    rule.owner_id = nothing;
    char *text = token_of(claims, ours);
    assert_int_equal(verdict(&rule, text, &one_job), -1);
    free(text);
    json_decref(claims);
}

static void odd_claims(void **state)
{
    (void)state;
    static const char *const needed[] = {"iss",
                                         "aud",
                                         "jti",
                                         "repository",
                                         "repository_id",
                                         "run_id",
                                         "run_attempt",
                                         "event_name",
                                         "repository_owner",
                                         "repository_owner_id",
                                         "ref",
                                         "sha",
                                         "actor",
                                         "actor_id",
                                         "runner_environment",
                                         "job_workflow_ref"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        refused(needed[i], NULL, "missing or odd");
        refused(needed[i], "", "missing or odd");
        refused(needed[i], "a\nb", "missing or odd");
        char huge[8000];
        memset(huge, 'a', sizeof huge - 1);
        huge[sizeof huge - 1] = '\0';
        refused(needed[i], huge, "missing or odd");
    }
    refused("run_id", "1 OR 1", "odd");
    refused("run_id", "0", "odd");
    refused("sha", "main", "odd");
    refused("repository", "org/lesson8-ada,=1+1", "odd");
    refused("repository_id", "-1", "odd");
    json_t *claims = good_claims();
    json_object_set_new(claims, "aud", json_pack("[s,s]", "https://course.example", "other"));
    assert_int_equal(judged(token_of(claims, ours)), -1);
    json_object_set_new(claims, "aud", json_string("https://course.example"));
    json_object_set_new(claims, "run_id", json_integer(5001));
    assert_int_equal(judged(token_of(claims, ours)), -1);
    json_decref(claims);
}

static int at(int64_t expires, int64_t not_before, int64_t issued)
{
    json_t *claims = good_claims();
    json_object_set_new(claims, "exp", json_integer(expires));
    json_object_set_new(claims, "nbf", json_integer(not_before));
    json_object_set_new(claims, "iat", json_integer(issued));
    int status = judged(token_of(claims, ours));
    json_decref(claims);
    return status;
}

static void times(void **state)
{
    (void)state;
    assert_int_equal(at(NOW + 300, NOW, NOW), 0);
    assert_int_equal(at(NOW - TOKEN_LEEWAY_S + 1, NOW - 300, NOW - 300), 0);
    assert_int_equal(at(NOW - TOKEN_LEEWAY_S, NOW - 300, NOW - 300), -1);
    assert_non_null(strstr(fault.text, "expired"));
    assert_int_equal(at(NOW + 300, NOW + TOKEN_LEEWAY_S, NOW), 0);
    assert_int_equal(at(NOW + 300, NOW + TOKEN_LEEWAY_S + 1, NOW), -1);
    assert_int_equal(at(NOW + 300, NOW, NOW + TOKEN_LEEWAY_S + 1), -1);
    assert_int_equal(at(NOW + TOKEN_LIFE_S + 1, NOW, NOW), -1);
    assert_int_equal(at(-1, NOW, NOW), -1);
    assert_int_equal(with("exp", "1800000300"), -1); /* text is no time */
    assert_int_equal(with("exp", NULL), -1);
}

static int with_header(const char *header, EVP_PKEY *key)
{
    json_t *claims = good_claims();
    char *payload = json_dumps(claims, 0);
    int status = judged(signed_token(header, payload, key));
    free(payload);
    json_decref(claims);
    return status;
}

/* HS256 with the public key as the secret: what a verifier that believes `alg` would take. */
static char *hs256_token(void)
{
    json_t *claims = good_claims();
    char *payload = json_dumps(claims, 0), *n = key_number(ours, OSSL_PKEY_PARAM_RSA_N);
    char *bare = signed_token("{\"alg\":\"HS256\",\"kid\":\"one\"}", payload, NULL);
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    HMAC(EVP_sha256(), n, (int)strlen(n), (unsigned char *)bare, strlen(bare) - 1, mac, &len);
    char *last = encoded(mac, len), *token = x_printf("%s%s", bare, last);
    free(payload);
    free(n);
    free(bare);
    free(last);
    json_decref(claims);
    return token;
}

static void algorithms(void **state)
{
    (void)state;
    assert_int_equal(with_header("{\"alg\":\"RS256\",\"kid\":\"one\"}", ours), 0);
    assert_int_equal(with_header("{\"alg\":\"none\",\"kid\":\"one\"}", NULL), -1);
    assert_non_null(strstr(fault.text, "RS256"));
    assert_int_equal(with_header("{\"alg\":\"None\",\"kid\":\"one\"}", ours), -1);
    assert_int_equal(with_header("{\"alg\":\"RS384\",\"kid\":\"one\"}", ours), -1);
    assert_int_equal(with_header("{\"alg\":\"PS256\",\"kid\":\"one\"}", ours), -1);
    assert_int_equal(with_header("{\"alg\":[\"RS256\"],\"kid\":\"one\"}", ours), -1);
    assert_int_equal(with_header("{\"kid\":\"one\"}", ours), -1);
    assert_int_equal(with_header("{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"one\"}", ours),
                     -1);
    assert_int_equal(with_header("{\"alg\":\"RS256\",\"kid\":\"one\",\"crit\":[]}", ours), -1);
    assert_int_equal(with_header("{\"alg\":\"RS256\",\"kid\":\"one\",\"typ\":\"at+jwt\"}", ours),
                     -1);
    assert_int_equal(with_header("{\"alg\":\"RS256\",\"kid\":\"two\"}", ours), -1);
    assert_int_equal(with_header("{\"alg\":\"RS256\",\"kid\":\"\"}", ours), -1);
    assert_int_equal(with_header("{\"alg\":\"RS256\"}", ours), -1);
    /* A key that the token brings along is not looked at. */
    char *jwk = jwk_of(theirs, "one");
    char *header = x_printf("{\"alg\":\"RS256\",\"kid\":\"one\",\"jwk\":%s}", jwk);
    assert_int_equal(with_header(header, theirs), -1);
    assert_non_null(strstr(fault.text, "signature"));
    free(header);
    free(jwk);
    assert_int_equal(judged(hs256_token()), -1);
    assert_non_null(strstr(fault.text, "RS256"));
}

static void tampered(void **state)
{
    (void)state;
    json_t *claims = good_claims();
    assert_int_equal(judged(token_of(claims, theirs)), -1);
    assert_non_null(strstr(fault.text, "signature"));
    char *token = token_of(claims, ours), *other = token_of(claims, NULL);
    json_object_set_new(claims, "repository_id", json_string("1002"));
    char *forged = token_of(claims, NULL);
    /* Another payload with the signature of the good one; no signature at all. */
    assert_int_equal(judged(x_printf("%s%s", forged, strrchr(token, '.') + 1)), -1);
    assert_non_null(strstr(fault.text, "signature"));
    assert_int_equal(judged(x_strdup(other)), -1);
    size_t refusals = 0, len = strlen(token);
    for (size_t i = 0; i < len; i += 7) {
        char *changed = x_strdup(token);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        refusals += judged(changed) != 0;
    }
    assert_int_equal(refusals, (len + 6) / 7);
    assert_int_equal(judged(x_strdup(token)), 0);
    free(token);
    free(other);
    free(forged);
    json_decref(claims);
}

static void duplicated_claims(void **state)
{
    (void)state;
    json_t *claims = good_claims();
    char *payload = json_dumps(claims, 0);
    char *twice = x_printf("{\"repository_id\":\"1002\",%s", payload + 1);
    assert_int_equal(judged(signed_token("{\"alg\":\"RS256\",\"kid\":\"one\"}", twice, ours)), -1);
    assert_non_null(strstr(fault.text, "payload"));
    free(twice);
    free(payload);
    json_decref(claims);
}

static void odd_forms(void **state)
{
    (void)state;
    json_t *claims = good_claims();
    char *token = token_of(claims, ours);
    static const char *const odd[] = {"", ".", "..", "...", "a.b", "a.b.c", "a.b.c.d", " .x.y"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_int_equal(judged(x_strdup(odd[i])), -1);
    assert_int_equal(judged(x_printf("%s=", token)), -1);
    assert_int_equal(judged(x_printf("%s\n", token)), -1);
    assert_int_equal(judged(x_printf("%s.", token)), -1);
    assert_int_equal(judged(x_printf(" %s", token)), -1);
    char *huge = x_calloc(1, 3 * TOKEN_BYTES);
    memset(huge, 'A', 3 * TOKEN_BYTES - 1);
    assert_int_equal(judged(huge), -1);
    assert_non_null(strstr(fault.text, "longer"));
    char deep[4000];
    memset(deep, '[', sizeof deep - 1);
    deep[sizeof deep - 1] = '\0';
    assert_int_equal(judged(signed_token("{\"alg\":\"RS256\",\"kid\":\"one\"}", deep, ours)), -1);
    assert_non_null(strstr(fault.text, "levels"));
    free(token);
    json_decref(claims);
}

static void canonical(void **state)
{
    (void)state;
    static const struct {
        const char *text, *bytes;
        bool good;
    } rows[] = {{"", "", true},        {"Zg", "f", true},    {"Zm8", "fo", true},
                {"Zm9v", "foo", true}, {"Zh", "", false},    {"Zm9", "", false},
                {"Z", "", false},      {"Zm9vY", "", false}, {"Zm9+", "", false},
                {"Zg==", "", false},   {"Zm 8", "", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Buf bytes;
        buf_init(&bytes, 16);
        if (base64url(rows[i].text, strlen(rows[i].text), &bytes) != rows[i].good)
            fail_msg("%s", rows[i].text);
        if (rows[i].good)
            assert_string_equal(bytes.data, rows[i].bytes);
        buf_release(&bytes);
    }
    Buf small;
    buf_init(&small, 2);
    assert_false(base64url("Zm9v", 4, &small));
    buf_release(&small);
}

static void one_job(void **state)
{
    (void)state;
    bool weaker = false;
    json_t *claims = good_claims();
    json_object_set_new(
        claims, "job_workflow_ref",
        json_string("org/course/.github/workflows/grade-one-job.yml@refs/heads/main"));
    char *text = token_of(claims, ours);
    Trust rule = trust();
    assert_int_equal(verdict(&rule, text, &weaker), -1);
    assert_non_null(strstr(fault.text, "--one-job"));
    rule.one_job = true;
    assert_int_equal(verdict(&rule, text, &weaker), 0);
    assert_true(weaker);
    free(text);
    json_object_set_new(claims, "runner_environment", json_string("self-hosted"));
    text = token_of(claims, ours);
    assert_int_equal(verdict(&rule, text, &weaker), -1);
    rule.any_runner = true;
    assert_int_equal(verdict(&rule, text, &weaker), 0);
    free(text);
    json_decref(claims);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good),
        cmocka_unit_test(wrong_claims),
        cmocka_unit_test(fork_of_a_student),
        cmocka_unit_test(odd_claims),
        cmocka_unit_test(times),
        cmocka_unit_test(algorithms),
        cmocka_unit_test(tampered),
        cmocka_unit_test(duplicated_claims),
        cmocka_unit_test(odd_forms),
        cmocka_unit_test(canonical),
        cmocka_unit_test(one_job),
    };
    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
