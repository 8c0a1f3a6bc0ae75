/* A server that nobody asks anything sleeps; and how soon it is there. */
#include "web.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IDLE_SECONDS = 10, STARTS = 9 };

static long switches_of(const char *path)
{
    char line[256];
    long sum = 0;
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        const char *at = strstr(line, "voluntary_ctxt_switches:");
        sum += at == line ? atol(at + 24) : 0;
    }
    if (file)
        fclose(file);
    return sum;
}

/* Voluntary switches of every thread: each is one that woke up and slept again. */
static long wakeups(pid_t pid, int *threads)
{
    char path[64];
    long sum = 0;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *folder = opendir(path);
    *threads = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (*entry->d_name != '.') {
            char *status = x_printf("%s/%s/status", path, entry->d_name);
            sum += switches_of(status);
            ++*threads;
            free(status);
        }
    if (folder)
        closedir(folder);
    return sum;
}

static void idle(const char *course)
{
    Served served;
    int threads;
    serve_begin(&served, course, NULL, 2);
    usleep(500000);
    long before = wakeups(served.pid, &threads);
    double cpu = cpu_of(served.pid);
    sleep(IDLE_SECONDS);
    printf("  %-52s %8ld                       target 0\n", "wake-ups within 10 idle seconds",
           wakeups(served.pid, &threads) - before);
    printf("  %-52s %8.0f us   (%d threads)\n", "CPU meanwhile", 1e6 * (cpu_of(served.pid) - cpu),
           threads);
    serve_end(&served);
}

static void starts(const char *course)
{
    double ms[STARTS], cpu[STARTS];
    for (int i = 0; i < STARTS; i++) {
        Served served;
        serve_begin(&served, course, NULL, 1);
        ms[i] = 1000 * served.start_s;
        cpu[i] = 1000 * cpu_of(served.pid);
        serve_end(&served);
    }
    printf("  load %.1f\n", load_now());
    show("from its start until it takes connections", ms, STARTS, "ms", "target < 100");
    show("CPU of that", cpu, STARTS, "ms", "");
}

void idle_section(void)
{
    puts("idle: the server with the class of 200,000 submissions");
    const char *course = made_class();
    idle(course);
    starts(course);
}
