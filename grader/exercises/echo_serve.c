#include "exercises/echo.h"

#include <stdio.h>

#include "base/clock.h"
#include "exercises/mistake.h"
#include "trace/trace.h"

/* Clients by their index in the scripts; see echo.h. */
enum { ONE_A };
enum { TWO_A, TWO_B };
enum { ALL };

/* The last read of the n-th accepted connection: what a program that stops too early did last. */
static const Event *last_read(const Observation *run, int n)
{
    unsigned conn = run->trace ? trace_connection(run->trace, n) : 0;
    const Event *event, *last = NULL;
    for (size_t from = 0; conn && (event = trace_next(run->trace, &from, EV_READ, conn));)
        last = event;
    return last;
}

/* The first answer to A that was not all of what had been read, and that read; of what was answered
 * whole the last. */
static void cite_answer(Verdict *v, const Observation *run)
{
    unsigned conn = run->trace ? trace_connection(run->trace, 1) : 0;
    const Event *read = NULL, *written = NULL;
    int64_t owed = 0;
    for (size_t i = 0; conn && i < trace_gap(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        bool reads = event->kind == EV_READ && !(event->flags & EVF_PEEK);
        if (event->object != conn || event->result <= 0 || !(reads || event->kind == EV_WRITE))
            continue;
        if (reads && owed <= 0)
            written = NULL; /* what stood before was answered whole */
        if (reads && written)
            break;
        owed += reads ? event->result : -event->result;
        read = reads ? event : read;
        written = reads ? written : event;
    }
    verdict_cite(v, written);
    verdict_cite(v, read);
}

void echo_one(const Facts *facts, Verdict *v)
{
    const Observation *run = facts_run(facts, "one-client");
    if (was_served(run, ONE_A)) {
        verdict_pass(v, "one client gets its bytes back: words, NULs, split and joined");
        return;
    }
    blame_client(v, 0, run, ONE_A, "every byte back, however the messages are cut");
    cite_answer(v, run);
}

void echo_burst(const Facts *facts, Verdict *v)
{
    const Observation *run = facts_run(facts, "burst");
    if (was_served(run, ONE_A)) {
        verdict_pass(v, "100 KiB at once, then silence: all comes back");
        return;
    }
    blame_client(v, 0, run, ONE_A,
                 "all 100 KiB, though nothing comes behind them that would wake it again");
    verdict_cite(v, last_read(run, 1));
}

/* --- many clients, one thread --- */

#define PAUSE_NS (800 * NS_PER_MS)

/* A wait of so long, or without an end, that begins when the listener was taken out of the queue because
 * accept() had said EAGAIN: whoever comes is not heard, though no descriptor is missing. On a busy machine
 * B comes so late that it is served in time all the same. */
static const Event *deaf_wait(const Observation *run)
{
    const Event *accept = NULL, *removed = NULL;
    for (size_t i = 0; run->trace && i < trace_gap(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        if (event->kind == EV_ACCEPT)
            accept = event;
        if (event->kind == EV_WATCH && event->result >= 0 && accept &&
            event->object == accept->listener)
            removed = stops_accepting(event, accept) ? event : NULL;
        if (event->kind == EV_WAIT && removed && event->thread == removed->thread &&
            (event->timeout_ns == -1 || event->timeout_ns >= PAUSE_NS))
            return event;
    }
    return NULL;
}

static void blame_deaf(Verdict *v, const Observation *run, const Event *deaf, const char *expected)
{
    char how_long[40] = "without an end";
    if (deaf->timeout_ns >= 0)
        snprintf(how_long, sizeof how_long, "of %.1f s", (double)deaf->timeout_ns / 1e9);
    seen_in(v, run);
    verdict_fail(v, 0, expected,
                 "accept() says EAGAIN, and the listener leaves the queue: in a wait %s nobody who "
                 "comes is heard, though no descriptor is missing",
                 how_long);
    verdict_cite(v, deaf);
}

void echo_many_clients(const Facts *facts, Verdict *v)
{
    const Observation *two = facts_run(facts, "two-clients");
    const Observation *many = facts_run(facts, "clients-100");
    const Event *second = second_thread(two), *deaf = second ? NULL : deaf_wait(two);
    int half = verdict_full(v) / 2;
    if (!was_served(two, TWO_A)) {
        blame_client(v, 0, two, TWO_A, "two clients at once are both served");
    } else if (!was_served(two, TWO_B)) {
        blame_client(v, 0, two, TWO_B, "two clients at once are both served");
    } else if (deaf) {
        blame_deaf(v, two, deaf, "two clients at once are both served");
    } else if (second) {
        seen_in(v, two);
        verdict_fail(v, half, "all of them in one thread",
                     "two clients are served, by more than one thread or process");
        verdict_cite(v, second);
    } else if (!was_served(many, ALL)) {
        blame_client_by(v, half, many, two, ALL, "100 clients at once are all served");
    } else {
        verdict_pass(v, "100 clients at once, and none gets another's bytes");
    }
}

/* A read or write that waits for as long as its client likes, and with it all others: a read that
 * an event has announced finds something. The same is a poll or select on one client and nothing
 * else, though not for a glance. */
static const Event *waits_for_a_client(const Observation *run)
{
    const Event *blocking = trace_witness(run->trace, WITNESS_MAY_WAIT);
    return blocking ? blocking : trace_witness(run->trace, WITNESS_ONE_CLIENT);
}

void echo_never_blocks(const Facts *facts, Verdict *v)
{
    const Observation *two = facts_run(facts, "two-clients");
    const Observation *owing = facts_run(facts, "owing");
    const Event *second = second_thread(two), *blocking = waits_for_a_client(two);
    const Event *deaf = deaf_wait(two);
    if (!second)
        second = second_thread(owing);
    if (!blocking)
        blocking = waits_for_a_client(owing);
    if (!was_served(two, TWO_A)) {
        verdict_needs(v, "echo-one", "no client is served yet");
    } else if (second) {
        verdict_fail(v, 0, "one thread of one process",
                     "more than one thread or process serves the sockets");
        verdict_cite(v, second);
    } else if (!was_served(two, TWO_B)) {
        blame_client(v, 0, two, TWO_B, "B is served while A is connected");
        verdict_cite(v, blocking);
    } else if (deaf) {
        blame_deaf(v, two, deaf, "B is served while A is connected");
    } else if (blocking) {
        seen_in(v, waits_for_a_client(two) ? two : owing);
        verdict_fail(v, 0, "connections that do not block (O_NONBLOCK, or MSG_DONTWAIT)",
                     "a %s that waits for its client, and all others with it",
                     blocking->kind == EV_WRITE  ? "write"
                     : blocking->kind == EV_WAIT ? "poll"
                                                 : "read");
        verdict_cite(v, blocking);
    } else {
        verdict_pass(v, "one thread, and no call on a connection can hold it up");
    }
}

void echo_past_1024(const Facts *facts, Verdict *v)
{
    const Observation *run = facts_run(facts, "past-1024");
    if (!needs_one_thread(facts, v))
        return;
    if (was_served(run, ALL))
        verdict_pass(v, "1,100 clients at once");
    else
        blame_client_by(v, 0, run, facts_run(facts, "two-clients"), ALL,
                        "1,100 clients at once are all served");
}
