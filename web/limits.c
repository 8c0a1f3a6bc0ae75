#include "limits.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { KINDS = 3, PROBES = 8 };

static const int most[KINDS] = {TRIES_BOTH, TRIES_ADDRESS, TRIES_NAME};

void tries_init(Tries *tries)
{
    memset(tries, 0, sizeof *tries);
    pthread_mutex_init(&tries->lock, NULL);
}

void tries_release(Tries *tries)
{
    pthread_mutex_destroy(&tries->lock);
}

static uint64_t mixed(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (uint64_t)(unsigned char)tolower((unsigned char)*text)) *
               UINT64_C(1099511628211);
    return (hash ^ 0xff) * UINT64_C(1099511628211);
}

static uint64_t key_of(int kind, const char *address, const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037) + (uint64_t)kind;
    if (kind != 2)
        hash = mixed(hash, address);
    if (kind != 1)
        hash = mixed(hash, name);
    return hash ? hash : 1;
}

/* The slot of this key; or with `make` one to take over: free, else the oldest. */
static TrySlot *slot_of(Tries *tries, uint64_t key, bool make, int64_t now_s)
{
    TrySlot *oldest = NULL;
    for (size_t i = 0; i < PROBES; i++) {
        TrySlot *slot = &tries->slots[(key + i) % TRIES_SLOTS];
        if (slot->key == key && now_s - slot->since_s < TRIES_WINDOW_S)
            return slot;
        if (!oldest || slot->since_s < oldest->since_s || slot->key == key)
            oldest = slot;
    }
    if (make)
        *oldest = (TrySlot){.key = key, .since_s = now_s};
    return make ? oldest : NULL;
}

bool tries_allowed(Tries *tries, const char *address, const char *name, int64_t now_s)
{
    bool allowed = true;
    pthread_mutex_lock(&tries->lock);
    for (int kind = 0; kind < KINDS; kind++) {
        const TrySlot *slot = slot_of(tries, key_of(kind, address, name), false, now_s);
        allowed = allowed && !(slot && slot->failed >= most[kind]);
    }
    pthread_mutex_unlock(&tries->lock);
    return allowed;
}

void tries_failed(Tries *tries, const char *address, const char *name, int64_t now_s)
{
    pthread_mutex_lock(&tries->lock);
    for (int kind = 0; kind < KINDS; kind++)
        slot_of(tries, key_of(kind, address, name), true, now_s)->failed++;
    pthread_mutex_unlock(&tries->lock);
}
