#include "wake.h"

#include "base/clock.h"

/* The loop counts milliseconds of its own clock, and a timer from the time that the loop took last. */
void wake_in(uv_timer_t *timer, uv_timer_cb callback, int64_t ns)
{
    uint64_t now = uv_now(timer->loop);
    uint64_t due = (uv_hrtime() + (uint64_t)(ns > 0 ? ns : 0) + NS_PER_MS - 1) / NS_PER_MS;
    uv_timer_start(timer, callback, due > now ? due - now : 1, 0);
}

void wake_at(uv_timer_t *timer, uv_timer_cb callback, int64_t mono_ns)
{
    wake_in(timer, callback, mono_ns - clock_mono_ns());
}
