/* By how much the machine is late for a run, and not the run for itself. */
#include "probe_linux.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

/* How long the threads of a process had no core: all of them, or the one that waited longest. */
static int64_t queued_all(pid_t pid, bool longest)
{
    DIR *tasks = proc_open(pid, "task");
    int64_t all = 0;
    for (int thread; tasks && (thread = proc_next(tasks)) > 0;) {
        int64_t one = probe_queued_ns(pid, thread);
        all = longest ? (one > all ? one : all) : all + one;
    }
    if (tasks)
        closedir(tasks);
    return all;
}

/* What children of it used that have ended and were waited for (cutime and cstime, in ticks). */
static int64_t reaped_ns(pid_t pid)
{
    char text[1024];
    long user = 0, kernel = 0;
    const char *behind_name =
        proc_slurp(pid, "stat", text, sizeof text) < 0 ? NULL : strrchr(text, ')');
    if (!behind_name ||
        sscanf(behind_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %ld %ld",
               &user, &kernel) != 2)
        return 0;
    return (user + kernel) * (NS_PER_S / sysconf(_SC_CLK_TCK));
}

static bool among(pid_t pid, const pid_t *pids, int n)
{
    for (int i = 0; i < n; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

int64_t probe_held_up_ns(pid_t outer, pid_t inner)
{
    pid_t pids[FAMILY_MOST], inside[FAMILY_MOST];
    int64_t held_up = 0, longest = 0;
    int n_inside = inner > 0 ? probe_family(inner, inside, FAMILY_MOST) : 0;
    int n = outer > 0 ? probe_family(outer, pids, FAMILY_MOST) : 0;
    for (int i = 0; i < n; i++) {
        bool theirs = among(pids[i], inside, n_inside);
        int64_t ran = probe_cpu_ns(pids[i]), waited = queued_all(pids[i], theirs);
        held_up -= (ran > 0 ? ran : 0) + reaped_ns(pids[i]);
        if (theirs)
            longest = waited > longest ? waited : longest;
        else
            held_up += waited;
    }
    held_up += longest;
    return held_up > 0 ? held_up : 0;
}

int64_t probe_family_cpu_ns(pid_t outer)
{
    pid_t pids[FAMILY_MOST];
    int64_t used = 0;
    int n = outer > 0 ? probe_family(outer, pids, FAMILY_MOST) : 0;
    for (int i = 0; i < n; i++) {
        int64_t one = probe_cpu_ns(pids[i]);
        used += (one > 0 ? one : 0) + reaped_ns(pids[i]);
    }
    return used;
}
