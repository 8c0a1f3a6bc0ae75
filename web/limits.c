#include "limits.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
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

/* One home or one host has a whole /64 of IPv6 (RFC 6177): all of it is one address here. */
static void network_of(const char *address, char *text)
{
    struct in6_addr ip;
    snprintf(text, INET6_ADDRSTRLEN, "%s", address);
    if (inet_pton(AF_INET6, address, &ip) != 1 || IN6_IS_ADDR_V4MAPPED(&ip))
        return;
    memset(ip.s6_addr + 8, 0, 8);
    inet_ntop(AF_INET6, &ip, text, INET6_ADDRSTRLEN);
}

static uint64_t mixed(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (uint64_t)(unsigned char)tolower((unsigned char)*text)) *
               UINT64_C(1099511628211);
    return (hash ^ 0xff) * UINT64_C(1099511628211);
}

static uint64_t key_of(TryKind what, int kind, const char *address, const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037) + (uint64_t)(what * KINDS + (unsigned)kind);
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

static bool over_limit(Tries *tries, const uint64_t *keys, int kinds, int64_t now_s)
{
    for (int kind = 0; kind < kinds; kind++) {
        const TrySlot *slot = slot_of(tries, keys[kind], false, now_s);
        if (slot && slot->failed >= most[kind])
            return true;
    }
    return false;
}

bool tries_more(Tries *tries, TryKind what, const char *address, const char *name, int64_t now_s)
{
    uint64_t keys[KINDS];
    char network[INET6_ADDRSTRLEN];
    int kinds = what == TRY_MAIL ? KINDS - 1 : KINDS; /* the last one is the name alone */
    network_of(address, network);
    for (int kind = 0; kind < kinds; kind++)
        keys[kind] = key_of(what, kind, network, name);
    pthread_mutex_lock(&tries->lock);
    bool over = over_limit(tries, keys, kinds, now_s);
    for (int kind = 0; !over && kind < kinds; kind++)
        slot_of(tries, keys[kind], true, now_s)->failed++;
    pthread_mutex_unlock(&tries->lock);
    return !over;
}
