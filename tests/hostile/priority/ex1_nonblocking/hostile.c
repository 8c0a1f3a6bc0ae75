/* Real-time scheduling, negative nice values, every core. */
#include "serve.h"

static void attack(void)
{
    struct sched_param most = {.sched_priority = 99};
    cpu_set_t all;
    memset(&all, 0xff, sizeof all);
    must_fail(sched_setscheduler(0, SCHED_FIFO, &most), "SCHED_FIFO");
    must_fail(sched_setscheduler(0, SCHED_RR, &most), "SCHED_RR");
    must_fail(setpriority(PRIO_PROCESS, 0, -20), "nice -20");
    must_fail(syscall(SYS_ioprio_set, 1, 0, 1 << 13), "real-time I/O");
    sched_setaffinity(0, sizeof all, &all);
    sched_setaffinity(1, sizeof all, &all);
    setpriority(PRIO_PGRP, 0, 5);
    setpriority(PRIO_PGRP, 0, 0);
    tried("priority");
}

int main(int argc, char **argv)
{
    attack();
    return serve(argc, argv);
}
