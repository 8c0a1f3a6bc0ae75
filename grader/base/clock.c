#include "base/clock.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

static int64_t now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

int64_t clock_mono_ns(void)
{
    return now(CLOCK_MONOTONIC);
}

int64_t clock_real_ns(void)
{
    return now(CLOCK_REALTIME);
}

double clock_slow(void)
{
    const char *text = getenv("GRADER_SLOW");
    double slow = text ? strtod(text, NULL) : 1;
    if (!(slow >= 1))
        return 1;
    return slow > 100 ? 100 : slow;
}

int64_t clock_limit_ms(int64_t ms)
{
    return (int64_t)ceil((double)ms * clock_slow());
}
