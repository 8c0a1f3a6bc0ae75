/*
 * Exercise 4's checks, in parts: each predicate is one row of the table in
 * ex4_reactor.c.
 *
 *   chain_checks.c   what the predicates over the chain share
 *   chain_output.c   what the tasks print, and how the program ends
 *   chain_future.c   the future: tries first, registers, pends
 *   chain_wakes.c    reactor, waker, executor: who wakes, who polls
 *   chain_sleep.c    the executor asleep in the reactor
 *   chain_hint.c     where the chain broke off, for who is missing an effect
 */
#ifndef GRADER_EXERCISES_CHAIN_CHECKS_H
#define GRADER_EXERCISES_CHAIN_CHECKS_H

#include "exercises/chain.h"
#include "exercises/mistake.h"
#include "rubric.h"

/* --- chain_output.c --- */
void judge_data_served(const Facts *facts, Verdict *v);
void judge_arrival_order(const Facts *facts, Verdict *v);
void judge_finishes_clean(const Facts *facts, Verdict *v);
void judge_task_peer_gone(const Facts *facts, Verdict *v);

/* --- chain_future.c --- */
void judge_tries_first(const Facts *facts, Verdict *v);
void judge_registers_and_pends(const Facts *facts, Verdict *v);

/* --- chain_wakes.c --- */
void judge_reactor_wakes_only(const Facts *facts, Verdict *v);
void judge_polls_woken_only(const Facts *facts, Verdict *v);
void judge_wake_is_not_poll(const Facts *facts, Verdict *v);

/* --- chain_sleep.c --- */
void judge_sleeps_when_empty(const Facts *facts, Verdict *v);

/* --- chain_hint.c --- */

/* Why the data of a task may be missing, or the program did not end; `text` gets the words. */
Mistake chain_mistake(const Observation *run, char *text, size_t size);
/* The first wake, between this wait and its thread's next one, of a task that is none: 0, or beyond
 * those that are followed. NULL: none, or task 0 is the program's own. */
const Event *chain_odd_wake(const Observation *run, const Event *wait, unsigned *number);

/* --- chain_checks.c --- */

/* A run and its chain. */
typedef struct Seen {
    const Observation *run;
    Chain chain;
    unsigned tasks;
} Seen;

/* What one run says. ABSENT: what the question is about did not happen there.
 * WAITS: another check's fault is in the way, so that no run can answer. */
typedef enum Finding { FINE, ABSENT, WAITS, FAULT } Finding;

/* A question that several runs are asked; the first FAULT is the verdict. */
typedef struct Question {
    const char *const *scenarios;                 /* NULL-terminated */
    Finding (*ask)(const Seen *seen, Verdict *v); /* it gives the verdict of a FAULT itself */
    const char *cause, *absent; /* what it waits for if no run was FINE, and why */
    const char *praise;
} Question;

/* data-later, three-in-order, two-at-once; NULL-terminated. */
extern const char *const marked_runs[];

void judge_question(const Facts *facts, Verdict *v, const Question *question);
/* Is any task polled in the marked runs, under the number of the connection that it reads? */
bool anything_polled(const Facts *facts);
/* When the task's peer sent its data; INT64_MAX: it did not come to that. */
int64_t sent_ns(const Observation *run, unsigned task);
void seen_open(Seen *seen, const Facts *facts, const char *scenario);
void seen_close(Seen *seen);

#endif
