/*
 * Measures what the README states, as ratios inside one run where it can be:
 * the two sides of a ratio are taken turn by turn, and the median of the turns
 * is shown with the least and the most.
 *
 *   bench [-b BUILD] [-n TURNS] [SECTION...]
 *
 * It judges nothing and fails only if something could not be measured.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TURNS = 101, PATH = 1024 };

extern char **environ;
static const char *build = "build";
static int turns = 7;
static char scratch[] = "/tmp/bench.XXXXXX";

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

typedef struct Cost {
    double wall, cpu; /* seconds; cpu with all children */
    long resident_kib;
    int status;
} Cost;

/* CPU is that of the command and of every child it waited for. */
static Cost run(const char *const *argv)
{
    Cost cost = {.status = -1};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    double began = now();
    pid_t pid;
    int error = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error) {
        fprintf(stderr, "bench: %s: %s\n", argv[0], strerror(error));
        exit(1);
    }
    struct rusage usage;
    wait4(pid, &cost.status, 0, &usage);
    cost.wall = now() - began;
    cost.cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    cost.resident_kib = usage.ru_maxrss;
    return cost;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void show(const char *what, double *values, int n, const char *unit, const char *target)
{
    qsort(values, (size_t)n, sizeof *values, by_size);
    printf("  %-52s %8.2f %-4s (%.2f .. %.2f)  %s\n", what, values[n / 2], unit, values[0],
           values[n - 1], target);
    fflush(stdout);
}

static const char *grader(void)
{
    static char path[PATH];
    snprintf(path, sizeof path, "%s/grader/grader", build);
    return path;
}

/* --- grading --- */

/* What can't be avoided: the first build, bare, and the time exercise 1 must be watched. */
static Cost bare_floor(void)
{
    char out[PATH];
    snprintf(out, sizeof out, "%s/nonblocking", scratch);
    const char *cc[] = {"cc",       "-std=gnu11", "-Wall",
                        "-Wextra",  "-g",         "-O1",
                        "-pthread", "-I",         "assignments/include",
                        "-o",       out,          "reference/ex1_nonblocking/nonblocking.c",
                        NULL};
    Cost cost = run(cc);
    cost.wall += 0.5;
    return cost;
}

static void grading(void)
{
    double ratio[TURNS], wall[TURNS], cpu[TURNS], all[TURNS];
    const char *two[] = {grader(), "run", "-e", "1", "-e", "2", "-f", "json", "reference", NULL};
    const char *every[] = {grader(), "run", "-f", "json", "reference", NULL};
    run(two);
    for (int i = 0; i < turns; i++) {
        Cost floor_cost = bare_floor(), graded = run(two);
        ratio[i] = graded.wall / floor_cost.wall;
        wall[i] = graded.wall;
        cpu[i] = graded.cpu;
        all[i] = run(every).wall;
    }
    puts("grading: the references, sandboxed and traced");
    show("exercises 1 and 2: wall / (500 ms + first gcc build)", ratio, turns, "x",
         "target <= 1.8");
    show("exercises 1 and 2: wall", wall, turns, "s", "");
    show("exercises 1 and 2: CPU a submission", cpu, turns, "s", "");
    show("every exercise: wall", all, turns, "s", "");
}

/* --- throughput --- */

static void throughput(void)
{
    enum { BATCH = 12 };
    static const int at_once[] = {1, 2, 4};
    const char *two[] = {grader(), "run", "-e", "1", "-e", "2", "-f", "json", "reference", NULL};
    puts("throughput: submissions (exercises 1 and 2) a minute");
    for (size_t k = 0; k < sizeof at_once / sizeof *at_once; k++) {
        double began = now();
        for (int done = 0, running = 0; done < BATCH;) {
            if (running < at_once[k] && done + running < BATCH) {
                if (fork() == 0) {
                    run(two);
                    _exit(0);
                }
                running++;
                continue;
            }
            wait(NULL);
            running--;
            done++;
        }
        printf("  %d grader%s at once %38.0f a minute\n", at_once[k], at_once[k] == 1 ? " " : "s",
               BATCH * 60 / (now() - began));
        fflush(stdout);
    }
}

/* --- memory --- */

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) == EOF || fclose(file) != 0) {
        fprintf(stderr, "bench: %s: %s\n", path, strerror(errno));
        exit(1);
    }
}

/* A submission that prints 1 GB to stdout once somebody has connected. */
static const char flood[] =
    "#include <arpa/inet.h>\n#include <stdio.h>\n#include <string.h>\n#include <unistd.h>\n"
    "int main(void) {\n"
    "    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9107),\n"
    "                            .sin_addr = {htonl(INADDR_LOOPBACK)}};\n"
    "    static char x[65536];\n"
    "    int s = socket(AF_INET, SOCK_STREAM, 0);\n"
    "    if (bind(s, (struct sockaddr *)&a, sizeof a) || listen(s, 5)) return 1;\n"
    "    accept(s, NULL, NULL);\n"
    "    memset(x, 'x', sizeof x);\n"
    "    for (long i = 0; i < 1000000000L / (long)sizeof x; i++)\n"
    "        if (write(1, x, sizeof x) < 0) return 1;\n"
    "    return 0;\n}\n";

/* A submission whose every program floods. */
static void write_floods(const char *folder)
{
    static const char *const exercises[] = {"ex1_nonblocking", "ex2_event_loop", "ex3_echo_server",
                                            "ex4_reactor"};
    if (mkdir(folder, 0755) != 0)
        exit(1);
    for (size_t i = 0; i < sizeof exercises / sizeof *exercises; i++) {
        char file[PATH + 40];
        snprintf(file, sizeof file, "%s/%s", folder, exercises[i]);
        if (mkdir(file, 0755) != 0)
            exit(1);
        snprintf(file, sizeof file, "%s/%s/flood.c", folder, exercises[i]);
        write_file(file, flood);
    }
}

static void memory(void)
{
    char folder[PATH];
    snprintf(folder, sizeof folder, "%s/flood", scratch);
    write_floods(folder);
    const char *one[] = {grader(), "run", "-e", "1", "-f", "json", folder, NULL};
    const char *four[] = {grader(), "run", "-f", "json", folder, NULL};
    const char *calm[] = {grader(), "run", "-e", "1", "-f", "json", "reference", NULL};
    Cost flooded = run(one), all = run(four), usual = run(calm);
    puts("memory: the grader and the largest of its children");
    printf("  %-52s %8.1f MiB (%.1f s)           target < 64\n", "a program that prints 1 GB",
           (double)flooded.resident_kib / 1024, flooded.wall);
    printf("  %-52s %8.1f MiB (%.1f s)           target < 64\n",
           "... in each of the four exercises", (double)all.resident_kib / 1024, all.wall);
    printf("  %-52s %8.1f MiB\n", "the reference", (double)usual.resident_kib / 1024);
}

static const struct {
    const char *name;
    void (*measure)(void);
} sections[] = {{"grading", grading}, {"throughput", throughput}, {"memory", memory}};

static bool wanted(const char *name, char **names)
{
    if (!*names)
        return true;
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
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
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (wanted(sections[i].name, argv + optind))
            sections[i].measure();
    const char *clean[] = {"rm", "-rf", scratch, NULL};
    return run(clean).status;
}
