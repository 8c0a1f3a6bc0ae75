/*
 * cpu_us(): the CPU time, user and system, that this whole process has used
 * since it began, in microseconds. Time asleep does not count; what it used
 * before main() counts, too.
 */
#ifndef COURSE_CPU_H
#define COURSE_CPU_H

#include <sys/resource.h>

__attribute__((unused)) static inline long cpu_us(void)
{
    struct rusage used;
    if (getrusage(RUSAGE_SELF, &used) < 0)
        return -1;
    return (long)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000L +
           (long)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

#endif
