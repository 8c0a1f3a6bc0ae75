/* Exercise 1: the raw non-blocking socket. Shared contract, "1 Raw non-blocking socket". */
#include "exercises/common.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "exercises/gaps.h"
#include "exercises/idle.h"
#include "trace/trace.h"

/* Did a read of the connection find nothing in this run? Then the program tries and retries. */
static bool tried(const Observation *run)
{
    return run->trace && trace_count_would_block(run->trace) > 0;
}

static const char never_tried[] = "it never tried a read before the data was there";

/* The connection would not have blocked, and every read of it found something. */
static bool waits_for_data(const Observation *run)
{
    const Event *read = first_read(run);
    return read && !tried(run) && nonblocking_at(run, read->object, read->start_ns);
}

/* Most checks here speak of the tries; a program that blocks in its first read makes none. */
static bool needs_tries(const Observation *run, Verdict *v)
{
    if (tried(run))
        return true;
    if (waits_for_data(run))
        verdict_needs(v, "would-block-line", never_tried);
    else
        verdict_needs(v, "nonblocking", "no read ever would block");
    return false;
}

/* The first call that was to make it non-blocking and failed. */
static const Event *refused(const Observation *run, unsigned conn)
{
    const Event *event;
    for (size_t from = 0; (event = trace_next(run->trace, &from, EV_NONBLOCK, conn));)
        if (event->result < 0)
            return event;
    return NULL;
}

static void blocks(const Observation *run, const Event *read, const char *expected, Verdict *v)
{
    const Event *failed = refused(run, read->object);
    if (read->flags & EVF_DONTWAIT)
        verdict_fail(v, 0, expected,
                     "the connection stayed blocking; MSG_DONTWAIT made only this call return at "
                     "once");
    else
        verdict_fail(v, 0, expected,
                     "the connection was blocking, and its first read held the thread for %lld "
                     "ms%s",
                     (long long)((read->end_ns - read->start_ns) / NS_PER_MS),
                     !failed                   ? ""
                     : failed->error == EFAULT ? "; the call that was to change that failed: it "
                                                 "wants the address of an int"
                                               : "; the call that was to change that failed");
    verdict_cite(v, failed);
    verdict_cite(v, read);
}

static void nonblocking(const Facts *facts, Verdict *v)
{
    const Observation *run = facts_run(facts, "data-later");
    const Event *read = first_read(run);
    const char *expected = "O_NONBLOCK set on the accepted connection before its first read";
    if (!first_connection(run)) {
        verdict_fail(v, 0, expected, "no connection was accepted");
    } else if (!read) {
        verdict_fail(v, 0, expected, "the connection was accepted and never read");
    } else if (nonblocking_at(run, read->object, read->start_ns)) {
        verdict_pass(v, "the connection is non-blocking before its first read");
    } else {
        blocks(run, read, expected, v);
    }
}

static const Event *first_try(const Observation *run)
{
    const Event *event;
    unsigned conn = first_connection(run);
    for (size_t from = 0; conn && (event = trace_next(run->trace, &from, EV_READ, conn));)
        if (event_would_block(event))
            return event;
    return NULL;
}

/* Who reads on until nothing is left (stdio does so unasked) need not say so: data has come. */
static unsigned long long tries_after_data(const Observation *run)
{
    const Event *event, *data = first_data(run);
    unsigned long long after = 0;
    for (size_t from = 0; data && (event = trace_next(run->trace, &from, EV_READ, data->object));)
        after += event->start_ns > data->start_ns && event_would_block(event);
    return after;
}

static void would_block_line(const Facts *facts, Verdict *v)
{
    const Observation *run = facts_run(facts, "data-later");
    if (waits_for_data(run)) {
        verdict_fail(v, 0, "a read that would block, and a line that says so", never_tried);
        verdict_cite(v, first_read(run));
        return;
    }
    if (!needs_tries(run, v))
        return;
    unsigned long long lines = run->out.reserved[RESERVED_WOULD_BLOCK];
    unsigned long long tries = trace_count_would_block(run->trace);
    if (lines <= tries && lines >= tries - tries_after_data(run)) {
        verdict_pass(v, "%llu tries would block, %llu lines say so", tries, lines);
        return;
    }
    verdict_fail(v, lines ? 2 : 0, "one line that begins with WouldBlock for each such read",
                 "%llu read%s would have blocked and %llu line%s with WouldBlock", tries,
                 tries == 1 ? "" : "s", lines, lines == 1 ? " begins" : "s begin");
    verdict_cite(v, first_try(run));
}

