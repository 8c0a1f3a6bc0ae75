/*
 *   web [-b BUILD] [-n TURNS] [SECTION...]
 */
#include "web.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"

Bench bench = {.build = "build", .turns = 7};

static const struct {
    const char *name;
    void (*measure)(void);
} sections[] = {
    {"page", page_section},   {"live", live_section},     {"push", push_section},
    {"burst", burst_section}, {"ingest", ingest_section}, {"idle", idle_section},
};
enum { SECTIONS = sizeof sections / sizeof *sections };

static bool wanted(const char *name, char **names)
{
    if (!*names)
        return true;
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static pid_t owner;

static void clean_up(void)
{
    if (getpid() != owner)
        return;
    end_all();
    if (!getenv("BENCH_KEEP"))
        remove_folder(bench.scratch);
}

static void make_scratch(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(bench.scratch, sizeof bench.scratch, "%s/bench-web.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(bench.scratch))
        give_up("%s can't be made", bench.scratch);
    chmod(bench.scratch, 0755);
    owner = getpid();
    atexit(clean_up);
}

/* Commits that are the same in every run, whoever runs it. */
static void be_nobody(void)
{
    static const char *const settings[][2] = {{"GIT_CONFIG_GLOBAL", "/dev/null"},
                                              {"GIT_CONFIG_NOSYSTEM", "1"},
                                              {"GIT_TERMINAL_PROMPT", "0"},
                                              {"GIT_AUTHOR_NAME", "t"},
                                              {"GIT_AUTHOR_EMAIL", "t@example.org"},
                                              {"GIT_COMMITTER_NAME", "t"},
                                              {"GIT_COMMITTER_EMAIL", "t@example.org"}};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        setenv(settings[i][0], settings[i][1], 1);
}

int main(int argc, char **argv)
{
    int letter;
    if (argc > 1 && (strcmp(argv[1], "run") == 0 || strcmp(argv[1], "list") == 0))
        return standin(argc, argv);
    while ((letter = getopt(argc, argv, "b:n:")) != -1) {
        if (letter == 'b')
            bench.build = optarg;
        else if (letter == 'n' && atoi(optarg) > 0 && atoi(optarg) < TURNS_MOST)
            bench.turns = atoi(optarg);
        else
            return 2;
    }
    be_nobody();
    make_scratch();
    for (int i = 0; i < SECTIONS; i++)
        if (wanted(sections[i].name, argv + optind))
            sections[i].measure();
    return 0;
}
