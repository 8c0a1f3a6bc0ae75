/* The largest resident set of the grader, while a program prints without end. */
#include <stdio.h>
#include <sys/stat.h>

#include "bench.h"

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) == EOF || fclose(file) != 0)
        give_up(path);
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
        give_up(folder);
    for (size_t i = 0; i < sizeof exercises / sizeof *exercises; i++) {
        char file[PATH + 40];
        snprintf(file, sizeof file, "%s/%s", folder, exercises[i]);
        if (mkdir(file, 0755) != 0)
            give_up(file);
        snprintf(file, sizeof file, "%s/%s/flood.c", folder, exercises[i]);
        write_file(file, flood);
    }
}

void bench_memory(void)
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
