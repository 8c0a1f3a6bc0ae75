/* What was expected of a client's connection against what came. */
#include "peer/player_parts.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/made_up.h"
#include "base/text.h"

enum { SHOWN = 48 };

const char *blame_time(char *text, size_t size, int64_t ns)
{
    double ms = (double)ns / (double)NS_PER_MS;
    if (ms < 1000)
        snprintf(text, size, "%.4g ms", ms);
    else
        snprintf(text, size, "%.4g s", ms / 1000);
    return text;
}

void blame_who(Player *player, int client, int others)
{
    buf_str(&player->message, player->script->client_names[client]);
    if (others > 0)
        buf_printf(&player->message, " (and %d more)", others);
}

static void quote(Buf *out, const char *bytes, size_t len)
{
    buf_char(out, '"');
    text_quote(out, bytes, len, SHOWN);
    buf_char(out, '"');
}

static void quote_payload(Buf *out, const Payload *payload, uint64_t offset)
{
    char bytes[SHOWN + 1]; /* one more, so that a cut shows */
    quote(out, bytes, payload_copy(payload, offset, bytes, sizeof bytes));
}

static void say_expected(Buf *out, const Step *step, int client)
{
    Payload payload;
    payload_init(&payload, step, client - step->client + 1);
    if (!step->data) {
        buf_printf(out, "%llu made-up bytes", (unsigned long long)step->times);
    } else if (step->times > 1) {
        quote(out, payload.data, payload.len);
        buf_printf(out, " x %llu", (unsigned long long)step->times);
    } else {
        quote_payload(out, &payload, 0);
    }
    payload_release(&payload);
}

/* What came instead is from another place of what was sent: that names the mistake. */
static void say_displaced(Buf *out, const Expected *in)
{
    int64_t place = made_up_place(in->instead.data, in->instead.len), at = (int64_t)in->at;
    if (place >= 0 && place < at)
        buf_printf(out, ": bytes that came before, from byte %lld on, come again",
                   (long long)place + 1);
    else if (place > at)
        buf_printf(out, ": %lld bytes are left out here", (long long)(place - at));
}

/* Far into a long payload the place says more than the beginning. */
static void say_wrong(Buf *out, const Expected *in)
{
    const Buf *got = in->at < SHOWN ? &in->seen : &in->instead;
    if (in->at >= SHOWN) {
        buf_printf(out, ", but byte %llu of it is wrong: expected ",
                   (unsigned long long)in->at + 1);
        quote_payload(out, &in->payload, in->at);
    }
    buf_str(out, ", got ");
    quote(out, got->data, got->len);
    if (!in->payload.data)
        say_displaced(out, in);
}

static void say_short(Buf *out, const Expected *in, const char *then)
{
    buf_str(out, ", got ");
    if (in->at == 0) {
        buf_str(out, then);
        return;
    }
    if (in->at <= SHOWN)
        quote(out, in->seen.data, in->seen.len);
    else
        buf_printf(out, "%llu of %llu bytes", (unsigned long long)in->at,
                   (unsigned long long)in->payload.total);
    buf_printf(out, " and then %s", then);
}

void blame_expect(Player *player, const Step *step, int client, int others)
{
    Buf *out = &player->message;
    const Link *link = player->links[client];
    const Expected *in = &link->in;
    char time[32];
    blame_who(player, client, others);
    buf_str(out, " expected ");
    say_expected(out, step, client);
    if (!in->wrong && !link->ended)
        buf_printf(out, " within %s", blame_time(time, sizeof time, player->limit_ns));
    if (in->step != player->at)
        buf_printf(out, " (still waiting for the bytes of line %d)",
                   player->script->steps[in->step].line);
    if (in->wrong)
        say_wrong(out, in);
    else
        say_short(out, in,
                  link->reset   ? "a reset"
                  : link->ended ? "the end of the connection"
                                : "nothing");
}
