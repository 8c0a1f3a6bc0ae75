/* This program as the server's grader: takes as long as a grading, and costs next to nothing. */
#include "web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "store.h"

enum { EXERCISES = 4, EACH_US = 200000 };

/* `grader list` is the real one's: it lies beside. */
static int real_grader(char **argv)
{
    char path[PATH_BYTES + 32];
    ssize_t n = readlink("/proc/self/exe", path, PATH_BYTES);
    path[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(path, '/');
    strcpy(slash ? slash : path, "/../grader/grader");
    execv(path, argv);
    return 3;
}

/* The moment in the place of the exercise's name: the server hands it on as it stands. */
static void say_exercise(void)
{
    printf("done at-%lld 20 40 graded\n", (long long)clock_mono_ns());
    fflush(stdout);
    usleep(EACH_US);
}

int standin(int argc, char **argv)
{
    Fault fault = {""};
    Result result;
    if (strcmp(argv[1], "list") == 0 || argc < 9)
        return real_grader(argv);
    for (int i = 0; i < EXERCISES; i++)
        say_exercise();
    result_init(&result);
    const char *slash = strrchr(argv[8], '/');
    result.submission = x_strdup(slash ? slash + 1 : argv[8]);
    result.started_s = clock_real_ns() / NS_PER_S;
    result.halves = 40;
    result.max_halves = 80;
    Store *store = store_open(argv[5], &fault);
    int status = store ? store_add(store, argv[7], &result, NULL, &fault) : -1;
    store_close(store);
    result_release(&result);
    return status ? 3 : 1;
}
