#include <string.h>

#include "base/clock.h"
#include "heartbeat.h"
#include "run_parts.h"
#include "wake.h"

enum {
    LISTENERS_MOST = 16,
    LISTEN_MS = 5000,
    LINE_MS = 5000,
    LINE_CPU_MS = 300,
    START_MS = 15000,
    ASLEEP_LOOKS = 2
};

static void on_timer(uv_timer_t *timer)
{
    run_look(timer->data);
}

/* Often at first, for most programs listen within milliseconds; then less so. */
static void look_again(Run *run)
{
    int64_t waited_ms = (clock_mono_ns() - run->began_ns) / NS_PER_MS;
    int64_t pause_ms = waited_ms < 60 ? 2 : waited_ms < 500 ? 5 : 20;
    wake_in(&run->timer, on_timer, pause_ms * NS_PER_MS);
}

/* For how long of these last ns the machine was not there, for us or for the program. */
static int64_t late_ns(Run *run, int64_t waited, int64_t most)
{
    int64_t now = clock_real_ns(), from = now - waited;
    int64_t late = heartbeat_late_ns(from, now), held_up = run_held_up_ns(run);
    late = (late > held_up ? late : held_up) + heartbeat_starved_ns(from, now);
    return late < most ? late : most;
}

/* Has the phase lasted this long, the machine's own lateness not counted? (Twice as long at the most: to
 * begin takes little of a core, and bombs before a listen() make one another late.) */
static bool lasted(Run *run, int64_t ms)
{
    int64_t waited = clock_mono_ns() - run->began_ns, limit = clock_limit_ms(ms) * NS_PER_MS;
    return waited >= limit && waited >= limit + late_ns(run, waited, limit);
}

/* --- the socket --- */

static int wanted_port(const Run *run)
{
    return run->spec.script->port < 0 ? 9000 : run->spec.script->port;
}

/* The port that was asked for, then one that is reached by 127.0.0.1. */
static int worth(const Run *run, const ProbeListener *listener)
{
    bool reached = listener->loopback_only || strcmp(listener->address, "0.0.0.0") == 0 ||
                   strcmp(listener->address, "::") == 0;
    return 2 * (listener->port == wanted_port(run)) + reached;
}

void run_choose_listener(Run *run)
{
    ProbeListener found[LISTENERS_MOST];
    Observation *o = run->observation;
    /* All that listens in a sandbox is the submission's. */
    bool own_only = sandbox_mode(run->spec.sandbox) == SANDBOX_OWN;
    int n = probe_listeners(run->pid, own_only, found, LISTENERS_MOST);
    if (n <= 0)
        return;
    o->listened = true;
    o->listener_count = n;
    o->listener = found[0];
    for (int i = 1; i < n && i < LISTENERS_MOST; i++)
        if (worth(run, &found[i]) > worth(run, &o->listener))
            o->listener = found[i];
}

/* --- the first line --- */

static bool note_first_line(Run *run)
{
    Observation *o = run->observation;
    const Buf *head = &o->out.head;
    const char *end = memchr(head->data, '\n', head->len);
    size_t len = end ? (size_t)(end - head->data) : head->len;
    if (len > sizeof o->first_line - 1)
        len = sizeof o->first_line - 1;
    for (size_t i = 0; i < len; i++)
        o->first_line[i] = head->data[i] ? head->data[i] : '?';
    o->first_line[len] = 0;
    o->line_before_connect = end != NULL;
    return end != NULL;
}

/* It went on to something else. Told by its own CPU time: between listen(2) and its
 * line it may wait for a core as long as the others on this machine please. */
static bool went_on(Run *run)
{
    int64_t used = probe_cpu_ns(run->pid) - run->cpu_listening_ns;
    return used >= LINE_CPU_MS * NS_PER_MS || lasted(run, LINE_MS);
}

/* Asleep without having printed: the line is in a buffer, or is none. */
static bool line_settled(Run *run)
{
    run->asleep_looks = probe_asleep(run->pid) ? run->asleep_looks + 1 : 0;
    stream_drain(run, STREAM_OUT); /* behind the look: what it printed before it slept is there */
    return note_first_line(run) || run->asleep_looks >= ASLEEP_LOOKS || went_on(run);
}

/* --- the looks --- */

static void look_for_program(Run *run)
{
    if (run->info.started && !run->exec_seen) {
        run->exec_seen = true;
        run->began_ns = clock_mono_ns();
    }
    if (run->exec_seen && !run->pid && run->info.child)
        run->pid = sandbox_process(run->spec.sandbox, run->info.child);
}

static void look_for_socket(Run *run)
{
    stream_drain(run, STREAM_INFO);
    look_for_program(run);
    if (run->pid)
        run_choose_listener(run);
    if (run->observation->listened) {
        run->observation->listening_ns = clock_real_ns();
        run->cpu_listening_ns = probe_cpu_ns(run->pid);
        run->began_ns = clock_mono_ns();
        run->phase = PHASE_LISTENING;
    } else if (run->exec_seen && lasted(run, LISTEN_MS)) {
        run_end(run, WHY_NO_LISTEN);
    } else if (!run->exec_seen && lasted(run, START_MS)) {
        fault_set(&run->observation->fault, "the sandbox did not start the program within %d s",
                  START_MS / 1000);
        run_broken(run);
    }
}

void run_look(Run *run)
{
    if (run->phase == PHASE_STARTING)
        look_for_socket(run);
    bool ready = run->phase == PHASE_LISTENING && line_settled(run);
    if (run->phase > PHASE_LISTENING)
        return; /* it was ended meanwhile */
    if (ready)
        run_play(run);
    else
        look_again(run);
}
