#include "exercises/common.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "exercises/idle.h"
#include "trace/trace.h"

unsigned first_connection(const Observation *run)
{
    const PeerStep *connect = observation_step(run, "connect", 1);
    unsigned conn = 0;
    for (int n = 1; run->trace && (conn = trace_connection(run->trace, n)) != 0; n++)
        if (!connect || trace_object(run->trace, conn)->opened_ns >= connect->start_ns)
            return conn;
    return 0;
}

static uint64_t bytes_read(const Trace *trace, unsigned conn)
{
    const Object *object = trace_object(trace, conn);
    return object ? object->read_bytes : 0;
}

bool was_read(const Observation *run, unsigned conn, uint64_t bytes)
{
    return !run->trace || bytes_read(run->trace, conn) >= bytes;
}

bool any_was_read(const Observation *run, uint64_t bytes)
{
    unsigned conn;
    for (int n = 1; run->trace && (conn = trace_connection(run->trace, n)) != 0; n++)
        if (bytes_read(run->trace, conn) >= bytes)
            return true;
    return !run->trace;
}

const Event *first_read(const Observation *run)
{
    unsigned conn = first_connection(run);
    size_t from = 0;
    return conn ? trace_next(run->trace, &from, EV_READ, conn) : NULL;
}

const Event *first_data(const Observation *run)
{
    unsigned conn = first_connection(run);
    const Event *event;
    for (size_t from = 0; conn && (event = trace_next(run->trace, &from, EV_READ, conn));)
        if (event->result > 0 && !(event->flags & EVF_PEEK))
            return event;
    return NULL;
}

bool nonblocking_at(const Observation *run, unsigned conn, int64_t when)
{
    bool set = false;
    const Event *event;
    for (size_t from = 0; (event = trace_next(run->trace, &from, EV_NONBLOCK, conn));)
        if (event->start_ns <= when && event->result >= 0)
            set = event->flags & EVF_SET;
    return set;
}

static double seconds_to_listen(void)
{
    return 5 * clock_slow();
}

const char *how_it_ended(const Observation *run, char *text, size_t size)
{
    switch (run->end) {
    case RUN_EXITED:
        snprintf(text, size, "exited with status %d", run->status);
        break;
    case RUN_SIGNALED:
        snprintf(text, size, "was killed by SIG%s%s",
                 sigabbrev_np(run->status) ? sigabbrev_np(run->status) : "?",
                 run->out_of_memory ? " (out of memory)" : "");
        break;
    case RUN_TIMED_OUT:
        snprintf(text, size, "was still running");
        break;
    case RUN_NO_LISTEN:
        snprintf(text, size, "did not listen within %g s", seconds_to_listen());
        break;
    case RUN_FLOOD:
        snprintf(text, size, "printed without end");
        break;
    case RUN_STOPPED:
        snprintf(text, size, "was running until the end");
        break;
    case RUN_NOT_RUN:
    case RUN_BROKEN:
        snprintf(text, size, "was not run");
        break;
    }
    return text;
}

double watched_cpu_share(const Observation *run)
{
    if (run->n_watches == 0 || run->watches[0].after.mono_ns <= run->watches[0].before.mono_ns)
        return -1;
    return watch_cpu_share(&run->watches[0]);
}

/* --- build, listening --- */

void judge_build(const Facts *facts, Verdict *v)
{
    const BuildReport *build = facts->build;
    if (build->warnings == 0) {
        verdict_pass(v, "compiles without a warning");
        return;
    }
    verdict_fail(v, 1, "none with -Wall -Wextra", "compiles with %d warning%s", build->warnings,
                 build->warnings == 1 ? "" : "s");
    for (int i = 0; i < build->n_notes; i++) {
        Event at = {.at = {build->notes[i].file, build->notes[i].line}};
        verdict_cite_as(v, &at, "%s", build->notes[i].text);
    }
}

/* --- listening --- */

static const Event *listen_event(const Observation *run)
{
    size_t from = 0;
    return run->trace ? trace_next(run->trace, &from, EV_LISTEN, 0) : NULL;
}

