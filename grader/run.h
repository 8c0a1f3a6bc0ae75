/*
 * One run: a program started in the sandbox, its listening socket found, a
 * script played against it, everything about it observed, the whole ended and
 * cleaned up. Runs on the caller's libuv loop; many go on at once.
 */
#ifndef GRADER_RUN_H
#define GRADER_RUN_H

#include <uv.h>

#include "observation.h"
#include "peer/script.h"
#include "sandbox.h"
#include "trace/strace.h"

enum { RUN_FLOOD_BYTES = 1 << 28 }; /* of output: more is a flood, and ends the run */

typedef struct RunSpec {
    Sandbox *sandbox;
    const char *scenario;
    const Script *script;
    const char *binary;     /* path outside, e.g. SCRATCH/ex1_nonblocking/nonblocking */
    const char *name;       /* "nonblocking": what it is called inside */
    bool stacks;            /* trace with call stacks */
    int core;               /* -1: free */
    const char *keep_trace; /* also write the raw trace to this file; NULL: no */
    StraceResolve resolve;  /* with `stacks`; may be NULL */
    void *resolve_context;
    struct Answers *answers; /* PlayerHooks'; may be NULL */
} RunSpec;

typedef struct Run Run;
typedef void (*RunDone)(void *context, Run *run);

/* `observation` is filled by the time `done` is called (from the loop); the
 * spec's strings and the script must live until then. Our failures end as
 * RUN_BROKEN in the observation; this never fails itself. */
Run *run_start(uv_loop_t *loop, const RunSpec *spec, Observation *observation, RunDone done,
               void *context);
void run_cancel(Run *run); /* kill it; `done` is still called */
void run_free(Run *run);   /* only after `done` */

#endif
