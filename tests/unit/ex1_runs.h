/* Runs of exercise 1 made up for its checks: tries, pauses and data as lines of a tracer's log. One
 * Case at a time. */
#ifndef EX1_RUNS_H
#define EX1_RUNS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "exercises/common.h"
#include "trace/strace.h"

extern const Exercise exercise_ex1_nonblocking;

typedef struct Case {
    Observation later, idle, interrupted;
    Buf log;
    double now_ms;
    ExerciseResult result;
} Case;

static inline void line(Case *c, double ms, const char *text)
{
    buf_printf(&c->log, "10 %.9f %s <0.000010>\n", 1 + ms / 1e3, text);
}

/* The connection is 4 and does not block; `idle`'s program was not watched. */
static inline void begin(Case *c)
{
    *c = (Case){.now_ms = 2};
    observation_init(&c->later, "data-later");
    observation_init(&c->idle, "idle-watch");
    observation_init(&c->interrupted, "interrupted"); /* not run */
    c->later.end = c->idle.end = RUN_EXITED;
    buf_init(&c->log, 1 << 16);
    line(c, 0, "execve(\"/bin/p\", [\"p\"], 0x1 /* 0 vars */) = 0");
    line(c, 1, "accept4(3<socket:[1]>, NULL, NULL, SOCK_NONBLOCK) = 4<socket:[2]>");
}

#define WOULD_BLOCK "read(4<socket:[2]>, 0x1, 100) = -1 EAGAIN (Resource temporarily unavailable)"

/* `n` tries, each followed by a sleep of `asked_ms` that lasts until the next, `seen_ms` later. */
static inline void tries(Case *c, int n, double asked_ms, double seen_ms)
{
    for (int i = 0; i < n; i++) {
        line(c, c->now_ms, WOULD_BLOCK);
        capture_add(&c->later.out, "WouldBlock\n", 11);
        if (asked_ms > 0)
            buf_printf(&c->log, "10 %.9f nanosleep({tv_sec=0, tv_nsec=%.0f}, NULL) = 0 <%.9f>\n",
                       1 + (c->now_ms + 0.1) / 1e3, asked_ms * 1e6, (seen_ms - 0.2) / 1e3);
        c->now_ms += seen_ms;
    }
}

/* One client, that has sent this. */
static inline void peer_sends(Observation *run, const char *text)
{
    run->clients = x_calloc(1, sizeof *run->clients);
    run->n_clients = 1;
    buf_init(&run->clients[0].sent, 64);
    buf_init(&run->clients[0].received, 64);
    buf_str(&run->clients[0].sent, text);
}

static inline void data(Case *c)
{
    line(c, c->now_ms++, "read(4<socket:[2]>, \"hello\\n\", 100) = 6");
}

static inline Trace *trace_of(const Buf *log)
{
    Trace *trace = trace_new(strace_blind);
    StraceParser *parser = strace_parser_new(trace, "/bin/p", NULL, NULL);
    strace_parser_feed(parser, log->data, log->len);
    strace_parser_end(parser);
    strace_parser_free(parser);
    return trace;
}

static inline const CheckResult *judged(Case *c, const char *id)
{
    const Observation *runs[] = {&c->later, &c->idle, &c->interrupted};
    BuildReport build = {.compiled = true};
    c->later.trace = trace_of(&c->log);
    rubric_judge(&exercise_ex1_nonblocking, &(Facts){&build, runs, 3}, &c->result);
    for (int i = 0; i < c->result.n_checks; i++)
        if (strcmp(c->result.checks[i].id, id) == 0)
            return &c->result.checks[i];
    fail_msg("no check %s", id);
    return NULL;
}

static inline void end(Case *c)
{
    Result holder;
    result_init(&holder);
    holder.exercises = x_calloc(1, sizeof c->result);
    holder.exercises[0] = c->result;
    holder.n_exercises = 1;
    result_release(&holder);
    observation_release(&c->later);
    observation_release(&c->idle);
    observation_release(&c->interrupted);
    buf_release(&c->log);
}

static inline void is(Case *c, const char *id, CheckStatus status, int halves, const char *part)
{
    const CheckResult *check = judged(c, id);
    if (check->status != status || check->halves != halves || !strstr(check->message, part))
        fail_msg("%s: status %d, %d halves: %s", id, (int)check->status, check->halves,
                 check->message);
    end(c);
}

/* A failure with a call of this text as its n-th (from 0) and last evidence. */
static inline void cites(Case *c, const char *id, int n, const char *part)
{
    const CheckResult *check = judged(c, id);
    if (check->status != CHECK_FAIL || check->n_evidence != n + 1 ||
        !strstr(check->evidence[n].text, part))
        fail_msg("%s: status %d, %s; %d times evidence, the last %s", id, (int)check->status,
                 check->message, check->n_evidence,
                 check->n_evidence ? check->evidence[check->n_evidence - 1].text : "none");
    end(c);
}

#endif
