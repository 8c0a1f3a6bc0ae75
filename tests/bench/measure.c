#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "bench.h"

extern char **environ;

_Noreturn void give_up(const char *what)
{
    fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
    exit(1);
}

double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

Cost run(const char *const *argv)
{
    Cost cost = {.status = -1};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    double began = now();
    pid_t pid;
    errno = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (errno)
        give_up(argv[0]);
    struct rusage usage;
    wait4(pid, &cost.status, 0, &usage);
    cost.wall = now() - began;
    cost.cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    cost.resident_kib = usage.ru_maxrss;
    return cost;
}

const char *grader(void)
{
    static char path[PATH];
    snprintf(path, sizeof path, "%s/grader/grader", build);
    return path;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, by_size);
    return values[n / 2];
}

void show(const char *what, double *values, int n, const char *unit, const char *target)
{
    double middle = median(values, n);
    printf("  %-52s %8.2f %-4s (%.2f .. %.2f)  %s\n", what, middle, unit, values[0], values[n - 1],
           target);
    fflush(stdout);
}
