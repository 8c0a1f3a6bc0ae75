/* Calls that only pass time. */
#include "trace/strace_parser.h"

#include <string.h>

#include <errno.h>

void begin_sleep(Call *call, const CallSpec *spec)
{
    Event event = call_event(call, spec, EV_SLEEP, -1);
    /* rt_sigtimedwait(2) shows its timeout only when it returns. */
    bool printed = spec->arg < 0 || call->n_args > spec->arg;
    event.timeout_ns = printed ? -1 : TIMEOUT_UNKNOWN;
    if (printed && spec->arg >= 0)
        event.timeout_ns = slice_time(call->args[spec->arg]);
    call_begin(call, &event);
}

/* FUTEX_WAIT and its like sleep; FUTEX_WAKE and the others do not. */
void begin_futex(Call *call, const CallSpec *spec)
{
    static const char *const sleeping[] = {"FUTEX_WAIT", "FUTEX_LOCK_PI"};
    for (size_t i = 0; i < sizeof sleeping / sizeof *sleeping; i++) {
        if (slice_starts(call->args[1], sleeping[i])) {
            begin_sleep(call, spec);
            return;
        }
    }
}

/* Does the timeout say when rather than how long? And by which clock? */
static bool is_instant(const Call *call, const CallSpec *spec, bool *real)
{
    if (spec->kind == EV_SLEEP && spec->flags) {
        *real = slice_is(call->args[0], "CLOCK_REALTIME") || slice_is(call->args[0], "CLOCK_TAI");
        return slice_has_flag(call->args[1], "TIMER_ABSTIME");
    }
    *real = slice_has_flag(call->args[1], "FUTEX_CLOCK_REALTIME") ||
            slice_starts(call->args[1], "FUTEX_LOCK_PI");
    return strcmp(spec->name, "futex") == 0 && (slice_starts(call->args[1], "FUTEX_WAIT_BITSET") ||
                                                slice_starts(call->args[1], "FUTEX_WAIT_REQUEUE") ||
                                                slice_starts(call->args[1], "FUTEX_LOCK_PI"));
}

/* The log has no CLOCK_MONOTONIC. A sleep until an instant of it that was
 * slept to its end says how the two clocks lie, and how long it was itself. */
static int64_t until(Call *call, int64_t instant_ns)
{
    StraceParser *parser = call->parser;
    bool futex = slice_starts(call->args[1], "FUTEX");
    bool ended = futex ? call->outcome.error == ETIMEDOUT : call->outcome.result == 0;
    int64_t uptime = call->end_ns - instant_ns;
    if (ended && (parser->uptime_ns < 0 || uptime < parser->uptime_ns))
        parser->uptime_ns = uptime;
    if (parser->uptime_ns < 0)
        return TIMEOUT_UNKNOWN;
    return instant_ns + parser->uptime_ns - call->start_ns;
}

void finish_sleep(Call *call, const CallSpec *spec)
{
    Event *event = call_begun(call, 0);
    if (!event)
        return;
    bool real = false;
    int64_t timeout = -1;
    if (spec->arg >= 0)
        timeout = call->n_args > spec->arg ? slice_time(call->args[spec->arg]) : TIMEOUT_UNKNOWN;
    if (timeout >= 0 && is_instant(call, spec, &real)) {
        event->flags |= EVF_UNTIL;
        timeout = real ? timeout - call->start_ns : until(call, timeout);
        if (timeout < 0 && timeout != TIMEOUT_UNKNOWN)
            timeout = 0;
    }
    event->timeout_ns = timeout;
    call_complete(call, event);
}
