#include "base/clock.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SLOW_MOST = 100 };

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

/* False if it is set, but to no multiplier. */
static bool read_slow(const char **text, double *slow)
{
    char *end;
    *slow = 1;
    *text = getenv("GRADER_SLOW");
    if (!*text || !**text)
        return true;
    double value = strtod(*text, &end);
    if (end == *text || *end || !(value >= 1 && value <= SLOW_MOST))
        return false;
    *slow = value;
    return true;
}

double clock_slow(void)
{
    const char *text;
    double slow;
    read_slow(&text, &slow);
    return slow;
}

const char *clock_slow_wrong(void)
{
    static char wrong[160];
    const char *text;
    double slow;
    if (read_slow(&text, &slow))
        return NULL;
    char shown[41];
    snprintf(shown, sizeof shown, "%s", text);
    for (char *p = shown; *p; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
    snprintf(wrong, sizeof wrong,
             "GRADER_SLOW is \"%s\"; it multiplies time limits: a number from 1 to %d", shown,
             SLOW_MOST);
    return wrong;
}

int64_t clock_limit_ms(int64_t ms)
{
    return (int64_t)ceil((double)ms * clock_slow());
}
