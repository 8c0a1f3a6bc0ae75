/*
 * What the sections of the bench share. Each section is a file with one
 * function: it measures, and prints its lines. Two sides of a ratio are taken
 * turn by turn within one run, so that a busy machine is busy for both.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <sys/types.h>

enum { TURNS = 101, PATH = 1024, SCRATCH = 64 };

extern const char *build;     /* the folder of what was built */
extern int turns;             /* how often each is measured, TURNS at most */
extern char scratch[SCRATCH]; /* a folder of the bench's own */

/* --- sections --- */

void bench_grading(void);
void bench_throughput(void);
void bench_memory(void);
void bench_echo(void);

/* --- measure.c --- */

typedef struct Cost {
    double wall, cpu; /* seconds; cpu with all children that were waited for */
    long resident_kib;
    int status;
} Cost;

double now(void); /* seconds, monotonic */
Cost run(const char *const *argv);
const char *grader(void);
double median(double *values, int n); /* sorts them */
/* One line: the median of the values, the least and the most. Sorts them. */
void show(const char *what, double *values, int n, const char *unit, const char *target);
_Noreturn void give_up(const char *what); /* with errno */

#endif
