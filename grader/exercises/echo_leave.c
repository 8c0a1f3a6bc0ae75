/* Clients that leave, and a program that runs out of descriptors or is asked to stop. */
#include "exercises/echo.h"

#include <errno.h>
#include <signal.h>

#include "exercises/common.h"
#include "exercises/idle.h"
#include "exercises/mistake.h"
#include "trace/trace.h"

/* Clients by their index in the scripts; see echo.h. */
enum { TWO_A, TWO_B, TWO_E, TWO_C };
enum { CHURN_ALL, CHURN_B = 50, CHURN_D };
enum { RESET_B, RESET_D };
enum { HALF_A, HALF_B, HALF_C, HALF_D };
enum { OWING_A, OWING_B, OWING_C, OWING_D };
enum { FULL_ALL, FULL_E = 60, FULL_D };

/* How many descriptors more than at the first watch were open at this one (0 is the first)? */
static int more_descriptors(const Observation *run, int watch)
{
    return run->n_watches > watch
               ? run->watches[watch].before.descriptors - run->watches[0].before.descriptors
               : 0;
}

/* --- close --- */

static const Event *last_of(const Observation *run, EventKind kind, unsigned conn)
{
    const Event *event, *last = NULL;
    for (size_t from = 0; conn && (event = trace_next(run->trace, &from, kind, conn));)
        last = event;
    return last;
}

static unsigned connection_of_a(const Observation *two)
{
    return two->trace ? trace_connection(two->trace, 1) : 0;
}

/* When C came: A had left, and the program had been given the time to see to it. */
static int64_t when_c_came(const Observation *two)
{
    for (int i = 0; i < two->n_steps; i++)
        if (two->steps[i].client == TWO_C)
            return two->steps[i].start_ns;
    return 0;
}

/* A process for each client may leave it to its own end to close. */
static bool closed_by_a_child(const Observation *two, unsigned conn)
{
    const Event *exit, *close = last_of(two, EV_CLOSE, conn), *read = last_of(two, EV_READ, conn);
    for (size_t from = 0; close && read && (exit = trace_next(two->trace, &from, EV_EXIT, 0));)
        if (exit->process == read->process && exit->process != close->process &&
            exit->start_ns < when_c_came(two))
            return true;
    return false;
}

static bool a_is_closed(const Observation *two)
{
    unsigned conn = connection_of_a(two);
    const Object *object = conn ? trace_object(two->trace, conn) : NULL;
    return object && ((object->closed_ns && object->closed_ns < when_c_came(two)) ||
                      closed_by_a_child(two, conn));
}

static bool closes(const Observation *two)
{
    return a_is_closed(two) && was_served(two, TWO_E) && was_served(two, TWO_C);
}

/* Busy when all have left, and not before they came. */
static bool busy_at_the_end(const Observation *churn)
{
    return churn->n_watches > 1 && !watch_busy(&churn->watches[0]) &&
           watch_busy(&churn->watches[1]);
}

static const int churned[] = {CHURN_ALL, CHURN_B, CHURN_D};

/* The first of its clients that was not served; -1: all were. */
static int unserved(const Observation *churn)
{
    for (size_t i = 0; i < sizeof churned / sizeof *churned; i++)
        if (!was_served(churn, churned[i]))
            return churned[i];
    return -1;
}

/* Whether the resets ended it is another check's matter. */
static int left_by_resets(const Observation *resets)
{
    int early = more_descriptors(resets, 1), late = more_descriptors(resets, 2);
    if (!was_served(resets, RESET_B))
        return 0;
    return early > 0 || !was_served(resets, RESET_D) ? early : late;
}

static bool churns(const Observation *churn, const Observation *resets)
{
    return unserved(churn) < 0 && left_by_resets(resets) <= 0 && more_descriptors(churn, 1) <= 0 &&
           !busy_at_the_end(churn);
}

static void say_not_closed(Verdict *v, int halves, const Observation *two)
{
    const Event *close = last_of(two, EV_CLOSE, connection_of_a(two));
    seen_in(v, two);
    if (a_is_closed(two)) {
        blame_client(v, halves, two, was_served(two, TWO_E) ? TWO_C : TWO_E,
                     "when A has left, the others and whoever comes next notice nothing");
        return;
    }
    const Object *object = trace_object(two->trace, connection_of_a(two));
    Mistake mistake = first_mistake(two);
    verdict_fail(v, halves, "a client that closes is deregistered, and its descriptor closed",
                 "A closed, and %s%s%s",
                 !close                        ? "the program never closed its side"
                 : object && object->closed_ns ? "the program closed its side only much later"
                                               : "a duplicate of its descriptor stays open",
                 MISTAKE_WORDS(mistake));
    verdict_cite(v, mistake.event);
    verdict_cite(v, close ? close : last_of(two, EV_READ, connection_of_a(two)));
}

