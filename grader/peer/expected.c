#include "peer/expected.h"

#include <string.h>

static bool has_client(const Step *step, int client)
{
    return step->client >= 0 && client >= step->client && client < step->client + step->clients;
}

static void look_for_step(Expected *e, int from)
{
    payload_release(&e->payload);
    buf_clear(&e->seen);
    e->at = 0;
    for (e->step = from; e->step < e->script->n_steps; e->step++) {
        const Step *step = &e->script->steps[e->step];
        if (!has_client(step, e->client))
            continue;
        if (step->verb == VERB_CONNECT)
            e->step = e->script->n_steps - 1;
        else if (step->verb == VERB_EXPECT) {
            payload_init(&e->payload, step, e->client - step->client + 1);
            return;
        }
    }
}

void expected_init(Expected *expected, const Script *script, int client, int from)
{
    *expected = (Expected){.script = script, .client = client};
    buf_init(&expected->seen, EXPECTED_SEEN);
    buf_init(&expected->instead, EXPECTED_SEEN);
    look_for_step(expected, from + 1);
}

void expected_release(Expected *expected)
{
    payload_release(&expected->payload);
    buf_release(&expected->seen);
    buf_release(&expected->instead);
}

static size_t same(const char *a, const char *b, size_t len)
{
    size_t n = 0;
    if (memcmp(a, b, len) == 0)
        return len;
    while (a[n] == b[n])
        n++;
    return n;
}

void expected_feed(Expected *e, const char *bytes, size_t len)
{
    char want[4096];
    while (len > 0 && !e->wrong && e->step < e->script->n_steps) {
        size_t n = payload_copy(&e->payload, e->at, want, len < sizeof want ? len : sizeof want);
        size_t good = same(bytes, want, n);
        e->wrong = good < n;
        buf_add(&e->seen, bytes, good);
        e->at += good;
        bytes += good;
        len -= good;
        if (e->at == e->payload.total)
            look_for_step(e, e->step + 1);
    }
    if (e->wrong) {
        buf_add(&e->seen, bytes, len);
        buf_add(&e->instead, bytes, len);
    }
}

bool expected_met(const Expected *expected, int step)
{
    return step < expected->step;
}

bool expected_failed(const Expected *expected, int step)
{
    return expected->wrong && !expected_met(expected, step);
}
