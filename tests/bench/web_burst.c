/*
 * The evening of the deadline: 200 students push within 10 s, each with a git of their own
 * that waits for the verdict. Accepted: in the queue, on disk. Then the queue drains, beside
 * bare gradings, as many at once.
 */
#include "web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PUSHES = 200, WITHIN_S = 10, WORKERS = 2, BARE = 24, PAUSE_US = 20000, PATIENCE_S = 900 };

typedef struct Burst {
    Served served;
    Db *db;
    char *course, *source;
    char (*tokens)[65];
    pid_t pushers[PUSHES];
} Burst;

static int64_t count(const Burst *burst, const char *sql)
{
    return db_number(burst->db, -1, sql, "");
}

static const char accepted[] =
    "SELECT count(*) FROM web_job WHERE state NOT IN ('pending', 'aborted')";
static const char graded[] = "SELECT count(*) FROM web_job WHERE state = 'done'";

static void wait_for(const Burst *burst, const char *sql, int wanted)
{
    double until = now() + PATIENCE_S;
    while (count(burst, sql) < wanted) {
        if (now() > until)
            give_up("%d of %d after %d s: %s", (int)count(burst, sql), wanted, PATIENCE_S, sql);
        usleep(PAUSE_US);
    }
}

static void push_all(Burst *burst, double began)
{
    for (int i = 0; i < PUSHES; i++) {
        char *remote = remote_of(&burst->served, i, burst->tokens[i]);
        const char *argv[] = {"git", "-C", burst->source, "push", "-q", remote, "main", NULL};
        double at = began + (double)WITHIN_S * i / PUSHES;
        while (now() < at)
            usleep(PAUSE_US / 10);
        burst->pushers[i] = start(argv, NULL);
        free(remote);
    }
}

/* Gradings a second, WORKERS at once, as the server's workers run them. */
static double bare_rate(const Burst *burst)
{
    char *db = scratch_path("bare.db");
    const char *argv[] = {"nice", "-n",        "10",   program("grader/grader"),
                          "run",  "-f",        "json", "--db",
                          db,     "--student", "s",    burst->source,
                          NULL};
    pid_t running[WORKERS];
    double began = now();
    for (int i = 0; i < BARE + WORKERS; i++) {
        if (i >= WORKERS && finish(running[i % WORKERS]) > 1)
            give_up("a bare grading failed");
        if (i < BARE)
            running[i % WORKERS] = start(argv, NULL);
    }
    free(db);
    return BARE / (now() - began);
}

static int refused(Burst *burst)
{
    int n = 0;
    for (int i = 0; i < PUSHES; i++)
        n += finish(burst->pushers[i]) != 0;
    return n;
}

static void measure(Burst *burst)
{
    double bare = bare_rate(burst), began = now();
    push_all(burst, began);
    wait_for(burst, accepted, PUSHES);
    double all_in = now() - began;
    int64_t before = count(burst, graded);
    double draining = now();
    wait_for(burst, graded, PUSHES);
    double drain = (double)(PUSHES - before) / (now() - draining);
    int failed = refused(burst);
    bare = (bare + bare_rate(burst)) / 2;
    printf("  load %.1f\n", load_now());
    printf("  %-52s %8.2f s                     target <= 20\n", "all 200 in the queue", all_in);
    printf("  %-52s %8d\n", "pushes that were refused or failed", failed);
    printf("  %-52s %8d\n", "pushes that were lost or graded twice",
           PUSHES -
               (int)count(burst, "SELECT count(DISTINCT person) FROM web_job j JOIN submission"
                                 " s ON s.id = j.submission WHERE state = 'done'") +
               (int)count(burst, "SELECT count(*) FROM submission") - PUSHES);
    printf("  %-52s %8.2f x    (%.2f/s, %.2f/s)      target >= 0.9\n",
           "the drain / bare gradings, two at once", drain / bare, drain, bare);
}

void burst_section(void)
{
    char commit[65];
    Burst burst = {.tokens = x_calloc(PUSHES, sizeof *burst.tokens)};
    puts("burst: 200 pushes within 10 s");
    burst.course = new_course("burst", PUSHES, burst.tokens);
    burst.source = new_repository("handed-in", "ex1", commit);
    burst.db = open_course(burst.course);
    serve_begin(&burst.served, burst.course, NULL, WORKERS);
    measure(&burst);
    serve_end(&burst.served);
    db_close(burst.db);
    free(burst.source);
    free(burst.course);
    free(burst.tokens);
}
