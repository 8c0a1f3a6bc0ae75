#include "token.h"

#include <jansson.h>
#include <stddef.h>
#include <string.h>

#include "result_read.h"

enum { TOKEN_DEEP = 6, SIGNATURE_MOST = 1024 };

/* --- base64url --- */

static int sextet(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

bool base64url(const char *text, size_t len, Buf *bytes)
{
    unsigned held = 0;
    int bits = 0;
    for (size_t i = 0; i < len; i++) {
        int value = sextet(text[i]);
        if (value < 0)
            return false;
        held = held << 6 | (unsigned)value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            buf_char(bytes, (char)(held >> bits));
            held &= (1U << bits) - 1;
        }
    }
    /* Bits that no byte takes are zero, and fewer than a digit: else one text has two forms. */
    return held == 0 && bits < 6 && !bytes->full;
}

/* --- its form --- */

static int read_header(Token *token, const Buf *header, Fault *fault)
{
    Fault why = {""};
    json_t *value = json_strict(header->data, header->len, TOKEN_DEEP, &why);
    if (!value)
        return fault_set(fault, "the token's header is %.200s", why.text);
    const char *alg = json_string_value(json_object_get(value, "alg"));
    const char *type = json_string_value(json_object_get(value, "typ"));
    const char *key = json_string_value(json_object_get(value, "kid"));
    int status = 0;
    if (!alg || strcmp(alg, "RS256") != 0)
        status = fault_set(fault, "the token is not signed with RS256");
    else if (json_object_get(value, "typ") && (!type || strcmp(type, "JWT") != 0))
        status = fault_set(fault, "the token is no JWT");
    else if (json_object_get(value, "crit"))
        status = fault_set(fault, "the token asks for an extension");
    else if (!key || !*key || strlen(key) >= sizeof token->key)
        status = fault_set(fault, "the token does not name its key");
    else
        strcpy(token->key, key);
    json_decref(value);
    return status;
}

int token_read(Token *token, const char *text, Fault *fault)
{
    *token = (Token){.signed_text = text};
    buf_init(&token->payload, TOKEN_BYTES);
    buf_init(&token->signature, SIGNATURE_MOST);
    size_t len = strnlen(text, TOKEN_BYTES + 1);
    if (len > TOKEN_BYTES)
        return fault_set(fault, "the token is longer than %d bytes", TOKEN_BYTES);
    const char *first = strchr(text, '.'), *second = first ? strchr(first + 1, '.') : NULL;
    if (!second || strchr(second + 1, '.'))
        return fault_set(fault, "the token does not have three parts");
    Buf header;
    buf_init(&header, TOKEN_BYTES);
    int status = 0;
    if (!base64url(text, (size_t)(first - text), &header) ||
        !base64url(first + 1, (size_t)(second - first - 1), &token->payload) ||
        !base64url(second + 1, strlen(second + 1), &token->signature))
        status = fault_set(fault, "the token is not base64url");
    else
        status = read_header(token, &header, fault);
    token->signed_len = (size_t)(second - text);
    buf_release(&header);
    return status;
}

void token_release(Token *token)
{
    buf_release(&token->payload);
    buf_release(&token->signature);
}

/* --- its signature --- */

int token_verify(const Token *token, EVP_PKEY *key, Fault *fault)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    /* RS256: PKCS #1 v1.5 with SHA-256, which is EVP's default padding for RSA. */
    bool good = context && EVP_PKEY_is_a(key, "RSA") &&
                EVP_DigestVerifyInit_ex(context, NULL, "SHA256", NULL, NULL, key, NULL) == 1 &&
                EVP_DigestVerify(context, (const unsigned char *)token->signature.data,
                                 token->signature.len, (const unsigned char *)token->signed_text,
                                 token->signed_len) == 1;
    EVP_MD_CTX_free(context);
    return good ? 0 : fault_set(fault, "the token's signature is wrong");
}

/* --- its claims --- */

typedef enum Form { FORM_TEXT, FORM_NAME, FORM_DIGITS, FORM_COMMIT } Form;

#define CLAIM(name, form, member)                                                                  \
    {                                                                                              \
        name, form, offsetof(Claims, member), sizeof(((Claims *)0)->member)                        \
    }
