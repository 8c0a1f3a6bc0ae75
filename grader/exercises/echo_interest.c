/* Whom the program asks to be woken for, and when: interest in writing while something is owed. */
#include "exercises/echo.h"

#include "exercises/common.h"
#include "exercises/idle.h"
#include "trace/trace.h"

enum { ALL };

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
    bool shown = !owed_connection(owing) || refused_write(owing, 1) ||
                 interest_in(owing->trace, owed_connection(owing)).asked;
    return !shown && trace_elided(owing->trace) > 0 && owed_connection(lines) ? lines : owing;
}

/* 1 MiB came through, and of 64 it took no more than it could keep, without spinning: it waited for room
 * somewhere, though not where it is seen (whose send buffer is large has room enough there). */
static bool waited_unseen(const Facts *facts)
{
    const Observation *slow = facts_run(facts, "slow-reader");
    const Observation *never = facts_run(facts, "never-reads");
    const PeerClient *a = never->n_clients > SLOW_A ? &never->clients[SLOW_A] : NULL;
    return was_served(slow, SLOW_A) && was_served(slow, SLOW_B) && slow->n_watches > 0 &&
           !watch_busy(&slow->watches[0]) && watch_wakeups(&slow->watches[0]) <= RETRIES_MOST &&
           was_served(never, SLOW_B) && a && a->sent_total < OFFERED && !a->ended && !a->reset;
}

void echo_write_interest(const Facts *facts, Verdict *v)
{
    const Observation *run = where_owed(facts);
    if (!needs_one_thread(facts, v))
        return;
    if (!owed_connection(run)) {
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
    if (!a.asked && !wrote(run->trace, owed_connection(run))) {
        verdict_needs(v, "echo-one", "nothing was written to the client");
    } else if (!a.asked && !refused_write(run, 1) && pays && never_rests(facts) &&
               trace_elided(run->trace) > 0) {
        verdict_pass(v, "what is owed is paid, and nothing is seen of an interest in vain");
    } else if (!a.asked && !refused_write(run, 1) && trace_witness(run->trace, WITNESS_MAY_WAIT)) {
        verdict_needs(v, "never-blocks", "a write that blocks returns when all was taken");
    } else if (!a.asked && !refused_write(run, 1) && waited_unseen(facts)) {
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