/* How late the machine was meanwhile, as far as the program did not use up the
 * time itself: a spinning program has itself to thank. */
static int64_t excused_ns(const Observation *run)
{
    const PeerStep *watch = observation_step(run, "watch", 1);
    double share = watched_cpu_share(run);
    if (!watch || share > 1)
        return 0;
    return (int64_t)((double)watch->late_ns * (1 - (share > 0 ? share : 0)));
}

/* From the first try to the data, or to the last read if there is none. */
static double seconds_waited(const Observation *run)
{
    const Event *event, *first = first_try(run), *last = first;
    for (size_t from = 0; (event = trace_next(run->trace, &from, EV_READ, first_connection(run)));)
        last = event;
    return (double)(last->end_ns - first->start_ns) / 1e9;
}

/* The gap is right; was it slept through? Who looks at the clock until it is over burns a core. */
static void judge_rest(const Facts *facts, Verdict *v, unsigned long long tries, double ms)
{
    const Observation *idle = facts_run(facts, "idle-watch");
    if (idle->n_watches == 0 || !watch_busy(&idle->watches[0])) {
        verdict_pass(v, "%llu tries, %.1f ms apart (median)", tries, ms);
        return;
    }
    const Observation *run = facts_run(facts, "data-later");
    uint64_t sleeps = trace_count(run->trace, EV_SLEEP);
    verdict_fail(v, verdict_full(v) / 2, "a sleep of 100 ms between tries",
                 "%llu tries, %.1f ms apart (median), and %s: it used %.0f %% of a core", tries, ms,
                 sleeps > 2 * tries ? "naps too short to rest in"
                 : sleeps > 0       ? "no rest meanwhile"
                                    : "no sleep",
                 watch_own_cpu_share(&idle->watches[0]) * 100);
    verdict_cite(v, first_try(run));
}

static void retry_interval(const Facts *facts, Verdict *v)
{
    const Observation *run = facts_run(facts, "data-later");
    static Gaps gaps; /* one loop, one thread */
    if (!needs_tries(run, v))
        return;
    gaps_collect(run, &gaps);
    if (gaps.n == 0) {
        verdict_fail(v, 0, "a second try 100 ms after the first", "the read was tried once only");
        verdict_cite(v, first_try(run));
        return;
    }
    /* Too short is what the program asked for, too long what can't be put down to the machine. */
    int64_t seen = gaps_median(gaps.seen, gaps.n), median = gaps_median(gaps.least, gaps.n);
    int64_t least = seen - excused_ns(run), asked = gaps_median(gaps.asked, gaps.n);
    if (least < asked)
        least = asked;
    if (median >= 90 * NS_PER_MS)
        median = seen;
    double ms = (double)median / 1e6;
    unsigned long long tries = trace_count_would_block(run->trace);
    if (median >= 90 * NS_PER_MS && least <= 150 * NS_PER_MS) {
        judge_rest(facts, v, tries, ms);
        return;
    }
    bool half = median >= 50 * NS_PER_MS && least <= 300 * NS_PER_MS;
    verdict_fail(v, half ? verdict_full(v) / 2 : 0, "90 to 150 ms from one try to the next",
                 "%llu tr%s, %.*f ms apart (median)", tries, tries == 1 ? "y" : "ies",
                 ms < 1 ? 3 : 1, ms);
    if (median < 50 * NS_PER_MS)
        verdict_cite_as(v, first_try(run), "this read would have blocked %llu times in %.1f s%s",
                        tries, seconds_waited(run),
                        median < 5 * NS_PER_MS && trace_count(run->trace, EV_SLEEP) == 0
                            ? " without a sleep between"
                            : "");
    verdict_cite(v, first_try(run));
}

static const Event *watched(const Observation *run)
{
    unsigned conn = first_connection(run);
    size_t from = 0;
    const Event *watch = conn ? trace_next(run->trace, &from, EV_WATCH, conn) : NULL;
    return watch ? watch : trace_witness(run->trace, WITNESS_WATCHED);
}

