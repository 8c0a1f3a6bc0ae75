#include "exercises/echo.h"

#include <stdlib.h>

#include "base/buf.h"
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

void echo_one(const Facts *facts, Verdict *v)
{
    const Observation *run = facts_run(facts, "one-client");
    if (was_served(run, ONE_A))
        verdict_pass(v, "one client gets its bytes back: words, NULs, split and joined");
    else
        blame_client(v, 0, run, ONE_A, "every byte back, however the messages are cut");
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

/* What is known of a connection at some place of a trace. */
typedef struct Standing {
    bool nonblocking;
    bool announced; /* an event came, and it was not read since */
} Standing;

void echo_many_clients(const Facts *facts, Verdict *v)
{
    const Observation *two = facts_run(facts, "two-clients");
    const Observation *many = facts_run(facts, "clients-100");
    const Event *second = second_thread(two);
    int half = verdict_full(v) / 2;
    if (!was_served(two, TWO_A)) {
        blame_client(v, 0, two, TWO_A, "two clients at once are both served");
    } else if (!was_served(two, TWO_B)) {
        blame_client(v, 0, two, TWO_B, "two clients at once are both served");
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

static bool can_block(const Event *event, const Standing *standing)
{
    if (standing->nonblocking || (event->flags & EVF_DONTWAIT))
        return false;
    return event->kind == EV_WRITE || !standing->announced;
}

static void note(const Event *event, Standing *standing)
{
    if (event->kind == EV_NONBLOCK)
        standing->nonblocking = event->flags & EVF_SET;
    else if (event->kind == EV_WAKE)
        standing->announced = true;
    else if (event->kind == EV_READ)
        standing->announced = false;
}

/* A read or write of a connection that waits for as long as the client likes;
 * NULL: there is none. A read that an event has announced finds something. */
static const Event *blocking_call(const Observation *run)
{
    unsigned most = run->trace ? trace_objects(run->trace) + 1 : 1;
    Standing *standings = x_calloc(most, sizeof *standings);
    const Event *found = NULL;
    for (size_t i = 0; run->trace && !found && i < trace_gap(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        const Object *object = trace_object(run->trace, event->object);
        if (!object || object->kind != OBJECT_CONNECTION)
            continue;
        Standing *standing = &standings[event->object];
        if ((event->kind == EV_READ || event->kind == EV_WRITE) && can_block(event, standing))
            found = event;
        note(event, standing);
    }
    free(standings);
    return found;
}

/* A poll or select on one client and nothing else, though not for a glance: who waits so for
 * one keeps all others waiting. NULL: there is none. */
static const Event *wait_for_one(const Observation *run)
{
    int clients = 0, others = 0;
    for (size_t i = 0; run->trace && i < trace_gap(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        const Object *object = trace_object(run->trace, event->object);
        if (event->kind == EV_WATCH && event->flags & EVF_TRANSIENT) {
            bool client = object && object->kind == OBJECT_CONNECTION;
            clients += client;
            others += !client;
        } else if (event->kind == EV_WAIT) {
            if (clients == 1 && others == 0 && event->timeout_ns != 0)
                return event;
            clients = others = 0;
        }
    }
    return NULL;
}

static const Event *waits_for_a_client(const Observation *run)
{
    const Event *blocking = blocking_call(run);
    return blocking ? blocking : wait_for_one(run);
}

void echo_never_blocks(const Facts *facts, Verdict *v)
{
    const Observation *two = facts_run(facts, "two-clients");
    const Observation *owing = facts_run(facts, "owing");
    const Event *second = second_thread(two), *blocking = waits_for_a_client(two);
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
