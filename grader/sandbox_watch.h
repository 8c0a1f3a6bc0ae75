/*
 * The memory of everything in a sandbox together, where no cgroup bounds it:
 * looked at 20 times a second, and all of it killed once it is too much, as
 * the kernel would do. What grows faster than that is more by then: a few
 * hundred MB on a fast machine. Kernel memory (socket buffers) is not seen.
 */
#ifndef GRADER_SANDBOX_WATCH_H
#define GRADER_SANDBOX_WATCH_H

#include <uv.h>

#include "sandbox.h"

typedef struct SandboxWatch {
    uv_timer_t timer; /* `data` is as given; the caller closes it */
    Sandbox *sandbox;
    const SandboxInfo *info;
    uint64_t most; /* bytes */
    bool killed;   /* it was too much */
} SandboxWatch;

/* `info` must be fed while the timer runs. Stop the timer when the command has
 * ended: its pid may be someone else's then. Where a cgroup bounds memory, and
 * in OWN mode, the timer is made and never started. */
void sandbox_watch_start(SandboxWatch *watch, uv_loop_t *loop, Sandbox *sandbox,
                         const SandboxInfo *info, uint64_t most, void *data);

#endif