static void no_readiness(const Facts *facts, Verdict *v)
{
    static const char *const scenarios[] = {"data-later", "data-at-once", "interrupted"};
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        const Observation *run = facts_run(facts, scenarios[i]);
        const Event *watch = watched(run);
        if (!watch)
            continue;
        verdict_scenario(v, scenarios[i]);
        verdict_fail(v, 0, "no epoll, kqueue, poll or select on the connection in this exercise",
                     "the connection was watched with %s", watch->call ? watch->call : "a queue");
        verdict_cite(v, watch);
        return;
    }
    if (needs_tries(facts_run(facts, "data-later"), v))
        verdict_pass(v, "the connection is read without asking for its readiness");
}

static void peer_gone(const Facts *facts, Verdict *v)
{
    /* Who accepts late finds the end at once: it is enough that it tries elsewhere. */
    if (tried(facts_run(facts, "close-before")) || needs_tries(facts_run(facts, "data-later"), v))
        judge_peer_gone(facts, v);
}

static void interrupted(const Facts *facts, Verdict *v)
{
    if (needs_tries(facts_run(facts, "data-later"), v))
        judge_interrupted(facts, v);
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
     .look = "./nonblocking 9000 | cat: the line must be there at once"},
    {.id = "nonblocking",
     .title = "Makes the accepted connection non-blocking",
     .halves = 8,
     .scenarios = "data-later",
     .judge = nonblocking,
     .why = "A blocking read gives the thread to the kernel until data comes; with O_NONBLOCK you "
            "keep it and choose what to do meanwhile.",
     .look = "strace -e trace=accept4,fcntl,ioctl,read ./nonblocking"},
    {.id = "would-block-line",
     .title = "Prints WouldBlock for each read that would block",
     .halves = 4,
     .scenarios = "data-later",
     .judge = would_block_line,
     .why = "EAGAIN is an answer, not an error: nothing to read right now.",
     .look = "compare the lines printed with the reads that return EAGAIN in strace"},
    {.id = "retry-interval",
     .title = "Sleeps 100 ms between tries",
     .halves = 6,
     .scenarios = "data-later idle-watch",
     .judge = retry_interval,
     .timed = true,
     .why = "Without the sleep the loop burns a whole core to learn nothing; with a long one the "
            "data waits.",
     .look = "strace -r -e trace=read,recvfrom,clock_nanosleep ./nonblocking"},
    {.id = "no-readiness",
     .title = "Asks no readiness call about the connection",
     .halves = 4,
     .scenarios = "data-later data-at-once interrupted",
     .judge = no_readiness,
     .why = "This exercise is about what polling by hand costs; the bell comes in exercise 2.",
     .look = "strace -e trace=poll,ppoll,select,pselect6,epoll_ctl ./nonblocking"},
    {.id = "data-whole",
     .title = "Prints the data whole and exits with 0",
     .halves = 6,
     .scenarios = "data-later data-at-once data-and-close nul-bytes bytes-512",
     .judge = judge_data_whole,
     .why = "A read gives bytes and their number, not a string: printf(\"%s\") stops at the first "
            "NUL and runs past the end.",
     .look = "printf 'nul\\0in' | nc 127.0.0.1 9000, and ./nonblocking | od -c"},
    {.id = "peer-gone",
     .title = "Notices that the peer is gone",
     .halves = 4,
     .scenarios = "close-before reset-before data-later",
     .judge = peer_gone,
     .timed = true,
     .why = "A read that returns 0 is the end of the stream. Who takes it for \"no data yet\" "
            "retries for ever.",
     .look = "nc 127.0.0.1 9000, then Ctrl-C; echo $?"},
    {.id = "interrupted",
     .title = "A signal during the sleep changes nothing",
     .halves = 2,
     .scenarios = "interrupted data-later",
     .judge = interrupted,
     .why = "A sleep or a wait may end early with EINTR: nothing has failed.",
     .look = "press Ctrl-Z during the wait, then fg"},
    {.id = "cpu-honest",
     .title = "Reports the CPU time it really used",
     .halves = 2,
     .scenarios = "idle-watch data-later",
     .judge = judge_cpu_honest,
     .timed = true,
     .why = "The number is what you compare exercises 1 and 2 by.",
     .look = "bash -c 'time ./nonblocking'"},
};

const Exercise exercise_ex1_nonblocking = {
    .id = "ex1_nonblocking",
    .program = "nonblocking",
    .title = "Raw non-blocking socket",
    .checks = checks,
    .n_checks = sizeof checks / sizeof *checks,
    .figures = idle_figures,
};
