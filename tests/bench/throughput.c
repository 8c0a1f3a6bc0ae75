/* How many submissions a minute, when several graders run at once. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

void bench_throughput(void)
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
