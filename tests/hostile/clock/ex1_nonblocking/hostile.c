/* Sets the machine's clock. */
#include "serve.h"

#include <sys/time.h>
#include <sys/timex.h>

static void attack(void)
{
    struct timespec then = {1, 0};
    struct timeval when = {1, 0};
    struct timex turn = {.modes = ADJ_TICK, .tick = 9000};
    must_fail(clock_settime(CLOCK_REALTIME, &then), "clock_settime");
    must_fail(settimeofday(&when, NULL), "settimeofday");
    must_fail(adjtimex(&turn), "adjtimex");
    must_fail(sethostname("x", 1), "sethostname");
    tried("clock");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
