/* Which write sent the wrong bytes: made-up ones tell their own place (base/made_up.h). */
#include <errno.h>

#include "base/made_up.h"
#include "exercises/echo.h"
#include "trace/trace.h"

static bool moved(const Event *event, EventKind kind, unsigned conn)
{
    return event->kind == kind && event->object == conn && event->result > 0 &&
           !(event->flags & EVF_PEEK);
}

static int64_t place_of(const Event *event)
{
    return event->data ? made_up_place(event->data, event->data_len) : -1;
}

static unsigned connection(const Observation *run, int n)
{
    return run->trace ? trace_connection(run->trace, n) : 0;
}

WrongWrite wrong_write(const Observation *run, int n)
{
    unsigned conn = connection(run, n);
    int64_t next = 0;
    const Event *last = NULL;
    for (size_t i = 0; conn && i < trace_gap(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        if (moved(event, EV_READ, conn) && place_of(event) == 0)
            next = 0; /* what the client sends in its next step begins at its first byte again */
        if (event->kind == EV_WRITE && event->object == conn && event->error == EFAULT)
            return (WrongWrite){event, true, NULL};
        if (!moved(event, EV_WRITE, conn))
            continue;
        int64_t place = place_of(event);
        if (place >= 0 && place != next)
            return (WrongWrite){event, place<next, place> next ? last : NULL};
        next += event->result;
        last = event;
    }
    return (WrongWrite){NULL, false, NULL};
}

const char *in_order(const WrongWrite *wrong)
{
    return wrong->again
               ? "all of it, in order: what is owed begins where the last write stopped"
               : "all of it, in order: what a write does not take comes before what follows it";
}

const Event *early_close(const Observation *run, int n)
{
    unsigned conn = connection(run, n);
    int64_t owed = 0;
    bool ended = false;
    for (size_t i = 0; conn && i < trace_gap(run->trace); i++) {
        const Event *event = trace_at(run->trace, i);
        if (moved(event, EV_READ, conn))
            owed += event->result;
        if (moved(event, EV_WRITE, conn))
            owed -= event->result;
        ended |= event->kind == EV_READ && event->object == conn && event->result == 0;
        if (event->kind == EV_CLOSE && event->object == conn)
            return owed > 0 || !ended ? event : NULL;
    }
    return NULL;
}
