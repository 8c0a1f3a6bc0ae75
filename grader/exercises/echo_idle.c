/* What the program does while its clients have nothing to say. */
#include "exercises/echo.h"

#include "exercises/common.h"
#include "exercises/idle.h"
#include "trace/trace.h"

enum { ALL };

bool never_rests(const Facts *facts)
{
    const Observation *idle = facts_run(facts, "idle-watch");
    return idle->n_watches > 0 && watch_busy(&idle->watches[0]);
}

/* The registration without which a client that can be written to would not end the wait; NULL:
 * that is not what ended it. */
static const Event *woken_to_write(const Observation *run, const Watch *watch)
{
    const Event *wake, *found, *asked = NULL;
    for (size_t from = 0; (wake = trace_next(run->trace, &from, EV_WAKE, 0));)
        if (wake->start_ns > watch->start_ns && (wake->flags & EVF_WRITABLE) &&
            !(wake->flags & (EVF_READABLE | EVF_HANGUP | EVF_ERROR)))
            break;
    for (size_t from = 0;
         wake && wake->object && (found = trace_next(run->trace, &from, EV_WATCH, wake->object));)
        if (found->flags & EVF_WRITABLE)
            asked = found;
    return asked;
}

static void say_awake(Verdict *v, const Idleness *idle, const Observation *traced,
                      const Watch *watch)
{
    const char *expected = "a wait without a timeout, or with one of at least a second";
    const Event *asked = idle->shortest ? NULL : woken_to_write(traced, &traced->watches[0]);
    if (asked) {
        verdict_fail(v, 0, "a wait that ends when a client has said something, or has left",
                     "with 50 idle clients the wait ends at once, each time, because a client can "
                     "be written to, which is nearly always so");
        verdict_cite(v, asked);
        return;
    }
    if (watch_busy(watch))
        verdict_fail(v, 0, expected, "with 50 idle clients it used %.0f %% of a core",
                     watch_own_cpu_share(watch) * 100);
    else if (idle->shortest)
        verdict_fail(v, 0, expected, "with 50 idle clients it waits with a timeout of %g ms",
                     (double)idle->shortest->timeout_ns / 1e6);
    else
        verdict_fail(v, 0, expected,
                     "with 50 idle clients %d calls came back though nothing had happened",
                     idle->returns);
    verdict_cite(v, idle->shortest ? idle->shortest : idle->busiest);
}

void echo_idle_asleep(const Facts *facts, Verdict *v)
{
    const Observation *traced = facts_run(facts, "idle");
    const Observation *untraced = facts_run(facts, "idle-watch");
    if (!needs_one_thread(facts, v))
        return;
    if (!was_served(traced, ALL) || traced->n_watches == 0 || untraced->n_watches == 0) {
        verdict_needs(v, "many-clients", "50 clients at once are not served");
        return;
    }
    Idleness idle = idleness(traced, &traced->watches[0]);
    bool seen = idle.shortest || idle.returns;
    seen_in(v, seen ? traced : untraced);
    if (seen || watch_busy(&untraced->watches[0]))
        say_awake(v, &idle, traced, &untraced->watches[0]);
    else
        verdict_pass(v, "asleep in the kernel with 50 idle clients");
}