/* Nothing was on stdout when the socket was ready. Did the line come later, or never? */
static void late_line(const Observation *run, Verdict *v)
{
    char line[64];
    Buf text;
    int len = snprintf(line, sizeof line, "listening on 127.0.0.1:%d\n", run->listener.port);
    buf_init(&text, RUN_OUTPUT_MOST);
    capture_text(&run->out, &text);
    bool later = strncmp(text.data, line, (size_t)len) == 0;
    verdict_fail(v, 0, "the line, flushed, before the first client connects",
                 "nothing was on stdout when the socket was ready%s",
                 later ? " (the line came later: fflush(stdout) is missing)"
                       : ", and the line did not come later either");
    verdict_cite(v, later ? printed_with(run, "") : NULL);
    buf_release(&text);
}

static void never_listened(const Observation *run, Verdict *v)
{
    char ended[64], expected[64];
    how_it_ended(run, ended, sizeof ended);
    snprintf(expected, sizeof expected, "a socket that listens within %g s", seconds_to_listen());
    verdict_fail(v, 0, expected, "it %s%s", ended,
                 run->end == RUN_NO_LISTEN ? "" : " before it listened");
    cite_last(v, run);
}

/* The line, written before the first listen() and not again; NULL: it came in time, or the trace
 * doesn't tell. Who writes it in pieces is not looked at. */
static const Event *line_too_early(const Observation *run)
{
    const Event *listen = listen_event(run), *write, *early = NULL;
    size_t len = strlen(run->first_line);
    for (size_t from = 0; listen && (write = trace_next(run->trace, &from, EV_WRITE, 0));) {
        if (!write->data || write->data_len < len || memcmp(write->data, run->first_line, len) != 0)
            continue;
        if (write->end_ns > listen->start_ns)
            return NULL;
        early = early ? early : write;
    }
    return early;
}

static bool first_line_right(const Observation *run, Verdict *v)
{
    char line[64], expected[96];
    snprintf(line, sizeof line, "listening on 127.0.0.1:%d", run->listener.port);
    snprintf(expected, sizeof expected, "\"%s\"", line);
    const Event *early = NULL;
    if (strcmp(run->first_line, line) != 0) {
        verdict_fail(v, 0, expected, "the first line was \"%s\"", run->first_line);
        verdict_cite(v, printed_with(run, ""));
    } else if ((early = line_too_early(run))) {
        verdict_fail(v, 0, "the line once a client can connect, behind listen()",
                     "the line was printed before listen() was called");
        verdict_cite(v, early);
        verdict_cite(v, listen_event(run));
    } else {
        return true;
    }
    return false;
}

static bool listens_well(const Observation *run, Verdict *v)
{
    int asked = run->port_asked < 0 ? 9000 : run->port_asked;
    verdict_scenario(v, run->scenario);
    if (!run->listened) {
        never_listened(run, v);
    } else if (!run->listener.loopback_only) {
        verdict_fail(v, 0, "127.0.0.1, so that nobody else on the network can connect",
                     "it listens on %s", run->listener.address);
        verdict_cite(v, listen_event(run));
    } else if (asked && run->listener.port != asked) {
        verdict_fail(v, 0, run->port_asked < 0 ? "port 9000 when none is given" : "the port given",
                     "it listens on port %d, asked for %d", run->listener.port, asked);
        verdict_cite(v, listen_event(run));
    } else if (!run->line_before_connect) {
        late_line(run, v);
    } else {
        return first_line_right(run, v);
    }
    return false;
}

/* It listened and was gone before anybody could look: a stub, say. Whether the
 * socket was found is then a matter of luck, and no verdict may hang on that. */
static bool gone_at_once(const Observation *run, bool others_were)
{
    bool gone = !run->listened && (run->end == RUN_EXITED || run->end == RUN_SIGNALED);
    return gone && (run->trace ? listen_event(run) != NULL : others_were);
}

void judge_listening_in(const Facts *facts, const char *const *scenarios, int n, const char *cause,
                        Verdict *v)
{
    bool gone = false;
    for (int i = 0; i < n; i++) {
        const Observation *run = facts_run(facts, scenarios[i]);
        if (run->end == RUN_NOT_RUN)
            continue;
        if (gone_at_once(run, gone))
            gone = true;
        else if (!listens_well(run, v))
            return;
    }
    verdict_scenario(v, scenarios[0]);
    if (gone)
        verdict_needs(v, cause, "it listened, and ended before a client could connect");
    else
        verdict_pass(v, "listens on 127.0.0.1 and says so, on the port given, on 9000 and on a "
                        "free one");
}

