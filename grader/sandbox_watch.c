#include "sandbox_watch.h"

#include "probe.h"

enum { LOOK_MS = 50 };

static void look(uv_timer_t *timer)
{
    SandboxWatch *watch = (SandboxWatch *)timer;
    if (!watch->info->child || probe_memory(watch->info->child) <= watch->most)
        return;
    watch->killed = true;
    sandbox_kill(watch->sandbox, watch->info->child);
}

void sandbox_watch_start(SandboxWatch *watch, uv_loop_t *loop, Sandbox *sandbox,
                         const SandboxInfo *info, uint64_t most, void *data)
{
    watch->sandbox = sandbox;
    watch->info = info;
    watch->most = most;
    watch->killed = false;
    uv_timer_init(loop, &watch->timer);
    watch->timer.data = data;
    if (!sandbox_bounds_memory(sandbox) && sandbox_mode(sandbox) != SANDBOX_OWN)
        uv_timer_start(&watch->timer, look, LOOK_MS, LOOK_MS);
}
