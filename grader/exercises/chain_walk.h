/*
 * Private to chain*.c: what is known while the trace of exercise 4 is gone through.
 * chain.c sees the marks, chain_calls.c the system calls between them.
 */
#ifndef GRADER_EXERCISES_CHAIN_WALK_H
#define GRADER_EXERCISES_CHAIN_WALK_H

#include <stddef.h>

#include "exercises/chain.h"

enum { THREADS_MOST = 64, DEPTH_MOST = 8 };

typedef struct Thread {
    int id;
    int open[DEPTH_MOST];   /* polls that go on, outermost first; indexes */
    int nested[DEPTH_MOST]; /* polls of the same task within each of them */
    int depth;
    int wait; /* its last one; index, -1: none */
    bool polled, polled_since_wait;
} Thread;

typedef struct Task {
    unsigned conn;
    bool armed, oneshot, woken, due, baseless, ready, pending;
    bool woke_itself;       /* in a poll of its own */
    int polls, accepted_by; /* thread; 0: not yet */
    int unarmed;       /* poll that ended before the connection was registered; index, -1: none */
    const Event *wait; /* that reported its connection last */
} Task;

typedef struct Walk {
    Chain *chain;
    const Trace *trace;
    Thread threads[THREADS_MOST];
    int n_threads;
    Task tasks[CHAIN_TASKS + 1]; /* by number */
    bool gap;                    /* it was crossed */
} Walk;

/* Room for one more behind `n` of `size` bytes; zeroed. */
void *chain_grow(void *list, int n, size_t size);
/* Whose connection this is; 0: nobody's. */
unsigned walk_task_of(const Walk *walk, unsigned conn);
/* Where in the thread's open polls one of this task stands; -1: nowhere. */
int walk_open_poll(const Walk *walk, const Thread *thread, unsigned task);

/* Any event that is no mark. */
void walk_call(Walk *walk, Thread *thread, const Event *event, size_t at);

#endif
