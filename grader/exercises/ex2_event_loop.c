/* Exercise 2: the event loop. Shared contract, "2 Event loop". */
#include "exercises/common.h"
#include "exercises/idle.h"
#include "exercises/mistake.h"
#include "trace/trace.h"

static bool lasting(const Event *watch)
{
    return (watch->via == VIA_EPOLL || watch->via == VIA_KQUEUE) && !(watch->flags & EVF_TRANSIENT);
}

/* The first readiness call that watched the connection; only epoll's or kqueue's if asked. */
static const Event *watch_of(const Observation *run, bool lasting_only)
{
    unsigned conn = first_connection(run);
    const Event *event;
    for (size_t from = 0; conn && (event = trace_next(run->trace, &from, EV_WATCH, conn));)
        if (event->result >= 0 && (event->flags & EVF_READABLE) &&
            (!lasting_only || lasting(event)))
            return event;
    return NULL;
}

/* What it waited for all the same. */
static const Event *first_wait(const Observation *run)
{
    size_t from = 0;
    return run->trace ? trace_next(run->trace, &from, EV_WAIT, 0) : NULL;
}

static void registered(const Facts *facts, Verdict *v)
{
    const Observation *run = facts_run(facts, "data-later");
    const Event *watch = watch_of(run, true);
    const char *expected = "the connection registered for reading with epoll (kqueue)";
    if (watch) {
        verdict_pass(v, "the connection is registered with %s", watch->call);
    } else if (!first_connection(run)) {
        verdict_fail(v, 0, expected, "no connection was accepted");
    } else if ((watch = watch_of(run, false))) {
        verdict_fail(v, 0, expected,
                     "%s was asked about it, which hands the whole list to the kernel each time",
                     watch->call);
        verdict_cite(v, watch);
    } else if ((watch = registered_otherwise(run))) {
        verdict_fail(v, 0, expected, "the connection is registered, but not for reading%s",
                     watch->via == VIA_EPOLL ? ": .events lacks EPOLLIN" : "");
        verdict_cite(v, watch);
    } else {
        Mistake mistake = first_mistake(run);
        const char *what = mistake.what      ? mistake.what
                           : first_wait(run) ? "nobody told the queue of what it waits for"
                                             : NULL;
        verdict_fail(v, 0, expected, "the connection was never registered%s%s", what ? ": " : "",
                     what ? what : "");
        verdict_cite(v, mistake.event ? mistake.event : first_read(run));
        verdict_cite(v, first_wait(run));
    }
}

/* The first read of the connection that no readiness call had announced; NULL if there is none. */
static const Event *early_read(const Observation *run)
{
    unsigned conn = first_connection(run);
    bool ready = false;
    for (size_t i = 0; conn && i < trace_len(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        if (event->kind == EV_WAKE && trace_wake_matches(run->trace, event, conn) &&
            !event_for_writing_only(event))
            ready = true;
        if (event->kind != EV_READ || event->object != conn)
            continue;
        if (!ready)
            return event;
        if (event_would_block(event))
            ready = false; /* reading until EAGAIN is right; trying again before an event is not */
    }
    /* What was seen is in order; what there was no room for may not be. */
    bool all = !conn || trace_elided(run->trace) == 0;
    return all ? NULL : trace_witness(run->trace, WITNESS_UNANNOUNCED);
}

/* The event that this early read came after: it said of the connection that it can be written to,
 * and no more. NULL: there was none. */
static const Event *writable_before(const Observation *run, const Event *early)
{
    const Event *event, *told = NULL;
    for (size_t i = 0; (event = trace_at(run->trace, i)) && event->number < early->number; i++)
        if (event->kind == EV_READ && event->object == early->object)
            told = NULL;
        else if (event->kind == EV_WAKE && event_for_writing_only(event) &&
                 trace_wake_matches(run->trace, event, early->object))
            told = event;
    return told;
}

static void say_early(const Observation *run, const Event *early, Verdict *v)
{
    const Event *writable = writable_before(run, early);
    const char *seen =
        writable ? "the connection was read after an event that only said it can be written to"
        : event_would_block(early)
            ? "the connection was read before any event, and would have blocked"
            : "the connection was read before any event told that it was ready";
    verdict_fail(v, 0, "no read before the kernel has said that it is readable", "%s", seen);
    verdict_cite(v, writable);
    verdict_cite(v, early);
}

static void read_after_event(const Facts *facts, Verdict *v)
{
    static const char *const scenarios[] = {"data-later", "data-at-once", "nul-bytes"};
    if (!first_read(facts_run(facts, "data-later"))) {
        verdict_needs(v, "data-whole", "the connection was never read");
        return;
    }
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        const Observation *run = facts_run(facts, scenarios[i]);
        const Event *early = early_read(run);
        unsigned long long lines = run->out.reserved[RESERVED_WOULD_BLOCK];
        if (!early && !lines)
            continue;
        verdict_scenario(v, scenarios[i]);
        if (early) {
            say_early(run, early, v);
        } else {
            verdict_fail(v, 0, "no WouldBlock lines here", "%llu line%s with WouldBlock", lines,
                         lines == 1 ? " begins" : "s begin");
            verdict_cite(v, printed_with(run, "WouldBlock"));
        }
        return;
    }
    verdict_pass(v, "each read comes after the event that announced it");
}