void judge_listening(const Facts *facts, Verdict *v)
{
    static const char *const scenarios[] = {"data-later", "data-at-once", "idle-watch"};
    judge_listening_in(facts, scenarios, 3, "data-whole", v);
}

/* --- the peer goes, a signal comes --- */

static bool failed_in_time(const Observation *run)
{
    return run->end == RUN_EXITED && run->status >= 1 && run->status <= 125;
}

/* Had the program ended before the peer went? Then it did not notice that. */
static bool left_first(const Observation *run, const char *verb)
{
    const PeerStep *gone = observation_step(run, verb, 1);
    return !gone || (run->ended_ns && run->ended_ns < gone->start_ns);
}

static bool notices(const Facts *facts, const char *scenario, const char *verb)
{
    const Observation *run = facts_run(facts, scenario);
    return failed_in_time(run) && !left_first(run, verb);
}

void judge_peer_gone(const Facts *facts, Verdict *v)
{
    bool close = notices(facts, "close-before", "close");
    bool reset = notices(facts, "reset-before", "reset");
    const Observation *run = facts_run(facts, close ? "reset-before" : "close-before");
    char ended[64];
    verdict_scenario(v, close ? "reset-before" : "close-before");
    if (close && reset) {
        verdict_pass(v, "a close and a reset both end it with a failure status");
    } else if (!first_connection(run)) {
        verdict_needs(v, "data-whole", "no connection was accepted");
    } else {
        how_it_ended(run, ended, sizeof ended);
        verdict_fail(v, (close + reset) * verdict_full(v) / 2,
                     "exit status 1-125 within a second of the peer's going",
                     "the peer %s before it sent anything and the program %s%s",
                     close ? "reset the connection" : "closed", ended,
                     left_first(run, close ? "reset" : "close") ? " even before that" : "");
        verdict_cite(v, first_read(run));
        if (!first_read(run))
            cite_last(v, run);
    }
}

/* The call that our signal cut short (the last one, if there were several): what the program made of that
 * is what went wrong. Timers of its own come by other signals. */
static const Event *cut_short(const Observation *run)
{
    const Event *last = NULL, *cut = NULL;
    for (size_t i = 0; run->trace && i < trace_len(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        if (event->error == EINTR)
            last = event;
        if (event->kind == EV_SIGNAL && (event->signal == SIGUSR1 || event->signal == SIGCONT))
            cut = last;
    }
    return cut;
}

void judge_interrupted(const Facts *facts, Verdict *v)
{
    const Observation *calm = facts_run(facts, "data-later");
    const Observation *run = facts_run(facts, "interrupted");
    Printed before = data_printed(calm), after = data_printed(run);
    char ended[64];
    how_it_ended(run, ended, sizeof ended);
    if (before == PRINTED_NOTHING) {
        verdict_needs(v, "data-whole", "no data is printed without a signal either");
    } else if (after < before || run->end != calm->end || run->status != calm->status) {
        verdict_fail(v, 0, "the same output and end as without a signal",
                     "after a signal during the wait %sthe program %s",
                     after < before ? "the data was not printed and " : "", ended);
        verdict_cite(v, cut_short(run));
    } else {
        verdict_pass(v, "a signal during the wait changes nothing");
    }
}

/* --- figures --- */

void idle_figures(const Facts *facts, CpuFigures *figures)
{
    const Observation *idle = facts_run(facts, "idle-watch");
    if (watched_cpu_share(idle) >= 0) {
        figures->known = true;
        figures->idle_cpu_us_per_s = watch_own_cpu_share(&idle->watches[0]) * 1e6;
        figures->idle_wakeups_per_s = watch_wakeups(&idle->watches[0]);
    }
    const Observation *later = facts_run(facts, "data-later");
    const PeerStep *sent = observation_step(later, "send", 1);
    const Event *got = first_data(later);
    if (sent && got && got->end_ns > sent->start_ns) {
        figures->known = true;
        figures->reaction_us = (double)(got->end_ns - sent->start_ns) / 1e3;
    }
}

int64_t bytes_asked_for(const Event *event)
{
    const char *end = event->raw ? strstr(event->raw, ") = ") : NULL;
    const char *size = end;
    while (size && size > event->raw && isdigit((unsigned char)size[-1]))
        size--;
    return size && size < end ? strtoll(size, NULL, 10) : -1;
}
