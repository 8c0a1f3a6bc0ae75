/*
 * What was observed of one run of one scenario: plain data, filled by run.c,
 * read by the checks. No event loop, no process behind it any more.
 */
#ifndef GRADER_OBSERVATION_H
#define GRADER_OBSERVATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/capture.h"
#include "base/fault.h"
#include "probe.h"
#include "trace/trace.h"

/* What is kept of a program's output: the contract's 1 MiB, and enough of stderr to tell. */
enum { RUN_OUTPUT_MOST = 1 << 20, RUN_STDERR_MOST = 1 << 16 };

typedef enum RunEnd {
    RUN_NOT_RUN,   /* not asked for, or cancelled because the program never listened before */
    RUN_BROKEN,    /* OUR failure: `fault` says which; never scored */
    RUN_EXITED,    /* by itself; `status` */
    RUN_SIGNALED,  /* killed by signal `status` that the grader did not send to end it */
    RUN_STOPPED,   /* still running when the script had ended, as the script allows; ended by us */
    RUN_TIMED_OUT, /* still running when the script wanted it to have exited, or 10 s were over */
    RUN_NO_LISTEN, /* did not listen within 5 s (and was still running) */
    RUN_FLOOD      /* printed without end */
} RunEnd;

/* One step of the script as it was played. */
typedef struct PeerStep {
    const char *verb; /* "connect", "send", "expect", "exit", ...; static */
    int line;         /* of the script */
    int client;       /* index of the (first) client, -1: none */
    bool ok;
    int64_t start_ns, end_ns; /* CLOCK_REALTIME, to lay beside the trace */
    int64_t late_ns; /* how late the grader's own heartbeat was meanwhile: the machine's fault */
    char *message;   /* not ok: where, and what was seen against what was expected; ok: a
                      * remark ("not asleep within 300 ms") or NULL */
} PeerStep;

/* A `watch`: the program left alone while its CPU use is measured. */
typedef struct Watch {
    ProbeSample before, after;
    int64_t start_ns, end_ns; /* CLOCK_REALTIME */
    bool settled;             /* it was asleep when the watch began */
} Watch;

typedef struct PeerClient {
    Buf sent;            /* what was sent to the program, its beginning (bounded) */
    Buf received;        /* bounded */
    uint64_t sent_total; /* what the kernel took of it, in all */
    uint64_t received_total;
    /* Of what it sent: neither back nor in the kernel when the last watch of it not
     * reading ended. The program holds it, or has lost it. -1: not known. */
    int64_t held;
    int unplayed;                 /* steps of the script that it did not come to */
    bool connected, ended, reset; /* ended: the program half-closed; reset: RST seen */
} PeerClient;

typedef struct Observation {
    const char *scenario; /* name, without .peer */
    RunEnd end;
    int status; /* exit status or signal number */
    Fault fault;

    /* listening */
    bool listened;
    ProbeListener listener; /* the socket that was found */
    int listener_count;
    int port_asked;           /* what the program was told; 0: any; -1: no argument */
    bool line_before_connect; /* a first line had arrived on stdout before the first connection */
    char first_line[128]; /* the first line of stdout, cut, without the line end; as it was then */

    Capture out, err;
    Trace *trace; /* NULL if untraced */
    bool stacks;  /* traced with call stacks: events have them as far as lines are known */

    PeerStep *steps;
    int n_steps;
    Watch *watches;
    int n_watches;
    PeerClient *clients;
    int n_clients;

    int64_t spawned_ns, listening_ns, ended_ns; /* CLOCK_REALTIME */
    int64_t
        cpu_before_data_ns; /* kernel's CPU time of the process just before the first send; -1 */
    int64_t cpu_last_ns;    /* the latest that could be read before it was gone; -1 */
    int64_t burnt_ns;       /* asked to be burnt before exec */
    bool out_of_memory;
} Observation;

void observation_init(Observation *observation, const char *scenario);
void observation_release(Observation *observation); /* safe twice */

/* The n-th (from 1) step with this verb; NULL if it was not reached. */
const PeerStep *observation_step(const Observation *observation, const char *verb, int n);

/* The first step that did not go as the script wanted; NULL if all did. */
const PeerStep *observation_failed_step(const Observation *observation);

#endif