static const struct {
    const char *name;
    Form form;
    size_t offset, size;
} texts[] = {
    CLAIM("iss", FORM_TEXT, issuer),
    CLAIM("aud", FORM_TEXT, audience),
    CLAIM("jti", FORM_TEXT, id),
    CLAIM("repository", FORM_NAME, repository),
    CLAIM("repository_id", FORM_DIGITS, repository_id),
    CLAIM("repository_owner", FORM_NAME, owner),
    CLAIM("repository_owner_id", FORM_DIGITS, owner_id),
    CLAIM("run_id", FORM_DIGITS, run),
    CLAIM("run_attempt", FORM_DIGITS, attempt),
    CLAIM("event_name", FORM_TEXT, event),
    CLAIM("ref", FORM_TEXT, ref),
    CLAIM("sha", FORM_COMMIT, commit),
    CLAIM("job_workflow_ref", FORM_TEXT, workflow),
    CLAIM("actor", FORM_TEXT, actor),
    CLAIM("actor_id", FORM_DIGITS, actor_id),
    CLAIM("runner_environment", FORM_TEXT, runner),
};

static const struct {
    const char *name;
    size_t offset;
} times[] = {{"exp", offsetof(Claims, expires_s)},
             {"nbf", offsetof(Claims, not_before_s)},
             {"iat", offsetof(Claims, issued_s)}};

static bool has_form(Form form, const char *text)
{
    size_t len = strlen(text);
    switch (form) {
    case FORM_DIGITS:
        return *text != '0' && strspn(text, "0123456789") == len;
    case FORM_COMMIT:
        return (len == 40 || len == 64) && strspn(text, "0123456789abcdef") == len;
    case FORM_NAME:
        return strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./") ==
               len;
    default: /* nothing that a page, a log or an address would have to escape from */
        for (; *text; text++)
            if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 0x7f)
                return false;
        return true;
    }
}

static int read_text(const json_t *payload, size_t at, Claims *claims, Fault *fault)
{
    const char *text = json_string_value(json_object_get(payload, texts[at].name));
    if (!text || !*text || strlen(text) >= texts[at].size || !has_form(texts[at].form, text))
        return fault_set(fault, "the token's %s is missing or odd", texts[at].name);
    strcpy((char *)claims + texts[at].offset, text);
    return 0;
}

static int read_time(const json_t *payload, size_t at, Claims *claims, Fault *fault)
{
    const json_t *value = json_object_get(payload, times[at].name);
    int64_t time = json_is_integer(value) ? json_integer_value(value) : -1;
    if (time < 0 || time > INT64_C(1) << 40)
        return fault_set(fault, "the token's %s is no time", times[at].name);
    memcpy((char *)claims + times[at].offset, &time, sizeof time);
    return 0;
}

/* "owner/name", and the owner is the one that stands by itself. */
static int same_owner(const Claims *claims, Fault *fault)
{
    size_t len = strlen(claims->owner);
    const char *name = claims->repository + len + 1;
    if (strncmp(claims->repository, claims->owner, len) == 0 && claims->repository[len] == '/' &&
        *name && !strchr(name, '/'))
        return 0;
    return fault_set(fault, "the token's repository is not its repository_owner's");
}

int token_claims(const Token *token, Claims *claims, Fault *fault)
{
    Fault why = {""};
    *claims = (Claims){0};
    json_t *payload = json_strict(token->payload.data, token->payload.len, TOKEN_DEEP, &why);
    if (!payload)
        return fault_set(fault, "the token's payload is %.200s", why.text);
    int status = 0;
    for (size_t i = 0; status == 0 && i < sizeof texts / sizeof *texts; i++)
        status = read_text(payload, i, claims, fault);
    for (size_t i = 0; status == 0 && i < sizeof times / sizeof *times; i++)
        status = read_time(payload, i, claims, fault);
    json_decref(payload);
    return status ? status : same_owner(claims, fault);
}

int claims_timely(const Claims *claims, int64_t now_s, Fault *fault)
{
    if (claims->expires_s <= now_s - TOKEN_LEEWAY_S)
        return fault_set(fault, "the token has expired; each job asks for its own");
    if (claims->not_before_s > now_s + TOKEN_LEEWAY_S || claims->issued_s > now_s + TOKEN_LEEWAY_S)
        return fault_set(fault, "the token is of a time to come; one of the clocks is wrong");
    if (claims->expires_s - claims->issued_s > TOKEN_LIFE_S)
        return fault_set(fault, "the token would live too long");
    return 0;
}
