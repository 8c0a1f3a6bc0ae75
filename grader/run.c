#include "run_parts.h"

#include <signal.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "heartbeat.h"
#include "wake.h"

#define GONE_NS       (200 * NS_PER_MS)
#define KILL_AGAIN_NS (2 * NS_PER_S)
enum { SCENARIO_MS = 10000, SAMPLE_MS = 5, KILLS_MOST = 5 };

/* --- closing --- */

static void close_timer(uv_timer_t *timer)
{
    if (!uv_is_closing((uv_handle_t *)timer))
        uv_close((uv_handle_t *)timer, run_on_closed);
}

void run_on_closed(uv_handle_t *handle)
{
    /* A stream's handle knows its stream, the others know their run. */
    Run *run = handle->type == UV_POLL ? ((Stream *)handle->data)->run : handle->data;
    if (--run->handles == 0)
        run->done(run->context, run);
}

static void close_all(Run *run)
{
    Observation *o = run->observation;
    run->phase = PHASE_CLOSING;
    for (int i = 0; i < STREAMS; i++)
        stream_close(run, i);
    player_free(run->player);
    run->player = NULL;
    if (run->parser)
        strace_parser_end(run->parser);
    run_judge_end(run);
    if (!o->ended_ns)
        o->ended_ns = clock_real_ns();
    run_spawn_release(run);
    if (run->spawned)
        uv_close((uv_handle_t *)&run->process, run_on_closed);
    close_timer(&run->memory.timer);
    close_timer(&run->timer);
    close_timer(&run->limit);
}

/* --- ending --- */

static bool drained(const Run *run)
{
    return run->streams[STREAM_OUT].fd < 0 && run->streams[STREAM_ERR].fd < 0 &&
           run->streams[STREAM_LOG].fd < 0;
}

void run_check_over(Run *run)
{
    if (run->phase == PHASE_ENDING && run->exited && drained(run))
        close_all(run);
}

static void kill_all(Run *run)
{
    if (!run->killed) {
        run->killed = true;
        run->killed_ns = clock_real_ns();
    }
    run->kills++;
    if (run->exited)
        return;
    if (run->info.child && run->kills == 1)
        sandbox_kill(run->spec.sandbox, run->info.child);
    else if (run->spawned)
        uv_process_kill(&run->process, SIGKILL);
}

/* Nothing may hold us up: neither a pipe that somebody kept, nor a process
 * that does not die. */
static void on_ending(uv_timer_t *timer)
{
    Run *run = timer->data;
    if (run->exited && run->kills > 0) {
        close_all(run);
        return;
    }
    if (run->kills < KILLS_MOST) {
        kill_all(run);
        wake_in(&run->timer, on_ending, KILL_AGAIN_NS);
        return;
    }
    fault_set(&run->observation->fault, "the sandbox could not be ended");
    run->why = WHY_BROKEN;
    close_all(run);
}

static bool seems_gone(const Run *run)
{
    return run->exited || (run->pid && probe_cpu_ns(run->pid) < 0) ||
           (run->info.child && probe_ended(run->info.child));
}

static void start_ending(Run *run)
{
    run->phase = PHASE_ENDING;
    uv_timer_stop(&run->limit);
    /* Who has ended already may tell its own status first. */
    if (seems_gone(run) && run->why != WHY_BROKEN && run->why != WHY_CANCELLED) {
        wake_in(&run->timer, on_ending, run->exited ? KILL_AGAIN_NS : GONE_NS);
        run->kills += run->exited;
    } else {
        kill_all(run);
        wake_in(&run->timer, on_ending, KILL_AGAIN_NS);
    }
    if (run->player && !run->player_over)
        player_stop(run->player);
}

void run_end(Run *run, RunWhy why)
{
    if (run->phase >= PHASE_ENDING)
        return;
    run_sample_cpu(run);
    run->why = why;
    start_ending(run);
}

void run_broken(Run *run)
{
    if (run->phase == PHASE_CLOSING)
        return;
    run_end(run, WHY_BROKEN);
    run->why = WHY_BROKEN;
}

static void on_gone(uv_process_t *process, int64_t status, int signal)
{
    Run *run = process->data;
    run->exited = true;
    uv_timer_stop(&run->memory.timer);
    run->exit_status = status;
    run->exit_signal = signal;
    run->observation->ended_ns = clock_real_ns();
    for (int i = 0; i < STREAMS; i++)
        stream_drain(run, i);
    if (run->phase < PHASE_PLAYING)
        run_end(run, WHY_ITSELF);
    else if (run->phase == PHASE_PLAYING)
        player_program_ended(run->player);
    run_check_over(run);
}

/* --- playing --- */

void run_sample_cpu(Run *run)
{
    int64_t cpu = run->pid && !run->exited ? probe_cpu_ns(run->pid) : -1;
    if (cpu >= 0)
        run->observation->cpu_last_ns = cpu;
}

static int make_sockets(void *context, int count, int *fds, Fault *fault)
{
    Run *run = context;
    return sandbox_sockets(run->spec.sandbox, run->info.child, count, fds, fault);
}

