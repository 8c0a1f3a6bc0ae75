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

static bool over_limit(Tries *tries, const uint64_t keys[KINDS], int64_t now_s)
{
    for (int kind = 0; kind < KINDS; kind++) {
        const TrySlot *slot = slot_of(tries, keys[kind], false, now_s);
        if (slot && slot->failed >= most[kind])
            return true;
    }
    return false;
}

bool tries_failed(Tries *tries, const char *address, const char *name, int64_t now_s)
{
    uint64_t keys[KINDS];
    for (int kind = 0; kind < KINDS; kind++)
        keys[kind] = key_of(kind, address, name);
    pthread_mutex_lock(&tries->lock);
    bool over = over_limit(tries, keys, now_s);
    for (int kind = 0; !over && kind < KINDS; kind++)
        slot_of(tries, keys[kind], true, now_s)->failed++;
    pthread_mutex_unlock(&tries->lock);
    return !over;
}
