#include <string.h>

#include "base/text.h"
#include "run_parts.h"

/* --- what the process left --- */

static const Event *exit_event(const Run *run)
{
    const Trace *trace = run->observation->trace;
    const Event *event;
    int process = run->parser ? strace_parser_process(run->parser) : 0;
    for (size_t from = 0; process && (event = trace_next(trace, &from, EV_EXIT, 0));)
        if (event->process == process)
            return event;
    return NULL;
}

static void ended_with(Run *run, int status, int signal)
{
    run->observation->end = signal ? RUN_SIGNALED : RUN_EXITED;
    run->observation->status = signal ? signal : status;
}

/* bwrap and strace hand on a signal as 128 + its number. */
static void by_exit_status(Run *run)
{
    int status = (int)run->exit_status, signal = run->exit_signal;
    if (!signal && status > 128 && status <= 128 + 64)
        signal = status - 128;
    ended_with(run, status, signal);
}

static void by_itself(Run *run, const Event *event)
{
    if (event) {
        ended_with(run, (int)event->result, event->signal);
        run->observation->ended_ns = event->end_ns;
    } else {
        by_exit_status(run);
    }
}

/* --- what broke on our side --- */

/* Nothing of the submission has run: all that is on stderr is our tools'. */
static void quote_tools(Run *run)
{
    Observation *o = run->observation;
    Buf line;
    buf_init(&line, 300);
    size_t len = strcspn(o->err.head.data, "\n");
    text_clean(&line, o->err.head.data, len);
    if (line.len)
        fault_set(&o->fault, "the sandbox failed: %s (grader doctor says more)", line.data);
    else
        fault_set(&o->fault,
                  "the sandbox ended with status %d and without a word "
                  "(grader doctor says more)",
                  (int)run->exit_status);
    buf_release(&line);
}

void run_judge_end(Run *run)
{
    static const RunEnd ends[] = {
        [WHY_NO_LISTEN] = RUN_NO_LISTEN, [WHY_TOO_LONG] = RUN_TIMED_OUT, [WHY_FLOOD] = RUN_FLOOD,
        [WHY_CANCELLED] = RUN_NOT_RUN,   [WHY_BROKEN] = RUN_BROKEN,
    };
    const Script *script = run->spec.script;
    const Event *event = exit_event(run);
    /* It may have ended in the very moment in which it was to be killed. */
    bool gone_before = !run->killed || (event && event->end_ns < run->killed_ns);
    bool may_have_gone = run->why == WHY_SCRIPT_OVER || run->why == WHY_NO_LISTEN;
    if (run->why == WHY_ITSELF && !run->info.started) {
        quote_tools(run);
        run->observation->end = RUN_BROKEN;
    } else if (run->why == WHY_ITSELF || (may_have_gone && gone_before)) {
        by_itself(run, event);
    } else if (run->why == WHY_SCRIPT_OVER) {
        bool exit_wanted = script->steps[script->n_steps - 1].verb == VERB_EXIT;
        run->observation->end = exit_wanted ? RUN_TIMED_OUT : RUN_STOPPED;
    } else {
        run->observation->end = ends[run->why];
    }
}