static void on_sample(uv_timer_t *timer)
{
    run_sample_cpu(timer->data);
}

/* What is used until the exit is the figure to compare with. */
static void on_step(void *context, const Script *script, const Step *step)
{
    Run *run = context;
    (void)script;
    if (step->verb == VERB_EXIT && run->phase == PHASE_PLAYING)
        uv_timer_start(&run->timer, on_sample, SAMPLE_MS, SAMPLE_MS);
}

static void on_player_done(void *context)
{
    Run *run = context;
    Fault *fault = &run->observation->fault;
    run->player_over = true;
    if (run->phase != PHASE_PLAYING)
        return;
    /* Without sockets: whose failure is it? A program that has just gone took them along. */
    bool broken = fault->text[0] && !seems_gone(run);
    if (!broken)
        fault->text[0] = 0;
    run_end(run, broken ? WHY_BROKEN : run->exited ? WHY_ITSELF : WHY_SCRIPT_OVER);
    run_check_over(run);
}

int64_t run_held_up_ns(void *context)
{
    Run *run = context;
    pid_t inner = run->info.child ? run->info.child : run->pid;
    return run->exited ? 0 : probe_held_up_ns((pid_t)run->process.pid, inner);
}

static int64_t used_ns(void *context)
{
    Run *run = context;
    return run->exited ? -1 : probe_family_cpu_ns((pid_t)run->process.pid);
}

/* As far as the machine held the program up it has more time (and is held up in that, too):
 * eight times as long at the most. */
static int64_t once_more_ns(Run *run)
{
    int64_t late = run_held_up_ns(run), most = 8 * clock_limit_ms(SCENARIO_MS) * NS_PER_MS;
    late = late < most ? late : most;
    int64_t more = late > run->more_ns ? late - run->more_ns : 0;
    run->more_ns += more;
    return more;
}

/* What the play has given the program beyond its time comes on top. */
static void on_limit(uv_timer_t *timer)
{
    Run *run = timer->data;
    int64_t given = run->player ? player_given_ns(run->player) - run->given_ns : 0;
    int64_t more = given + once_more_ns(run);
    if (more < NS_PER_MS) {
        run_end(run, WHY_TOO_LONG);
        return;
    }
    run->given_ns += given;
    wake_in(timer, on_limit, more);
}

static const char *reached_by(const ProbeListener *listener)
{
    bool any = listener->address[0] == ':' && listener->address[2] == 0;
    return any || listener->address[0] == '0' ? "127.0.0.1" : listener->address;
}

void run_play(Run *run)
{
    Observation *o = run->observation;
    PlayerHooks hooks = {.sockets = make_sockets,
                         .done = on_player_done,
                         .step = on_step,
                         .context = run,
                         .held_up_ns = run_held_up_ns,
                         .used_ns = used_ns,
                         .answers = run->spec.answers};
    run_choose_listener(run); /* there may be more of them by now */
    run->phase = PHASE_PLAYING;
    uv_timer_stop(&run->timer);
    wake_in(&run->limit, on_limit, clock_limit_ms(SCENARIO_MS) * NS_PER_MS);
    run->player = player_start(run->loop, run->spec.script, reached_by(&o->listener),
                               o->listener.port, run->pid, o, &hooks);
}

/* --- beginning --- */

static void on_begin(uv_timer_t *timer)
{
    Run *run = timer->data;
    if (run_spawn(run, on_gone)) {
        run->why = WHY_BROKEN;
        run->exited = true;
        close_all(run);
        return;
    }
    run->began_ns = clock_mono_ns();
    run_look(run);
}

static void add_timer(Run *run, uv_timer_t *timer)
{
    uv_timer_init(run->loop, timer);
    timer->data = run;
    run->handles++;
}

Run *run_start(uv_loop_t *loop, const RunSpec *spec, Observation *observation, RunDone done,
               void *context)
{
    Run *run = x_calloc(1, sizeof *run);
    *run = (Run){.loop = loop,
                 .spec = *spec,
                 .observation = observation,
                 .done = done,
                 .context = context,
                 .keep_fd = -1};
    for (int i = 0; i < STREAMS; i++)
        run->streams[i].fd = -1;
    observation->port_asked = spec->script->port;
    observation->stacks = spec->stacks;
    observation->burnt_ns = spec->script->burn_ns;
    heartbeat_start(NULL); /* without one nothing is excused, and that is all */
    add_timer(run, &run->timer);
    add_timer(run, &run->limit);
    sandbox_watch_start(&run->memory, loop, spec->sandbox, &run->info,
                        sandbox_program_limits.memory, run);
    run->handles++;
    uv_timer_start(&run->timer, on_begin, 0, 0);
    return run;
}

void run_cancel(Run *run)
{
    if (run->phase >= PHASE_CLOSING)
        return;
    if (!run->spawned) {
        run->why = WHY_CANCELLED;
        run->exited = true;
        close_all(run);
        return;
    }
    run_end(run, WHY_CANCELLED);
    run->why = WHY_CANCELLED;
}

void run_free(Run *run)
{
    free(run);
}
