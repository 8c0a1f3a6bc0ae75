/* What anybody may send to /api/results: a token, a report. And what an issuer may send: a key
 * set. The first byte says which of the three the rest is. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "keys.h"
#include "result_json.h"
#include "result_read.h"
#include "trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int good)
{
    if (!good)
        abort();
}

/* Claims alone, as if they were signed. */
static void claims(const char *text, size_t len)
{
    static char none[] = "", workflows[] = "org/course", refs[] = "refs/heads/main",
                owner[] = "org", issuer[] = TRUST_ISSUER;
    Trust trust = {.on = true,
                   .workflows = workflows,
                   .refs = refs,
                   .owner = owner,
                   .owner_id = none,
                   .branch = refs,
                   .audience = none,
                   .issuer = issuer};
    Token token = {.signed_text = text};
    Claims read;
    Fault fault;
    bool one_job;
    buf_init(&token.payload, TOKEN_BYTES);
    buf_init(&token.signature, 16);
    buf_add(&token.payload, text, len);
    if (token_claims(&token, &read, &fault) == 0) {
        must(*read.run && strspn(read.run, "0123456789") == strlen(read.run));
        must(strchr(read.repository, '/') && !strpbrk(read.repository, " ,\n\"'<>"));
        claims_timely(&read, 1800000000, &fault);
        if (trust_claims(&trust, "https://course.example", &read, &one_job, &fault) == 0)
            must(!one_job && strcasecmp(read.owner, "org") == 0 &&
                 strncasecmp(read.workflow, "org/course", 10) == 0 &&
                 strncmp(read.workflow + 10, "/.github/workflows/", 19) == 0);
    }
    token_release(&token);
}

static void whole_token(const char *text)
{
    Token token;
    Fault fault;
    if (token_read(&token, text, &fault) == 0)
        must(*token.key && token.signed_len < strlen(text));
    token_release(&token);
}

static void report(const char *text, size_t len)
{
    Result result, again;
    Fault fault;
    if (result_read(&result, text, len, &fault) == 0) {
        json_t *value = result_json(&result);
        char *written = json_dumps(value, RESULT_JSON_FLAGS);
        json_decref(value);
        /* What was taken is a report of ours, and stays one. */
        must(result.halves <= result.max_halves && result.n_exercises > 0);
        if (strlen(written) <= RESULT_READ_BYTES)
            must(result_read(&again, written, strlen(written), &fault) == 0 &&
                 again.halves == result.halves);
        else
            result_init(&again);
        result_release(&again);
        free(written);
    }
    result_release(&result);
}

static void key_set(const char *text, size_t len)
{
    Keys keys;
    Fault fault;
    keys_init(&keys);
    if (keys_take(&keys, "https://issuer.example", text, len, &fault) == 0)
        must(keys.n > 0 && keys.n <= KEYS_MOST);
    keys_release(&keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t len = size - 1;
    char *text = malloc(size);
    memcpy(text, data + 1, len);
    text[len] = '\0';
    switch (*data % 4) {
    case 0:
        whole_token(text);
        break;
    case 1:
        claims(text, len);
        break;
    case 2:
        report(text, len);
        break;
    default:
        key_set(text, len);
    }
    free(text);
    return 0;
}
