#include "exercises/gaps.h"

#include <stdlib.h>
#include <string.h>

#include "exercises/common.h"
#include "trace/trace.h"

/* A sleep that says how long, rather than until when or until what? */
static bool is_plain_sleep(const Event *event)
{
    return event->timeout_ns >= 0 && strcmp(event->call, "futex") != 0 &&
           !(event->raw && strstr(event->raw, "TIMER_ABSTIME"));
}

/* The sleeps of its thread in the gap before a read. */
typedef struct Asked {
    int64_t ns; /* how long they were to be, whatever the clock says; -1: not all of them say */
    int sleeps;
} Asked;

static Asked asked_for(const Observation *run, size_t from, const Event *read)
{
    const Event *event;
    Asked asked = {0, 0};
    while ((event = trace_at(run->trace, from++)) && event != read) {
        if ((event->kind != EV_SLEEP && event->kind != EV_WAIT) || event->thread != read->thread)
            continue;
        asked.ns = is_plain_sleep(event) && asked.ns >= 0 ? asked.ns + event->timeout_ns : -1;
        asked.sleeps++;
    }
    return asked;
}

/* Each nap of many comes back later than it asked for, and who naps until the time has come needs
 * the fewer of them: only a single sleep says what the gap was to be. */
static void add_gap(Gaps *gaps, int64_t seen, Asked asked)
{
    bool told = asked.sleeps > 0 && asked.ns >= 0 && asked.ns < seen;
    gaps->seen[gaps->n] = seen;
    gaps->least[gaps->n] = told && asked.sleeps == 1 ? asked.ns : seen;
    gaps->asked[gaps->n++] = told ? asked.ns : 0; /* a longer one was ended by something else */
}

void gaps_collect(const Observation *run, Gaps *gaps)
{
    unsigned conn = first_connection(run);
    const Event *event, *last = NULL;
    size_t behind_last = 0, from = 0;
    for (gaps->n = 0; gaps->n < GAPS && (event = trace_next(run->trace, &from, EV_READ, conn));) {
        if (last)
            add_gap(gaps, event->start_ns - last->start_ns, asked_for(run, behind_last, event));
        last = event;
        behind_last = from;
        if (event->result >= 0)
            break;
    }
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int64_t gaps_median(int64_t *list, int n)
{
    qsort(list, (size_t)n, sizeof *list, by_size);
    return list[n / 2];
}
