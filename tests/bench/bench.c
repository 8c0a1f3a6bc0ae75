/*
 * Measures what the README states:
 *
 *   bench [-b BUILD] [-n TURNS] [SECTION...]
 *
 * It judges nothing and fails only if something could not be measured.
 */
#include "bench.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *build = "build";
int turns = 7;
char scratch[SCRATCH] = "/tmp/bench.XXXXXX";

static const struct {
    const char *name;
    void (*measure)(void);
} sections[] = {{"grading", bench_grading},
                {"throughput", bench_throughput},
                {"memory", bench_memory},
                {"echo", bench_echo}};

static bool wanted(const char *name, char **names)
{
    if (!*names)
        return true;
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static void print_load(void)
{
    double load[3] = {0};
    if (getloadavg(load, 3) > 0)
        printf("load average %.1f\n", load[0]);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    int letter;
    while ((letter = getopt(argc, argv, "b:n:")) != -1) {
        if (letter == 'b')
            build = optarg;
        else if (letter == 'n' && atoi(optarg) > 0 && atoi(optarg) < TURNS)
            turns = atoi(optarg);
        else
            return 2;
    }
    if (!mkdtemp(scratch))
        return 1;
    chmod(scratch, 0755);
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        if (!wanted(sections[i].name, argv + optind))
            continue;
        print_load();
        sections[i].measure();
    }
    const char *clean[] = {"rm", "-rf", scratch, NULL};
    return run(clean).status;
}
