#include "secret.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/text.h"

void secret_make(char text[SECRET_TEXT])
{
    unsigned char bytes[SECRET_BYTES];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        abort();
    text_hex(text, bytes, sizeof bytes);
    OPENSSL_cleanse(bytes, sizeof bytes);
}

void secret_hash(const char *text, unsigned char hash[SECRET_HASH])
{
    SHA256((const unsigned char *)text, strlen(text), hash);
}

bool secret_matches(const char *text, const void *hash, size_t len)
{
    static const unsigned char nobody[SECRET_HASH];
    unsigned char given[SECRET_HASH];
    secret_hash(text, given);
    bool known = hash && len == SECRET_HASH;
    bool equal = CRYPTO_memcmp(given, known ? hash : nobody, SECRET_HASH) == 0;
    return known && equal;
}

void secret_derive(const char *text, const char *purpose, char derived[SECRET_TEXT])
{
    unsigned char hash[SECRET_HASH];
    char joined[256];
    snprintf(joined, sizeof joined, "%.64s:%.100s", text, purpose);
    secret_hash(joined, hash);
    text_hex(derived, hash, sizeof hash);
}

bool secret_equal(const char *given, const char *wanted)
{
    unsigned char hash[SECRET_HASH];
    secret_hash(wanted, hash);
    return secret_matches(given, hash, sizeof hash);
}