/* --- asleep --- */

/* "2 if at most 10 wake-ups a second", whatever is earned otherwise */
enum { FEW_WAKEUPS = 10, FEW_HALVES = 4 };

/* Is it a child that does not sleep? Then what started it. */
static const Event *busy_child(const Observation *run, const Watch *watch)
{
    const Event *spawn;
    if (watch->after.children_ns <= watch->before.children_ns)
        return NULL;
    for (size_t from = 0; (spawn = trace_next(run->trace, &from, EV_SPAWN, 0));)
        if (spawn->result > 0 && !(spawn->flags & EVF_THREAD))
            return spawn;
    return NULL;
}

static void judge_idleness(const Observation *run, const Watch *untraced, Verdict *v)
{
    Idleness idle = idleness(run, &run->watches[0]);
    const char *expected = "a wait without a timeout, or with one of at least a second";
    if (watch_cpu_share(untraced) > BUSY_SHARE) {
        verdict_fail(v, 0, expected, "it used %.0f %% of a core while there was nothing to do",
                     watch_own_cpu_share(untraced) * 100);
    } else if (!idle.shortest && idle.returns == 0) {
        verdict_pass(v, "asleep in the kernel until the data came");
        return;
    } else {
        bool few = idle.per_second <= FEW_WAKEUPS;
        if (idle.shortest && idle.shortest->timeout_ns == 0)
            verdict_fail(v, few ? FEW_HALVES : 0, expected,
                         "a timeout of 0: it asks and does not sleep in the kernel");
        else if (idle.shortest)
            verdict_fail(v, few ? FEW_HALVES : 0, expected,
                         "a timeout of %g ms: %.0f wake-ups a second for nothing",
                         (double)idle.shortest->timeout_ns / 1e6, idle.per_second);
        else
            verdict_fail(v, few ? FEW_HALVES : 0, expected,
                         "%d calls came back while there was nothing to do", idle.returns);
    }
    const Event *awake = idle.shortest ? idle.shortest : idle.busiest;
    verdict_cite(v, awake ? awake : busy_child(run, untraced));
}

/* Was a readiness call what it waited in while it was left alone? */
static bool waits(const Observation *run, const Watch *watch)
{
    const Event *event;
    for (size_t from = 0; (event = trace_next(run->trace, &from, EV_WAIT, 0));)
        if (event->start_ns < watch->end_ns && event->end_ns > watch->start_ns)
            return true;
    return false;
}

