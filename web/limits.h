/*
 * How often somebody may fail to sign in: per address, per name, and per both, within a
 * quarter of an hour. Of IPv6 a /64 is one address. Kept in memory, bounded: where the table is full the oldest
 * entry goes. Safe from any thread.
 *
 * Asked after the token was looked at and found wrong: who is right is never refused, so
 * nobody locks another out by failing in their name, or from behind the same address.
 * Tokens are random, so a limit need not keep them from being guessed. Claim links have
 * no limit: they name nobody, and are as random.
 */
#ifndef WEB_LIMITS_H
#define WEB_LIMITS_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    TRIES_WINDOW_S = 900,
    TRIES_BOTH = 10,     /* of one address for one name */
    TRIES_ADDRESS = 100, /* a class may sit behind one address */
    TRIES_NAME = 200,    /* so that a stranger does not lock a student out at once */
    TRIES_SLOTS = 4096
};

typedef struct TrySlot {
    uint64_t key;
    int64_t since_s;
    int failed;
} TrySlot;

typedef struct Tries {
    pthread_mutex_t lock;
    TrySlot slots[TRIES_SLOTS];
} Tries;

void tries_init(Tries *tries);
void tries_release(Tries *tries);

typedef enum TryKind {
    TRY_TOKEN, /* a token that was wrong */
    /* A link asked for by mail. Not limited by the name alone: a stranger who asks in somebody's
     * name has filled their mailbox with links that are good, and must not keep them from asking. */
    TRY_MAIL
} TryKind;

/* One more. False: there were too many; then this one is not counted. */
bool tries_more(Tries *tries, TryKind what, const char *address, const char *name, int64_t now_s);

#endif
