/* Clocks, and how figures are shown. */
#include "web.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(clockid_t clock)
{
    struct timespec t;
    return clock_gettime(clock, &t) ? 0 : (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double now(void)
{
    return seconds(CLOCK_MONOTONIC);
}

double cpu_own(void)
{
    return seconds(CLOCK_THREAD_CPUTIME_ID);
}

double cpu_of(pid_t pid)
{
    clockid_t clock;
    return clock_getcpuclockid(pid, &clock) ? 0 : seconds(clock);
}

static long status_line(pid_t pid, const char *name)
{
    char path[64], line[256];
    long value = -1;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    while (file && value < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, name, strlen(name)) == 0)
            value = atol(line + strlen(name));
    if (file)
        fclose(file);
    return value;
}

long resident_most(pid_t pid)
{
    return status_line(pid, "VmHWM:");
}

double load_now(void)
{
    double load = 0;
    return getloadavg(&load, 1) == 1 ? load : 0;
}

void give_up(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double share_of(double *values, int n, double share)
{
    qsort(values, (size_t)n, sizeof *values, by_size);
    int at = (int)(share * n);
    return n == 0 ? 0 : values[at < n ? at : n - 1];
}

void show(const char *what, double *values, int n, const char *unit, const char *target)
{
    double median = share_of(values, n, 0.5);
    printf("  %-52s %8.2f %-4s (%.2f .. %.2f)  %s\n", what, median, unit, values[0], values[n - 1],
           target);
    fflush(stdout);
}
