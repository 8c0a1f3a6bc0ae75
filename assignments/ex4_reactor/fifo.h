/* Tasks in a row: first in, first out. A task stands in it once at most. */
#ifndef FIFO_H
#define FIFO_H

#include <stddef.h>

#include "executor.h"

static inline void fifo_push(Fifo *fifo, Task *task)
{
    task->next = NULL;
    if (fifo->first == NULL)
        fifo->first = task;
    else
        fifo->last->next = task;
    fifo->last = task;
}

/* NULL: it is empty. */
static inline Task *fifo_pop(Fifo *fifo)
{
    Task *task = fifo->first;
    if (task != NULL)
        fifo->first = task->next;
    return task;
}

#endif
