/*
 * The chain of exercise 4, read out of a marked trace: polls, wakes, waits, and
 * reads that no future made. Task K's connection is the K-th accepted.
 *
 * A mark is believed only where the system calls of the same thread agree:
 *
 *   poll K .. ready K     a read of K's connection between them got data, its
 *                         end or an error
 *   poll K .. pending K   a read between them would block, or the connection was
 *                         registered there; or it was registered before and K was
 *                         READY (believed) in a later poll
 *   wake K                the thread's last wait reported K's connection
 *
 * A poll within a poll of the same task (a future that awaits another) belongs
 * to the outer one. Tasks of the program's own (0, and numbers that no connection
 * has: the accepting may stand behind the others) are left out, as are those over
 * CHAIN_TASKS. Where the trace has a gap, what may have happened in it is
 * assumed in the program's favour, but for what its witnesses tell (trace.h).
 *
 * Source: shared contract, "4 Reactor and waker".
 */
#ifndef GRADER_EXERCISES_CHAIN_H
#define GRADER_EXERCISES_CHAIN_H

#include "trace/mark.h"
#include "trace/trace.h"

enum { CHAIN_TASKS = MARK_TASKS };

/* LOST: it was going on where the trace has its gap. */
typedef enum PollEnd { POLL_UNENDED, POLL_PENDING, POLL_READY, POLL_LOST } PollEnd;

typedef struct ChainPoll {
    unsigned task;
    int thread;
    int nth;         /* of its task, from 1 */
    size_t from, to; /* where its marks stand in the trace; `to` is its end if UNENDED */
    PollEnd end;
    bool believed;        /* the end mark is */
    bool woken;           /* a believed wake came since the last poll of the task began */
    bool due;             /* since then a wait reported its connection */
    bool baseless;        /* and a wake that is not believed */
    unsigned foreign;     /* a task whose connection was read in it, though it is another's; 0 */
    bool over;            /* the task had been READY before */
    bool armed;           /* the connection was registered for reading when the poll ended */
    bool armed_soon;      /* not `armed`, but registered before the thread's next wait */
    const Event *mark;    /* "poll K" */
    int empty;            /* reads in it that would block */
    const Event *slept;   /* a wait or sleep behind the first of these, before any data */
    const Event *tried;   /* the first read of the connection in it */
    const Event *got;     /* the first that found something */
    const Event *watched; /* the connection was registered in it */
    const Event *deaf;    /* it was registered in it, and not for reading */
} ChainPoll;

typedef struct ChainWake {
    unsigned task;
    int thread;
    size_t at;
    bool believed;
    bool by_reactor;   /* the thread had waited, and polled nothing since */
    bool spawned;      /* the task was never polled before */
    const Event *mark; /* "wake K" */
    const Event *wait; /* the thread's last wait; NULL: none */
} ChainWake;

typedef struct ChainWait {
    int thread;
    size_t at;
    unsigned reported; /* bit 1u << K for each task whose connection it reported */
    unsigned owed;     /* those of them that were PENDING and not woken yet */
    unsigned queued;   /* tasks woken and not yet polled when it began ... */
    unsigned fresh;    /* ... and accepted by this thread, and never polled */
    bool executor;     /* the thread had polled a task before */
    const Event *event;
} ChainWait;

/* A read of a task's connection outside its polls, after an event and before the task was READY. */
typedef struct ChainStray {
    unsigned task;
    const Event *read;
    const Event *wait; /* which reported it last */
} ChainStray;

typedef struct Chain {
    ChainPoll *polls;
    ChainWake *wakes;
    ChainWait *waits;
    ChainStray *strays;
    int n_polls, n_wakes, n_waits, n_strays;
    unsigned reported; /* tasks whose connection some wait reported while they were PENDING */
} Chain;

/* `trace` may be NULL: an empty chain. Release it before the trace is freed. */
void chain_read(Chain *chain, const Trace *trace);
void chain_release(Chain *chain); /* safe twice */

/* The n-th poll (from 1) of a task; NULL if there is none. */
const ChainPoll *chain_poll(const Chain *chain, unsigned task, int n);
/* The first poll of a task that ended as `end` and is believed; NULL if none did. */
const ChainPoll *chain_ended(const Chain *chain, unsigned task, PollEnd end);
/* The first believed wake of a task (0: of any); NULL if there is none. */
const ChainWake *chain_wake(const Chain *chain, unsigned task);

#endif
