#include "keys.h"

#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <stdio.h>
#include <string.h>

#include "result_read.h"

enum { KEYS_DEEP = 6, MODULUS_LEAST = 256, MODULUS_MOST = 1024, EXPONENT_MOST = 4 };

void keys_init(Keys *keys)
{
    memset(keys, 0, sizeof *keys);
    pthread_mutex_init(&keys->lock, NULL);
}

static void forget(IssuerKey *list, int n)
{
    for (int i = 0; i < n; i++)
        EVP_PKEY_free(list[i].key);
}

void keys_release(Keys *keys)
{
    forget(keys->keys, keys->n);
    keys->n = 0;
    pthread_mutex_destroy(&keys->lock);
}

/* --- one key --- */

/* A number of a key: `least` to `most` bytes, none of them a leading zero. */
static BIGNUM *number_of(const json_t *object, const char *name, size_t least, size_t most)
{
    Buf bytes;
    const json_t *value = json_object_get(object, name);
    BIGNUM *number = NULL;
    buf_init(&bytes, most);
    if (json_is_string(value) &&
        base64url(json_string_value(value), json_string_length(value), &bytes) &&
        bytes.len >= least && bytes.data[0])
        number = BN_bin2bn((const unsigned char *)bytes.data, (int)bytes.len, NULL);
    buf_release(&bytes);
    return number;
}

static EVP_PKEY *made(const BIGNUM *modulus, const BIGNUM *exponent)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (!build || !context || !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) ||
        !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) ||
        !(params = OSSL_PARAM_BLD_to_param(build)) || EVP_PKEY_fromdata_init(context) <= 0 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
        key = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(context);
    return key;
}

static bool is_or_absent(const json_t *object, const char *name, const char *wanted)
{
    const json_t *value = json_object_get(object, name);
    return !value || (json_is_string(value) && strcmp(json_string_value(value), wanted) == 0);
}

static bool for_us(const json_t *object)
{
    return json_object_get(object, "kty") && is_or_absent(object, "kty", "RSA") &&
           is_or_absent(object, "use", "sig") && is_or_absent(object, "alg", "RS256");
}

static EVP_PKEY *key_of(const json_t *object)
{
    BIGNUM *modulus = number_of(object, "n", MODULUS_LEAST, MODULUS_MOST);
    BIGNUM *exponent = number_of(object, "e", 1, EXPONENT_MOST);
    EVP_PKEY *key = NULL;
    if (modulus && exponent && BN_is_odd(modulus) && BN_is_odd(exponent) && !BN_is_one(exponent))
        key = made(modulus, exponent);
    BN_free(modulus);
    BN_free(exponent);
    return key;
}

/* --- the set --- */

static int add_key(IssuerKey *list, int *n, const json_t *object, Fault *fault)
{
    const char *id = json_string_value(json_object_get(object, "kid"));
    if (!for_us(object) || !id || !*id || strlen(id) >= KEY_ID_BYTES)
        return 0;
    for (int i = 0; i < *n; i++)
        if (strcmp(list[i].id, id) == 0)
            return fault_set(fault, "the issuer's key set has two keys of one id");
    EVP_PKEY *key = *n < KEYS_MOST ? key_of(object) : NULL;
    if (!key)
        return 0;
    strcpy(list[*n].id, id);
    list[(*n)++].key = key;
    return 0;
}

static int read_set(const json_t *list, IssuerKey *found, int *n, Fault *fault)
{
    size_t at;
    json_t *object;
    int status = 0;
    json_array_foreach(list, at, object)
    {
        if (status == 0)
            status = add_key(found, n, object, fault);
    }
    if (status == 0 && *n == 0)
        status = fault_set(fault, "the issuer's key set has no RSA key for signatures");
    return status;
}

int keys_take(Keys *keys, const char *issuer, const char *text, size_t len, Fault *fault)
{
    IssuerKey found[KEYS_MOST];
    Fault why = {""};
    int n = 0;
    json_t *value = json_strict(text, len, KEYS_DEEP, &why);
    if (!value)
        return fault_set(fault, "the issuer's key set is %.200s", why.text);
    int status = read_set(json_object_get(value, "keys"), found, &n, fault);
    json_decref(value);
    if (status) {
        forget(found, n);
        return -1;
    }
    pthread_mutex_lock(&keys->lock);
    forget(keys->keys, keys->n);
    memcpy(keys->keys, found, sizeof found);
    keys->n = n;
    snprintf(keys->issuer, sizeof keys->issuer, "%s", issuer);
    pthread_mutex_unlock(&keys->lock);
    return 0;
}

EVP_PKEY *keys_find(Keys *keys, const char *issuer, const char *id)
{
    EVP_PKEY *key = NULL;
    pthread_mutex_lock(&keys->lock);
    for (int i = 0; i < keys->n && !key && strcmp(keys->issuer, issuer) == 0; i++)
        if (strcmp(keys->keys[i].id, id) == 0 && EVP_PKEY_up_ref(keys->keys[i].key))
            key = keys->keys[i].key;
    pthread_mutex_unlock(&keys->lock);
    return key;
}
