/*
 * Futures and wakers, as lesson 8 names them.
 *
 * A future is work that may not be able to finish yet. Polling it lets it try:
 * READY means finished, PENDING means "not yet; I have left your waker with
 * someone who will call it". PENDING is not a request to be polled again soon.
 *
 * Waking a task means: it is worth polling again. It does not poll.
 *
 * The executor polls through future_poll(), and whoever wakes does so through
 * waker_wake(): they leave marks, so that a trace shows the whole chain (see
 * mark.h). The grader builds with its own copy of this file.
 */
#ifndef COURSE_TASK_H
#define COURSE_TASK_H

#include "mark.h"

/* What a poll says (Rust's std::task::Poll; not the Poll of exercise 3, which is mio's). */
typedef enum Poll { PENDING, READY } Poll;

/* What brings a task back onto the executor's queue. `task` is its number, 1
 * for the first connection. A Waker is a value: copy it to keep it. */
typedef struct Waker {
    void (*wake)(void *data);
    void *data;
    unsigned task;
} Waker;

/* What a future is given while it is polled, and no longer than that. */
typedef struct Context {
    Waker waker;
} Context;

/* Make it the first member of a structure of your own that holds the rest. */
typedef struct Future {
    Poll (*poll)(struct Future *self, Context *cx);
} Future;

__attribute__((unused)) static inline void waker_wake(const Waker *waker)
{
    mark("wake %u", waker->task);
    waker->wake(waker->data);
}

__attribute__((unused)) static inline Poll future_poll(Future *future, Context *cx)
{
    unsigned task = cx->waker.task;
    mark("poll %u", task);
    Poll result = future->poll(future, cx);
    mark(result == READY ? "ready %u" : "pending %u", task);
    return result;
}

#endif
