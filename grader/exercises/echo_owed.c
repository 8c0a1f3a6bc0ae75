/* Clients that do not read, and what the program does meanwhile. */
#include "exercises/echo.h"

#include <string.h>

#include "exercises/common.h"
#include "exercises/idle.h"
#include "exercises/mistake.h"
#include "trace/trace.h"

enum { OWING_C = 2 };
enum { LINES_A };

unsigned owed_connection(const Observation *run)
{
    return run->trace ? trace_connection(run->trace, 1) : 0;
}

/* --- slow reader --- */

/* Did the kernel take less than it was offered? Unknown counts as less: of other calls than write(2) the
 * last argument is another one. */
static bool is_short(const Event *write)
{
    int64_t asked = strcmp(write->call, "write") == 0 ? bytes_asked_for(write) : -1;
    return asked < 0 || write->result < asked;
}

/* The first write to the n-th client that was not taken whole: here the bytes are lost or kept. */
const Event *refused_write(const Observation *run, int n)
{
    unsigned conn = run->trace ? trace_connection(run->trace, n) : 0;
    int64_t owed = 0;
    for (size_t i = 0; conn && i < trace_gap(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        bool moved = event->result > 0 && !(event->flags & EVF_PEEK);
        if (event->object != conn || (event->kind != EV_READ && event->kind != EV_WRITE))
            continue;
        if (moved)
            owed += event->kind == EV_READ ? event->result : -event->result;
        if (event->kind == EV_WRITE && (event_would_block(event) || (owed > 0 && is_short(event))))
            return event;
    }
    return NULL;
}

/* A write to the n-th client that finds no room just behind another one that found none: it is asked
 * again and again, and not waited for. */
static const Event *retried_write(const Observation *run, int n)
{
    unsigned conn = run->trace ? trace_connection(run->trace, n) : 0;
    bool blocked = false;
    for (size_t i = 0; conn && i < trace_gap(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        if (event->kind == EV_WAIT || event->kind == EV_SLEEP)
            blocked = false;
        if (event->kind != EV_WRITE || event->object != conn)
            continue;
        if (blocked && event_would_block(event))
            return event;
        blocked = event_would_block(event);
    }
    return NULL;
}

/* What the program did while a client did not read: figures from the run
 * without a tracer, which slows a busy program down to a crawl; calls from the other. */
typedef struct Waiting {
    double share, wakeups;
    bool awake; /* all the time */
    Idleness idle;
    bool rested; /* the trace begins when all was done that could be done */
} Waiting;

static Waiting while_blocked(const Observation *slow, const Observation *owing)
{
    Waiting waiting = {.share = 0};
    if (owing->n_watches > 0) {
        waiting.idle = idleness(owing, &owing->watches[0]);
        waiting.rested = owing->watches[0].settled;
    }
    if (slow->n_watches > 0) {
        waiting.share = watch_own_cpu_share(&slow->watches[0]);
        waiting.awake = watch_busy(&slow->watches[0]);
        waiting.wakeups = watch_wakeups(&slow->watches[0]);
    }
    return waiting;
}

static bool busy(const Waiting *waiting)
{
    return waiting->awake || waiting->wakeups > RETRIES_MOST ||
           (waiting->rested && waiting->idle.per_second > RETRIES_MOST);
}

static void say_busy(Verdict *v, int halves, const Waiting *waiting, const Observation *owing)
{
    const char *expected = "asleep until the kernel says that the client can be written to";
    const Idleness *idle = &waiting->idle;
    if (waiting->awake)
        verdict_fail(v, halves, expected,
                     "while a client did not read, the program used %.0f %% of a core",
                     waiting->share * 100);
    else
        verdict_fail(v, halves, expected,
                     "while a client did not read, the program woke up %.0f times a second",
                     waiting->wakeups > RETRIES_MOST ? waiting->wakeups : idle->per_second);
    const Event *at = retried_write(owing, 1);
    at = at ? at : idle->shortest;
    at = at ? at : idle->busiest;
    verdict_cite(v, at ? at : refused_write(owing, 1));
}

/* Where parts are small the mistake shows itself best; it is the run that was traced, too. */
static void say_lost(Verdict *v, int halves, const Observation *slow, const Observation *owing)
{
    WrongWrite wrong = wrong_write(owing, OWING_C + 1);
    const char *expected =
        wrong.event ? in_order(&wrong) : "all of it, in order, however slowly it is read";
    if (wrong.event || was_served(slow, SLOW_A))
        blame_client(v, halves, owing, OWING_C, expected);
    else
        blame_client_by(v, halves, slow, owing, SLOW_A, expected);
    verdict_cite(v, wrong.lost_by);
    verdict_cite(v, wrong.event ? wrong.event : early_close(owing, OWING_C + 1));
    const Event *refused = refused_write(owing, OWING_C + 1);
    if (refused != wrong.lost_by && refused != wrong.event && !first_mistake(owing).event)
        verdict_cite(v, refused);
}

/* The write to A that was not taken whole, and what A was hung up on by. */
static void cite_hang_up(Verdict *v, const Observation *run)
{
    verdict_cite(v, refused_write(run, 1));
    verdict_cite(v, early_close(run, 1));
}

/* A write that finds no room at all: who takes EAGAIN for the end of the client hangs up on it. */
static void say_lost_lines(Verdict *v, int halves, const Observation *lines)
{
    blame_client(
        v, halves, lines, LINES_A,
        "all of it, in order: a write that finds no room (EAGAIN) has taken nothing, and all "
        "is owed");
    cite_hang_up(v, lines);
}

/* All that was owed came, or is still coming: who spins under a tracer on a busy machine is slow, which
 * is no loss. */
static bool loses_nothing(const Facts *facts, const Observation *owing)
{
    return was_served(owing, OWING_C) ||
           (never_rests(facts) && owing->end == RUN_STOPPED &&
            !wrong_write(owing, OWING_C + 1).event && !early_close(owing, OWING_C + 1));
}

/* After 64 MiB were offered, all of which it need not take, it must be asleep, too. */
static const Watch *awake_at_its_limit(const Facts *facts)
{
    const Observation *never = facts_run(facts, "never-reads");
    const Watch *watch = never->n_watches > 1 ? &never->watches[1] : NULL;
    return watch && watch_busy(watch) ? watch : NULL;
}

static void say_limit(Verdict *v, int halves, const Facts *facts, const Watch *watch)
{
    const Observation *owing = facts_run(facts, "owing");
    unsigned conn = owed_connection(owing);
    const Event *event, *asked = NULL;
    for (size_t from = 0; conn && (event = trace_next(owing->trace, &from, EV_WATCH, conn));)
        if (event->flags & EVF_READABLE)
            asked = event;
    seen_in(v, facts_run(facts, "never-reads"));
    verdict_fail(
        v, halves, "asleep: no longer registered for reading a client that it does not read from",
        "while a client that offered 64 MiB read nothing, the program used %.0f %% of a core",
        watch_own_cpu_share(watch) * 100);
    verdict_cite(v, asked);
}

/* Who never met a client that could take no more has not shown that it does not spin then. */
void echo_slow_reader(const Facts *facts, Verdict *v)
{
    const Observation *run = facts_run(facts, "slow-reader");
    const Observation *owing = facts_run(facts, "owing");
    const Event *refused = refused_write(owing, 1);
    if (!needs_one_thread(facts, v))
        return;
    const Observation *lines = facts_run(facts, "lines");
    bool in_pieces = was_served(run, SLOW_A) && loses_nothing(facts, owing);
    bool whole = in_pieces && was_served(lines, LINES_A);
    Waiting waiting = while_blocked(run, owing);
    const Watch *awake = awake_at_its_limit(facts);
    bool rests = (whole || refused) && run->n_watches > 0 && !busy(&waiting);
    bool calm = rests && !awake;
    int halves = (whole + calm) * verdict_full(v) / 2;
    if (!whole) {
        if (in_pieces)
            say_lost_lines(v, halves, lines);
        else
            say_lost(v, halves, run, owing);
        if (calm)
            verdict_note(v, "half is for being asleep meanwhile, which it was");
    } else if (rests && awake) {
        say_limit(v, halves, facts, awake);
    } else if (!calm) {
        seen_in(v, waiting.idle.per_second > RETRIES_MOST ? owing : run);
        say_busy(v, halves, &waiting, owing);
    } else {
        verdict_pass(v, "1 MiB through a slow reader: nothing lost, and asleep meanwhile");
    }
}

/* --- backpressure --- */

/* What may be owed, with some room for what is on its way; by how much memory
 * may grow for that, where the kernel does not tell what it holds itself. */
enum { OWED_MOST = (1 << 20) + (1 << 16), GROWTH_MOST = 3 << 20 };

static double mib(uint64_t bytes)
{
    return (double)bytes / (1 << 20);
}

/* A read that took more from A while A was still owed what had found no room. */
static const Event *read_in_debt(const Observation *run)
{
    const Event *refused = refused_write(run, 1);
    int64_t owed = 0;
    for (size_t i = 0; refused && i < trace_gap(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        bool reads = event->kind == EV_READ && !(event->flags & EVF_PEEK);
        if (event->object != refused->object || event->result <= 0 ||
            !(reads || event->kind == EV_WRITE))
            continue;
        if (reads && owed > 0 && event->number > refused->number)
            return event;
        owed += reads ? event->result : -event->result;
    }
    return NULL;
}

void echo_backpressure(const Facts *facts, Verdict *v)
{
    const Observation *run = facts_run(facts, "never-reads");
    const char *expected = "at most 1 MiB is owed to a client at any time";
    if (!needs_one_thread(facts, v))
        return;
    if (run->n_watches < 2 || !was_served(run, SLOW_B)) {
        blame_client(v, 0, run, SLOW_B, "B is served while A does not read its echo");
        verdict_cite(v, retried_write(facts_run(facts, "owing"), 1));
        return;
    }
    const PeerClient *a = &run->clients[SLOW_A];
    uint64_t before = run->watches[0].before.resident, after = run->watches[1].before.resident;
    uint64_t grown = after > before ? after - before : 0;
    const PeerStep *offer = observation_step(run, "send", 2);
    if (!offer || !offer->ok || a->ended || a->reset) {
        verdict_fail(v, 0, "a client that does not read is kept, and not read from",
                     "A was hung up on when it had sent %.1f MiB", mib(a->sent_total));
        cite_hang_up(v, facts_run(facts, "owing"));
    } else if (a->sent_total >= OFFERED) {
        verdict_fail(v, 0, expected,
                     "all %.0f MiB that A sent were taken, though it read nothing of its echo "
                     "(memory grew by %.1f MiB%s)",
                     mib(a->sent_total), mib(grown),
                     grown < GROWTH_MOST ? ": they are not kept, so they are lost" : "");
        verdict_cite(v, read_in_debt(facts_run(facts, "owing")));
    } else if (a->held > OWED_MOST) {
        verdict_fail(v, 0, expected,
                     "of %.1f MiB that A sent, %.1f MiB were with the program, owed or lost",
                     mib(a->sent_total), mib((uint64_t)a->held));
        verdict_cite(v, read_in_debt(facts_run(facts, "owing")));
    } else if (a->held < 0 && grown > GROWTH_MOST) {
        verdict_fail(v, 0, expected, "memory grew by %.1f MiB while A did not read", mib(grown));
        verdict_cite(v, read_in_debt(facts_run(facts, "owing")));
    } else {
        verdict_pass(v, "a client that never reads is read no further after %.1f MiB",
                     mib(a->sent_total));
    }
}
