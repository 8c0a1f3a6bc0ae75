/*
 * The executor: polls the tasks that stand in its queue, and no others. A task
 * stands there when it is new, and whenever its waker was called. When the
 * queue is empty the executor waits in the reactor.
 */
#ifndef EXECUTOR_H
#define EXECUTOR_H

#include <stdbool.h>

#include "reactor.h"
#include "task.h"

typedef struct Executor Executor;

/* A future on its way to READY. */
typedef struct Task {
    Future *future;
    Waker waker; /* puts the task into the queue of its executor */
    Executor *executor;
    bool queued;       /* it is in the queue at present */
    struct Task *next; /* behind it in the queue */
} Task;

typedef struct Fifo {
    Task *first, *last; /* `last` means something only if `first` is not NULL */
} Fifo;

/* Initialise it with {.reactor = ...}: all the rest is zero. */
struct Executor {
    Reactor *reactor;
    Fifo queue;
    unsigned unfinished; /* tasks that are not READY yet */
};

/* A new task, number `number`, for `future`. The task and the future are the
 * caller's memory and must live until executor_run() returns. Before a future
 * says READY it takes back the waker that it left somewhere (read_future.c
 * deregisters): so nobody wakes a finished task. */
void executor_spawn(Executor *executor, Task *task, unsigned number, Future *future);

/* Runs until every task has finished: 0; or -1 and errno, if the reactor fails. */
int executor_run(Executor *executor);

#endif
