#include "exercises/echo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "exercises/common.h"
#include "exercises/mistake.h"
#include "trace/trace.h"

enum { MESSAGE_MOST = 2048 };

static bool expects(const PeerStep *step)
{
    return strncmp(step->verb, "expect", 6) == 0;
}

bool was_served(const Observation *run, int client)
{
    int met = 0;
    if (client < run->n_clients && run->clients[client].unplayed > 0)
        return false;
    for (int i = 0; i < run->n_steps; i++) {
        const PeerStep *step = &run->steps[i];
        if (step->client != client)
            continue;
        if (!step->ok)
            return false;
        met += expects(step);
    }
    return met > 0;
}

const PeerStep *fell_short(const Observation *run, int client)
{
    for (int i = 0; i < run->n_steps; i++)
        if (run->steps[i].client == client && !run->steps[i].ok)
            return &run->steps[i];
    return observation_failed_step(run);
}

bool ended_early(const Observation *run, char *text, size_t size)
{
    char ended[64];
    const PeerStep *asked = observation_step(run, "signal", 1);
    bool early = (run->end == RUN_EXITED || run->end == RUN_SIGNALED || run->end == RUN_FLOOD) &&
                 !(asked && asked->ok);
    if (early)
        snprintf(text, size, "the program %s", how_it_ended(run, ended, sizeof ended));
    else
        text[0] = 0;
    return early;
}

void seen_in(Verdict *v, const Observation *run)
{
    if (run->scenario)
        verdict_scenario(v, run->scenario);
}

/* What the client saw, and how the program ended. */
static void say_what_happened(Buf *said, const Observation *run, int client)
{
    char ended[96];
    const PeerStep *step = fell_short(run, client);
    /* Who has no socket any more has lost its program: how that ended says it better. */
    const char *message =
        step && step->message && !strstr(step->message, "has no socket") ? step->message : "";
    if (ended_early(run, ended, sizeof ended))
        buf_printf(said, "%s%s%s", ended, *message ? ": " : "", message);
    else if (run->end == RUN_NO_LISTEN || run->end == RUN_NOT_RUN)
        buf_str(said, "the program never listened");
    else
        buf_str(said, *message ? message : "the exchange never began");
}

/* The last call that failed before the program ended by itself, and behind which it waited for nothing
 * more: mostly why it did. */
static const Event *gave_up_at(const Observation *run)
{
    const Event *last = NULL;
    for (size_t i = 0; run->trace && run->end == RUN_EXITED && i < trace_len(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        if (event->kind == EV_WAIT && event->result >= 0)
            last = NULL;
        else if (event->error && event->error != EINTR && !event_would_block(event))
            last = event;
    }
    return last;
}

void blame_client_by(Verdict *v, int halves, const Observation *run, const Observation *traced,
                     int client, const char *expected)
{
    Mistake mistake = first_mistake(traced);
    Buf said;
    buf_init(&said, MESSAGE_MOST);
    say_what_happened(&said, run, client);
    seen_in(v, run);
    verdict_fail(v, halves, expected, "%s%s%s", said.data, MISTAKE_WORDS(mistake));
    verdict_cite(v, mistake.event ? mistake.event : gave_up_at(traced));
    buf_release(&said);
}

void blame_client(Verdict *v, int halves, const Observation *run, int client, const char *expected)
{
    blame_client_by(v, halves, run, run, client, expected);
}

/* --- one thread --- */

static ObjectKind kind_of(const Trace *trace, unsigned object)
{
    const Object *found = trace_object(trace, object);
    return found ? found->kind : OBJECT_OTHER;
}

static bool is_socket(const Trace *trace, unsigned object)
{
    ObjectKind kind = kind_of(trace, object);
    return kind == OBJECT_LISTENER || kind == OBJECT_CONNECTION;
}

/* Is the listener or a connection registered with this queue at any time? */
static bool watches_sockets(const Trace *trace, unsigned queue)
{
    const Event *event;
    for (size_t from = 0; (event = trace_next(trace, &from, EV_WATCH, 0));)
        if (event->queue == queue && is_socket(trace, event->object))
            return true;
    return false;
}

/* Serving is to accept, to read, to write, or to wait until one of these can be
 * done. Whoever set the sockets up, or only waits for signals, does not serve. */
static bool serves(const Trace *trace, const Event *event)
{
    switch (event->kind) {
    case EV_ACCEPT:
        return true;
    case EV_READ:
    case EV_WRITE:
        return kind_of(trace, event->object) == OBJECT_CONNECTION;
    case EV_WATCH:
        return (event->flags & EVF_TRANSIENT) && is_socket(trace, event->object);
    case EV_WAIT:
        return event->queue && watches_sockets(trace, event->queue);
    default:
        return false;
    }
}

const Event *second_thread(const Observation *run)
{
    int first = 0;
    for (size_t i = 0; run->trace && i < trace_len(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        if ((first && event->thread == first) || !serves(run->trace, event))
            continue;
        if (first)
            return event;
        first = event->thread;
    }
    return trace_witness(run->trace, WITNESS_SECOND_THREAD);
}

bool needs_one_thread(const Facts *facts, Verdict *v)
{
    static const char *const traced[] = {"two-clients", "owing"};
    for (size_t i = 0; i < sizeof traced / sizeof *traced; i++) {
        if (!second_thread(facts_run(facts, traced[i])))
            continue;
        verdict_needs(v, "never-blocks", "more than one thread or process serves the sockets");
        return false;
    }
    return true;
}