/* The write that raised SIGPIPE; otherwise the first call that met the reset. */
static const Event *reset_call(const Observation *run)
{
    const Event *met = NULL;
    for (size_t i = 0; run->trace && i < trace_len(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        if (event->kind == EV_WRITE && event->error == EPIPE)
            return event;
        if (!met && (event->error == ECONNRESET || event->error == EPIPE))
            met = event;
    }
    return met;
}

static bool tells_of_reset(const Event *event)
{
    bool read = event->kind == EV_READ, moves = read || event->kind == EV_WRITE;
    return moves && (event->error == ECONNRESET || event->error == EPIPE ||
                     (read && event->result == 0 && !event->error));
}

/* The call by which the program learned that a client was gone whose connection it never closed:
 * the last of that connection. NULL: not to be told. */
static const Event *left_open_by(const Observation *resets)
{
    for (unsigned i = 1; resets->trace && i <= trace_objects(resets->trace); i++) {
        const Object *object = trace_object(resets->trace, i);
        if (!object || object->kind != OBJECT_CONNECTION || object->closed_ns)
            continue;
        const Event *read = last_of(resets, EV_READ, i), *write = last_of(resets, EV_WRITE, i);
        const Event *last = write && (!read || write->number > read->number) ? write : read;
        if (last && tells_of_reset(last))
            return last;
    }
    return NULL;
}

static void say_left_by_resets(Verdict *v, int halves, const Observation *resets)
{
    const Event *last = left_open_by(resets);
    seen_in(v, resets);
    verdict_fail(v, halves, "a client that resets is closed like any other",
                 "of the clients that had reset, %d stayed open", left_by_resets(resets));
    verdict_cite(v, last ? last : reset_call(resets));
}

static void say_not_churned(Verdict *v, int halves, const Observation *churn,
                            const Observation *resets)
{
    seen_in(v, churn);
    if (unserved(churn) >= 0) {
        blame_client(v, halves, churn, unserved(churn),
                     "2,000 clients come and go, and whoever stays notices nothing");
        return;
    }
    int before = churn->watches[0].before.descriptors, more = more_descriptors(churn, 1);
    if (more > 0)
        verdict_fail(v, halves, "as many descriptors as before, once all have left",
                     "when 1,940 clients had come and gone, %d descriptors were open, not %d as "
                     "before",
                     before + more, before);
    else if (left_by_resets(resets) > 0)
        say_left_by_resets(v, halves, resets);
    else
        verdict_fail(v, halves, "asleep, once all have left",
                     "when 1,940 clients had come and gone, it used %.0f %% of a core",
                     watch_own_cpu_share(&churn->watches[1]) * 100);
}

void echo_close_clean(const Facts *facts, Verdict *v)
{
    const Observation *two = facts_run(facts, "two-clients");
    const Observation *churn = facts_run(facts, "churn");
    const Observation *resets = facts_run(facts, "resets");
    int third = verdict_full(v) / 3;
    int halves = third * closes(two) + 2 * third * churns(churn, resets);
    if (!was_served(two, TWO_A))
        verdict_needs(v, "echo-one", "no client was served that could leave");
    else if (!closes(two))
        say_not_closed(v, halves, two);
    else if (!churns(churn, resets))
        say_not_churned(v, halves, churn, resets);
    else
        verdict_pass(v, "each client that leaves is closed; 2,000 leave nothing behind");
}

/* --- reset --- */

void echo_reset_sigpipe(const Facts *facts, Verdict *v)
{
    const Observation *run = facts_run(facts, "resets");
    bool resets = was_served(run, RESET_B);
    bool killed =
        run->end == RUN_SIGNALED && run->status == SIGPIPE; /* also behind D's last word */
    if (resets && killed && was_served(run, RESET_D)) {
        seen_in(v, run);
        verdict_fail(v, 0, "when clients reset, the program and its other clients go on",
                     "the program was killed by SIGPIPE when it wrote to a client that had reset");
        verdict_cite(v, reset_call(run));
        return;
    }
    if (resets && was_served(run, RESET_D)) {
        verdict_pass(v, "clients may reset in any state; SIGPIPE ends nothing");
        return;
    }
    blame_client(v, 0, run, resets ? RESET_D : RESET_B,
                 "when clients reset, the program and its other clients go on");
    verdict_cite(v, reset_call(run));
}

/* --- half-close --- */

/* In the traced run, where D half-closes: the write that went wrong, or the close that came while
 * something was owed. */
static void blame_half_close(Verdict *v, const Observation *run, int client,
                             const Observation *owing)
{
    WrongWrite wrong = {NULL, false, NULL};
    bool shown = !was_served(owing, OWING_D);
    if (shown)
        wrong = wrong_write(owing, OWING_D + 1);
    if (shown && !wrong.event)
        wrong = wrong_write(owing, OWING_C + 1);
    blame_client_by(v, 0, run, owing, client,
                    wrong.event ? in_order(&wrong)
                                : "what is owed, then the end of the connection");
    verdict_cite(v, wrong.lost_by);
    if (shown)
        verdict_cite(v, wrong.event ? wrong.event : early_close(owing, OWING_D + 1));
}

void echo_half_close(const Facts *facts, Verdict *v)
{
    static const int clients[] = {HALF_A, HALF_B, HALF_C, HALF_D};
    const Observation *run = facts_run(facts, "half-close");
    for (size_t i = 0; i < sizeof clients / sizeof *clients; i++) {
        if (was_served(run, clients[i]))
            continue;
        blame_half_close(v, run, clients[i], facts_run(facts, "owing"));
        return;
    }
    verdict_pass(v, "who half-closes gets what is owed, and then the end");
}

/* --- descriptors --- */

static bool was_let_go(const Observation *run, int client)
{
    const PeerClient *peer = client < run->n_clients ? &run->clients[client] : NULL;
    return peer && (peer->ended || peer->reset);
}

void echo_out_of_descriptors(const Facts *facts, Verdict *v)
{
    const Observation *run = facts_run(facts, "out-of-descriptors");
    if (!was_served(run, FULL_ALL))
        blame_client(v, 0, run, FULL_ALL, "the clients that are connected are served");
    else if (run->n_watches > 0 && watch_busy(&run->watches[0]) && never_rests(facts))
        verdict_needs(v, "idle-asleep", "it is busy with idle clients, too");
    else if (run->n_watches > 0 && watch_busy(&run->watches[0]))
        verdict_fail(v, 0, "no busy loop over an accept that fails",
                     "out of descriptors it used %.0f %% of a core",
                     watch_own_cpu_share(&run->watches[0]) * 100);
    else if (!was_served(run, FULL_D))
        blame_client(v, 0, run, FULL_D, "accepting goes on once clients have left");
    else if (!was_served(run, FULL_E) && !was_let_go(run, FULL_E))
        blame_client(v, 0, run, FULL_E,
                     "who waits in the kernel's queue is accepted once clients have left, though "
                     "nobody new comes");
    else
        verdict_pass(v, "asleep while out of descriptors, accepts again when clients have left");
}

/* --- stop --- */

static bool stops(const Observation *run)
{
    const PeerStep *asked = observation_step(run, "signal", 1);
    const PeerStep *exit = observation_step(run, "exit", 1);
    return asked && asked->ok && exit && exit->ok && run->end == RUN_EXITED && run->status == 0;
}

void echo_stop(const Facts *facts, Verdict *v)
{
    const Observation *term = facts_run(facts, "idle-watch");
    const Observation *interrupt = facts_run(facts, "clients-100");
    const Observation *run = stops(term) ? interrupt : term;
    const PeerStep *asked = observation_step(run, "signal", 1);
    char ended[64];
    how_it_ended(run, ended, sizeof ended);
    seen_in(v, run);
    if (stops(run))
        verdict_pass(v, "SIGTERM and SIGINT end it with status 0, clients connected or not");
    else if (!asked || !asked->ok)
        verdict_needs(v, "echo-one", "it %s before it was asked to stop", ended);
    else
        verdict_fail(v, 0, "exit status 0 within a second", "after %s the program %s",
                     run == term ? "SIGTERM" : "SIGINT", ended);
}
