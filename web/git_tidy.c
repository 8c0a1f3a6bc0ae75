#include "git_tidy.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "child.h"
#include "workers.h"

/* Deltas that came with the pushes are taken as they are; what is new is bounded as a push is. */
static const char *const repack[] = {"-c",     "core.bigFileThreshold=33554432",
                                     "-c",     "core.fsync=committed",
                                     "-c",     "pack.threads=1",
                                     "-c",     "pack.windowMemory=67108864",
                                     "repack", "-a",
                                     "-d",     "--keep-unreachable",
                                     "-q",     "--no-write-bitmap-index"};
enum { REPACK = sizeof repack / sizeof *repack };

int git_packs(const Course *course, const char *name)
{
    char *path = x_printf("%s/%s.git/objects/pack", course->repos, name);
    DIR *dir = opendir(path);
    int n = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        size_t len = strlen(entry->d_name);
        n += len > 5 && strcmp(entry->d_name + len - 5, ".pack") == 0;
    }
    if (dir)
        closedir(dir);
    free(path);
    return n;
}

static char *mark_of(const Course *course, const char *name)
{
    return x_printf("%s/%s.git/tidy-failed", course->repos, name);
}

/* How many packs there were when it failed last; 0: it did not. */
static int failed_at(const Course *course, const char *name)
{
    char *path = mark_of(course, name);
    FILE *file = fopen(path, "re");
    int packs = 0;
    if (file && fscanf(file, "%d", &packs) != 1)
        packs = 0;
    if (file)
        fclose(file);
    free(path);
    return packs;
}

/* Pushes come in a folder of their own first: what lies here half written was git repack's. */
static void remove_half_packs(const Course *course, const char *name)
{
    char *path = x_printf("%s/%s.git/objects/pack", course->repos, name);
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (strncmp(entry->d_name, "tmp_", 4) == 0 || strncmp(entry->d_name, ".tmp-", 5) == 0)
            unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir)
        closedir(dir);
    free(path);
}

void git_tidy_end(const Course *course, const char *name, bool failed)
{
    char *path = mark_of(course, name);
    FILE *file = failed ? fopen(path, "we") : NULL;
    if (file) {
        fprintf(file, "%d\n", git_packs(course, name));
        fclose(file);
    }
    if (failed)
        remove_half_packs(course, name);
    else
        unlink(path);
    free(path);
}

pid_t git_tidy_start(const Course *course, const char *name, Fault *fault)
{
    int packs = git_packs(course, name);
    if (packs < PACKS_MOST || packs < 2 * failed_at(course, name))
        return 0;
    char *where = x_printf("--git-dir=%s/%s.git", course->repos, name);
    char *home = x_printf("HOME=%s", course->work);
    char *path = x_printf("PATH=%s", getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
    const char *argv[REPACK + 3] = {"git", where};
    const char *env[] = {path, home, "GIT_CONFIG_NOSYSTEM=1", NULL};
    memcpy(argv + 2, repack, sizeof repack);
    pid_t pid = child_start(&(ChildOptions){.argv = argv,
                                            .env = env,
                                            .in = -1,
                                            .out = -1,
                                            .err = -1,
                                            .nice = WORKER_NICE,
                                            .memory = 1LL << 30},
                            fault);
    free(where);
    free(home);
    free(path);
    return pid;
}
