/*
 * The issuer's public keys (a JSON Web Key Set), by their ids. Only RSA keys of 2048 to 8192
 * bits for signatures are taken; others in a set are passed over. The set is replaced as a whole
 * and safe from any thread.
 */
#ifndef WEB_KEYS_H
#define WEB_KEYS_H

#include <pthread.h>

#include "token.h"

enum { KEYS_MOST = 32, KEYS_BYTES = 256 << 10 };

typedef struct IssuerKey {
    char id[KEY_ID_BYTES];
    EVP_PKEY *key;
} IssuerKey;

typedef struct Keys {
    pthread_mutex_t lock;
    IssuerKey keys[KEYS_MOST];
    int n;
    char issuer[256]; /* whose they are; "": none yet */
} Keys;

void keys_init(Keys *keys);
void keys_release(Keys *keys);

/* Takes a set in the place of the one before. -1 and the fault: it is none, or has no key for
 * us; the old one stays. */
int keys_take(Keys *keys, const char *issuer, const char *text, size_t len, Fault *fault);

/* The caller frees it (EVP_PKEY_free); NULL: this issuer has none of this id that we know of. */
EVP_PKEY *keys_find(Keys *keys, const char *issuer, const char *id);

#endif
