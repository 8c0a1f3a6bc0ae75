/* What a grading costs, against the builds that can't be avoided. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

/* As the grader builds an exercise, without its sandbox. */
static Cost bare_build(const char *exercise)
{
    char command[3 * PATH];
    snprintf(command, sizeof command,
             "/usr/bin/cc -std=gnu11 -Wall -Wextra -g -O1 -pthread -I assignments/include "
             "-o %s/%s reference/%s/*.c",
             scratch, exercise, exercise);
    const char *shell[] = {"sh", "-c", command, NULL};
    return run(shell);
}

static double bare_builds_cpu(void)
{
    static const char *const exercises[] = {"ex1_nonblocking", "ex2_event_loop", "ex3_echo_server",
                                            "ex4_reactor"};
    double cpu = 0;
    for (size_t i = 0; i < sizeof exercises / sizeof *exercises; i++)
        cpu += bare_build(exercises[i]).cpu;
    return cpu;
}

/* --- exercises 1 and 2 --- */

static void two_exercises(void)
{
    double ratio[TURNS], wall[TURNS], cpu[TURNS];
    const char *two[] = {grader(), "run", "-e", "1", "-e", "2", "-f", "json", "reference", NULL};
    run(two);
    for (int i = 0; i < turns; i++) {
        /* What can't be avoided: the first build, and the time exercise 1 must be watched. */
        double least = bare_build("ex1_nonblocking").wall + 0.5;
        Cost graded = run(two);
        ratio[i] = graded.wall / least;
        wall[i] = graded.wall;
        cpu[i] = graded.cpu;
    }
    show("exercises 1 and 2: wall / (500 ms + first gcc build)", ratio, turns, "x",
         "target <= 1.8");
    show("exercises 1 and 2: wall", wall, turns, "s", "");
    show("exercises 1 and 2: CPU a submission", cpu, turns, "s", "");
}

/* --- all of them --- */

/* Phases of the latest submission in the database, as the grader itself timed them. */
static void add_phases(const char *path, double *build_s, double *run_s, int turn)
{
    sqlite3 *db;
    sqlite3_stmt *query;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db,
                           "SELECT sum(build_us), sum(run_us) FROM exercise WHERE submission = "
                           "(SELECT max(id) FROM submission)",
                           -1, &query, NULL) != SQLITE_OK ||
        sqlite3_step(query) != SQLITE_ROW) {
        fprintf(stderr, "bench: %s: %s\n", path, sqlite3_errmsg(db));
        exit(1);
    }
    build_s[turn] = sqlite3_column_double(query, 0) / 1e6;
    run_s[turn] = sqlite3_column_double(query, 1) / 1e6;
    sqlite3_finalize(query);
    sqlite3_close(db);
}

static void all_exercises(void)
{
    double wall[TURNS], ratio[TURNS], bare[TURNS], cpu[TURNS], build_s[TURNS], run_s[TURNS];
    char db[PATH + 16];
    snprintf(db, sizeof db, "%s/bench.db", scratch);
    const char *every[] = {grader(), "run", "-f", "json", "reference", NULL};
    const char *kept[] = {grader(), "run", "-f", "json", "--db", db, "reference", NULL};
    run(kept); /* what is measured once for a machine, and kept */
    for (int i = 0; i < turns; i++) {
        bare[i] = bare_builds_cpu();
        Cost graded = run(every);
        wall[i] = graded.wall;
        cpu[i] = graded.cpu;
        ratio[i] = graded.cpu / bare[i];
        run(kept);
        add_phases(db, build_s, run_s, i);
    }
    show("all four: wall", wall, turns, "s", "target <= 2.0");
    show("all four: CPU / CPU of their bare builds", ratio, turns, "x", "target <= 5");
    show("  CPU in all", cpu, turns, "s", "");
    show("  CPU of the bare builds", bare, turns, "s", "");
    show("  phases: builds, wall, summed over exercises", build_s, turns, "s", "");
    show("  phases: runs, wall, summed over exercises", run_s, turns, "s", "");
}

void bench_grading(void)
{
    puts("grading: the references, sandboxed and traced");
    two_exercises();
    all_exercises();
}
