/*
 * The issuer's keys, fetched over https by a thread of their own, so that no request waits for
 * another machine. A request that finds no key asks here and is told when to come again. At most
 * one fetch in ISSUER_PAUSE_S, whatever strangers send; nothing to fetch, nothing wakes it.
 */
#ifndef WEB_ISSUER_H
#define WEB_ISSUER_H

#include <stdbool.h>

#include "keys.h"

enum {
    ISSUER_PAUSE_S = 60,
    ISSUER_FRESH_S = 3600,      /* keys older than this are fetched anew, and still good */
    ISSUER_STALE_S = 24 * 3600, /* and after this they are not */
    ISSUER_FETCH_S = 15
};

typedef struct Issuer {
    Keys keys;
    pthread_mutex_t lock;
    pthread_cond_t work;
    pthread_t thread;
    bool started, stopping, wanted, fetching;
    char issuer[256], ca[4096]; /* what is wanted; ca "": the system's certificates */
    char fetched[256];          /* of which issuer the last fetch was */
    int64_t began_ns;           /* the last fetch; monotonic; 0: none */
    int64_t came_ns;            /* the keys that we have */
} Issuer;

int issuer_start(Issuer *issuer, Fault *fault);
void issuer_stop(Issuer *issuer); /* safe if it was never started */

/* The key of this id, or NULL; then `retry_s` says when it may be there. The caller frees it. */
EVP_PKEY *issuer_key(Issuer *issuer, const char *name, const char *ca, const char *id,
                     int *retry_s);

/* Fetches soon, if that is allowed now: before the first report comes. */
void issuer_want(Issuer *issuer, const char *name, const char *ca);

#endif
