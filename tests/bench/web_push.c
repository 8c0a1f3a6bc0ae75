/* One push to its verdict, as its student waits for it, beside the grading alone. */
#include "web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TURNS = 5 };

/* As the server's workers run it, nicety and all. */
static double grade_alone(const char *source)
{
    char *db = scratch_path("alone.db");
    const char *argv[] = {"nice", "-n",        "10",   program("grader/grader"),
                          "run",  "-f",        "json", "--db",
                          db,     "--student", "s",    source,
                          NULL};
    double began = now();
    run(argv, 1);
    free(db);
    return now() - began;
}

static double push(const char *source, const char *remote)
{
    const char *again[] = {"git",           "-C", source,  "commit", "-q",
                           "--allow-empty", "-m", "again", NULL};
    const char *argv[] = {"git", "-C", source, "push", "-q", remote, "main", NULL};
    run(again, 0);
    double began = now();
    run(argv, 0);
    return now() - began;
}

static void measure(const char *what, const char *which, const char *remote)
{
    double ratio[TURNS], pushed[TURNS], alone[TURNS];
    char commit[65], line[80];
    char *source = new_repository(what, which, commit);
    push(source, remote);
    for (int i = 0; i < TURNS; i++) {
        alone[i] = grade_alone(source);
        pushed[i] = push(source, remote);
        ratio[i] = pushed[i] / alone[i];
    }
    snprintf(line, sizeof line, "%s: push to verdict / the grading alone", what);
    show(line, ratio, TURNS, "x", "target <= 1.3");
    show("the push, until its verdict is read", pushed, TURNS, "s", "");
    show("the grading alone", alone, TURNS, "s", "");
    free(source);
}

void push_section(void)
{
    char tokens[2][65];
    Served served;
    puts("push: `git push` until the verdict stands in the terminal");
    char *course = new_course("push", 2, tokens);
    set_course(course, "pushes_an_hour", "1000");
    serve_begin(&served, course, NULL, 1);
    printf("  load %.1f\n", load_now());
    for (int i = 0; i < 2; i++) {
        char *remote = remote_of(&served, i, tokens[i]);
        measure(i == 0 ? "all four exercises" : "exercise 1", i == 0 ? "ex" : "ex1", remote);
        free(remote);
    }
    serve_end(&served);
    free(course);
}
