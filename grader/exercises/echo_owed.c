/* Clients that do not read, and what the program does meanwhile. */
#include "exercises/echo.h"

#include <string.h>

#include "exercises/common.h"
#include "exercises/idle.h"
#include "exercises/mistake.h"
#include "trace/trace.h"

/* Clients of slow-reader, owing, lines and never-reads by their index; see echo.h. A is the first
 * accepted. */
enum { SLOW_A, SLOW_B, OWING_C };
enum { LINES_A };
enum { ALL };

/* More than that many wake-ups a second for a client that does not read are a busy wait. */
enum { RETRIES_MOST = 20 };

static unsigned connection_of_a(const Observation *run)
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
static const Event *refused_write(const Observation *run, int n)
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

/* Of 64 MiB that are offered it takes no more after a while, and must be asleep then, too. */
static const Watch *awake_at_its_limit(const Facts *facts)
{
    const Observation *never = facts_run(facts, "never-reads");
    const Watch *watch = never->n_watches > 1 ? &never->watches[1] : NULL;
    return watch && watch_busy(watch) ? watch : NULL;
}

static void say_limit(Verdict *v, int halves, const Facts *facts, const Watch *watch)
{
    const Observation *owing = facts_run(facts, "owing");
    unsigned conn = connection_of_a(owing);
    const Event *event, *asked = NULL;
    for (size_t from = 0; conn && (event = trace_next(owing->trace, &from, EV_WATCH, conn));)
        if (event->flags & EVF_READABLE)
            asked = event;
    seen_in(v, facts_run(facts, "never-reads"));
    verdict_fail(
        v, halves, "asleep: while no more is read from a client, its being readable is no event",
        "a client sent on and read nothing; when the program took no more from it, it used "
        "%.0f %% of a core",
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

/* What is offered; what may be owed, with some room for what is on its way; by how much memory
 * may grow for that, where the kernel does not tell what it holds itself. */
enum { OFFERED = 64 << 20, OWED_MOST = (1 << 20) + (1 << 16), GROWTH_MOST = 3 << 20 };

static double mib(uint64_t bytes)
{
    return (double)bytes / (1 << 20);
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
    } else if (a->sent_total >= OFFERED)
        verdict_fail(v, 0, expected,
                     "all %.0f MiB that A sent were taken, though it read nothing of its echo "
                     "(memory grew by %.1f MiB%s)",
                     mib(a->sent_total), mib(grown),
                     grown < GROWTH_MOST ? ": they are not kept, so they are lost" : "");
    else if (a->held > OWED_MOST)
        verdict_fail(v, 0, expected,
                     "of %.1f MiB that A sent, %.1f MiB were with the program, owed or lost",
                     mib(a->sent_total), mib((uint64_t)a->held));
    else if (a->held < 0 && grown > GROWTH_MOST)
        verdict_fail(v, 0, expected, "memory grew by %.1f MiB while A did not read", mib(grown));
    else
        verdict_pass(v, "a client that never reads is read no further after %.1f MiB",
                     mib(a->sent_total));
}

/* --- write interest --- */

/* So many wake-ups in a row with nothing owed, and it is no longer the last one before the
 * interest is taken back, or the one that an edge-triggered registration begins with. */
enum { IDLE_WAKES = 3 };

typedef struct Interest {
    bool asked;           /* WRITABLE was among what the connection was registered for */
    bool used;            /* a wake-up for writing, and then a write that paid something */
    int row;              /* wake-ups for writing and for nothing else, with nothing owed */
    const Event *watch;   /* the registration that asked */
    const Event *in_vain; /* a registration with too long a row of these */
} Interest;

/* What the program is to write yet: read and not written, or peeked at and left in the kernel
 * until it is written. (Who peeks writes before he reads: then `taken` is below zero.) */
typedef struct Debt {
    int64_t taken, peeked;
} Debt;

static int64_t owed(const Debt *debt)
{
    return debt->taken + debt->peeked;
}

static void move(Debt *debt, const Event *event)
{
    if (event->kind == EV_WRITE) {
        debt->taken -= event->result;
    } else if (event->flags & EVF_PEEK) {
        debt->peeked = event->result;
    } else {
        debt->taken += event->result;
        debt->peeked -= debt->peeked < event->result ? debt->peeked : event->result;
    }
}

static void follow(Interest *interest, const Event *event, Debt *debt, bool *woken)
{
    switch (event->kind) {
    case EV_WATCH:
        if (event->result >= 0 && (event->flags & EVF_WRITABLE)) {
            interest->asked = true;
            interest->watch = event;
        }
        break;
    case EV_WAKE:
        *woken = event->flags & EVF_WRITABLE;
        if (!event_for_writing_only(event) || owed(debt) > 0)
            interest->row = 0;
        else if (++interest->row == IDLE_WAKES && !interest->in_vain)
            interest->in_vain = interest->watch ? interest->watch : event;
        break;
    case EV_READ:
    case EV_WRITE:
        if (event->result <= 0)
            break;
        interest->row = 0;
        interest->used |= event->kind == EV_WRITE && *woken && owed(debt) > 0;
        move(debt, event);
        break;
    default:
        break;
    }
}

static Interest interest_in(const Trace *trace, unsigned conn)
{
    Interest interest = {.asked = false};
    Debt debt = {0, 0};
    bool woken = false;
    for (size_t i = 0; i < trace_gap(trace); i++) {
        const Event *event = trace_at(trace, i);
        if (event->object == conn)
            follow(&interest, event, &debt, &woken);
    }
    return interest;
}

static bool wrote(const Trace *trace, unsigned conn)
{
    const Event *event;
    for (size_t from = 0; (event = trace_next(trace, &from, EV_WRITE, conn));)
        if (event->result > 0 || event_would_block(event))
            return true;
    return false;
}

static bool served_burst(const Facts *facts)
{
    return was_served(facts_run(facts, "burst"), ALL);
}

/* Where A is owed something: in small steps the longer script fills the trace before it comes to that,
 * and the shorter one does not. */
static const Observation *where_owed(const Facts *facts)
{
    const Observation *owing = facts_run(facts, "owing"), *lines = facts_run(facts, "lines");
    bool shown = !connection_of_a(owing) || refused_write(owing, 1) ||
                 interest_in(owing->trace, connection_of_a(owing)).asked;
    return !shown && trace_elided(owing->trace) > 0 && connection_of_a(lines) ? lines : owing;
}

/* More than any buffer holds came through, and nobody spun: somebody waited for room, though it was not
 * seen where less was sent (whose send buffer is large needs no patience there). */
static bool served_slowly(const Facts *facts)
{
    const Observation *slow = facts_run(facts, "slow-reader");
    return was_served(slow, SLOW_A) && was_served(slow, SLOW_B) && slow->n_watches > 0 &&
           !watch_busy(&slow->watches[0]) && watch_wakeups(&slow->watches[0]) <= RETRIES_MOST;
}

void echo_write_interest(const Facts *facts, Verdict *v)
{
    const Observation *run = where_owed(facts);
    if (!needs_one_thread(facts, v))
        return;
    if (!connection_of_a(run)) {
        verdict_needs(v, "slow-reader", "no client was accepted");
        return;
    }
    unsigned second = trace_connection(run->trace, SLOW_B + 1); /* 0: A is alone */
    Interest a = interest_in(run->trace, trace_connection(run->trace, SLOW_A + 1));
    Interest b = second ? interest_in(run->trace, second) : (Interest){.asked = false};
    seen_in(v, run);
    const Event *in_vain = a.in_vain ? a.in_vain : b.in_vain;
    /* Who spins gets nowhere under a tracer on a busy machine, and pays without one. */
    bool pays = a.used || was_served(facts_run(facts, "slow-reader"), SLOW_A);
    if (!a.asked && !wrote(run->trace, connection_of_a(run))) {
        verdict_needs(v, "echo-one", "nothing was written to the client");
    } else if (!a.asked && !refused_write(run, 1) && pays && never_rests(facts) &&
               trace_elided(run->trace) > 0) {
        verdict_pass(v, "what is owed is paid, and nothing is seen of an interest in vain");
    } else if (!a.asked && !refused_write(run, 1) && trace_witness(run->trace, WITNESS_MAY_WAIT)) {
        verdict_needs(v, "never-blocks", "a write that blocks returns when all was taken");
    } else if (!a.asked && !refused_write(run, 1) && served_slowly(facts)) {
        verdict_pass(v, "what is owed is paid, and nothing is seen of an interest in vain");
    } else if (!a.asked && !refused_write(run, 1)) {
        verdict_needs(v, served_burst(facts) ? "slow-reader" : "burst-then-silence",
                      "it never came to a write that the kernel did not take whole");
    } else if (!a.asked) {
        verdict_fail(v, 0, "to be woken when the client can be written to again",
                     "the kernel did not take all, and the program never asked when it would");
        verdict_cite(v, refused_write(run, 1));
    } else if (in_vain) {
        verdict_fail(v, 0, "an interest in writability only while something is owed",
                     "woken again and again because a client could be written to that was owed "
                     "nothing");
        verdict_cite(v, in_vain);
    } else if (!pays) {
        verdict_fail(v, 0, "what is owed paid when it is woken for writing",
                     "it asked to be woken for writing, and no write followed");
        verdict_cite(v, a.watch);
    } else {
        verdict_pass(v, "woken for writing while something is owed, and never otherwise");
    }
}