static void asleep(const Facts *facts, Verdict *v)
{
    const Observation *run = facts_run(facts, "data-later");
    double share = watched_cpu_share(facts_run(facts, "idle-watch"));
    if (!watch_of(run, false))
        verdict_needs(v, "registered", "no readiness call waits for the connection");
    else if (run->n_watches == 0 || share < 0)
        verdict_needs(v, share < 0 ? "listening" : "data-whole",
                      "it had ended before it could be watched");
    else if (!waits(run, &run->watches[0]) && share <= BUSY_SHARE)
        verdict_needs(v, "read-after-event", "no readiness call was what it waited in");
    else
        judge_idleness(run, &facts_run(facts, "idle-watch")->watches[0], v);
}

static const Check checks[] = {
    {.id = "build",
     .title = "Compiles without a warning",
     .halves = 2,
     .judge = judge_build,
     .with_behaviour = true,
     .why = "A warning is often the compiler's name for the bug you will look for later.",
     .look = "cc -std=gnu11 -Wall -Wextra -pthread -I../include *.c"},
    {.id = "listening",
     .title = "Listens on 127.0.0.1 and says so at once",
     .halves = 2,
     .scenarios = "data-later data-at-once idle-watch",
     .judge = judge_listening,
     .with_behaviour = true,
     .why = "Whoever starts a server must learn where it listens before it can connect; stdout "
            "to a pipe is buffered until you flush it.",
     .look = "./event_loop 9000 | cat: the line must be there at once"},
    {.id = "registered",
     .title = "Registers the connection with the kernel's queue",
     .halves = 6,
     .scenarios = "data-later",
     .judge = registered,
     .why = "Registered once, watched for as long as you like: the bell on the rod.",
     .look = "strace -e trace=epoll_create1,epoll_ctl,epoll_wait ./event_loop"},
    {.id = "read-after-event",
     .title = "Reads only after the kernel has said readable",
     .halves = 8,
     .scenarios = "data-later data-at-once nul-bytes",
     .judge = read_after_event,
     .why = "The point of the event is that no try is wasted.",
     .look = "strace -e trace=epoll_wait,read,recvfrom ./event_loop: the wait returns first"},
    {.id = "asleep",
     .title = "Sleeps in the kernel while there is nothing to do",
     .halves = 10,
     .scenarios = "data-later idle-watch",
     .judge = asleep,
     .timed = true,
     .why = "An idle connection should cost nothing: ten wake-ups a second are 100,000 for 10,000 "
            "connections.",
     .look = "strace -r ./event_loop: one wait, and nothing until the data"},
    {.id = "data-whole",
     .title = "Prints the data whole and exits with 0",
     .halves = 4,
     .scenarios = "data-later data-at-once data-and-close nul-bytes bytes-512",
     .judge = judge_data_whole,
     .why = "A read gives bytes and their number, not a string: printf(\"%s\") stops at the first "
            "NUL and runs past the end.",
     .look = "printf 'nul\\0in' | nc 127.0.0.1 9000, and ./event_loop | od -c"},
    {.id = "peer-gone",
     .title = "Notices that the peer is gone",
     .halves = 4,
     .scenarios = "close-before reset-before",
     .judge = judge_peer_gone,
     .timed = true,
     .why = "The end of the stream makes a descriptor readable too: the read then returns 0.",
     .look = "nc 127.0.0.1 9000, then Ctrl-C; echo $?"},
    {.id = "interrupted",
     .title = "A signal during the wait changes nothing",
     .halves = 2,
     .scenarios = "interrupted data-later",
     .judge = judge_interrupted,
     .why = "epoll_wait returns EINTR after a stop and a continue even without a handler "
            "(signal(7)): nothing has failed, wait again.",
     .look = "press Ctrl-Z during the wait, then fg"},
    {.id = "cpu-honest",
     .title = "Reports the CPU time it really used",
     .halves = 2,
     .scenarios = "idle-watch data-later",
     .judge = judge_cpu_honest,
     .timed = true,
     .why = "The number is what you compare exercises 1 and 2 by.",
     .look = "bash -c 'time ./event_loop'"},
};

const Exercise exercise_ex2_event_loop = {
    .id = "ex2_event_loop",
    .program = "event_loop",
    .title = "Event loop",
    .checks = checks,
    .n_checks = sizeof checks / sizeof *checks,
    .figures = idle_figures,
};
