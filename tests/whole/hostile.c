/*
 * Hostile submissions graded: each folder of tests/hostile, one after the
 * other, beside canaries that prove that nothing got out and nothing is left.
 *
 *   hostile [-b BUILD] [-f FORMAT] [-p NAME] [-w WORD] [-v]
 *
 * Run from the top of the repository; see tests/hostile/README.md.
 */
#include "hostile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CASES = 400, LOOK_MS = 40, LIMIT_S = 60 };
/* Some 9 MB for each run that is observed (trace.h, observation.h), eight at once. */
static const size_t grader_most = 64 << 20;
/* Of one run: 512 MiB, and what is taken between two looks where no cgroup bounds it. */
static const size_t run_most = (size_t)1 << 30;

typedef struct Case {
    const char *name;
    char words[128]; /* of its `expect` */
    char status[32];
    double score, seconds;
    Watch watch;
} Case;

static const char *build = "build", *format = "json", *only_word, *running = "";
static char scratch[] = "/tmp/hostile.XXXXXX", tmp[PATH], traces[PATH];
static Canary canary;
static int complaints;
static bool verbose;

/* --- small things --- */

void complain(const char *text, ...)
{
    va_list list;
    va_start(list, text);
    printf("  %s: ", running);
    vprintf(text, list);
    putchar('\n');
    va_end(list);
    complaints++;
}

void die(const char *what)
{
    fprintf(stderr, "hostile: %s: %s\n", what, strerror(errno));
    exit(2);
}

Bytes read_file(const char *path)
{
    Bytes bytes = {NULL, 0};
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    for (ssize_t n = fd < 0 ? 0 : 1; n > 0; bytes.len += (size_t)n) {
        bytes.data = realloc(bytes.data, bytes.len + 65537);
        n = read(fd, bytes.data + bytes.len, 65536);
        if (n <= 0)
            break;
    }
    if (bytes.data)
        bytes.data[bytes.len] = 0;
    if (fd >= 0)
        close(fd);
    return bytes;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool wants(const Case *c, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = c->words; (at = strstr(at, word)); at += len)
        if ((at == c->words || at[-1] == ' ') && strchr(" \n", at[len]))
            return true;
    return false;
}

static int command(const char *text)
{
    int status = system(text);
    if (status != 0)
        complain("failed: %s", text);
    return status;
}

/* --- one grading --- */

static void stage(const char *from, const char *to)
{
    char text[4 * PATH], path[2 * PATH], script[PATH + 16];
    snprintf(text, sizeof text, "mkdir -p %s && cp -a %s/ex1_nonblocking %s/", to, from, to);
    snprintf(script, sizeof script, "%s/stage.sh", from);
    if (access(script, R_OK) == 0)
        snprintf(text, sizeof text, "mkdir -p %s/ex1_nonblocking", to);
    if (command(text) != 0)
        return;
    snprintf(text, sizeof text, "cp tests/hostile/serve.h %s/ex1_nonblocking/", to);
    command(text);
    snprintf(path, sizeof path, "%s/ex1_nonblocking/canary.h", to);
    canary_header(&canary, path);
    snprintf(text, sizeof text, "s=$PWD/%s && cd %s/ex1_nonblocking && sh \"$s\"", script, to);
    if (access(script, R_OK) == 0)
        command(text);
}

/* The grader in a process of its own; its report, and what it prints, beside the folder. */
static pid_t start(const char *folder, bool keep, bool alone)
{
    char grader[PATH], report[PATH + 8], log[PATH + 8];
    snprintf(grader, sizeof grader, "%s/grader/grader", build);
    snprintf(report, sizeof report, "%s.report", folder);
    snprintf(log, sizeof log, "%s.log", folder);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    setenv("TMPDIR", tmp, 1);
    int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
        _exit(127);
    if (keep)
        execl(grader, grader, "run", "-e", "1", "-f", format, "-o", report, "--trace-dir", traces,
              folder, alone ? "-j1" : NULL, NULL);
    else
        execl(grader, grader, "run", "-e", "1", "-f", "json", "-o", report, folder, NULL);
    _exit(127);
}

static int wait_for(pid_t pid, Watch *watch, double limit)
{
    double began = now();
    int status = 0;
    bool late = false;
    watch->grader = pid;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        watch_look(watch, tmp);
        if (!late && now() - began > limit) {
            complain("not over after %.0f s", limit);
            kill(pid, SIGTERM);
            late = true;
        } else if (now() - began > limit + 20) {
            kill(pid, SIGKILL);
        }
        nanosleep(&(struct timespec){0, LOOK_MS * 1000000L}, NULL);
    }
    return status;
}

/* --- the verdict --- */

static void check_secrets(const char *what, const char *path, const Bytes *bytes)
{
    if (bytes->data && canary_in(&canary, bytes->data, bytes->len))
        complain("a secret in %s %s", what, path);
    if (bytes->data && memmem(bytes->data, bytes->len, "HOSTILE_SECRET=", 15))
        complain("the grader's environment in %s %s", what, path);
}

/* What the program wrote is in the traces that were kept. */
static void check_traces(const Case *c)
{
    bool tried = false;
    DIR *dir = opendir(traces);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char path[PATH + 300];
        snprintf(path, sizeof path, "%s/%s", traces, entry->d_name);
        Bytes trace = entry->d_name[0] == '.' ? (Bytes){0} : read_file(path);
        if (!trace.data)
            continue;
        check_secrets("the trace", entry->d_name, &trace);
        const char *at = memmem(trace.data, trace.len, "\"ESCAPED", 8);
        if (at)
            complain("%.120s", at);
        tried = tried || memmem(trace.data, trace.len, "\"TRIED", 6);
        free(trace.data);
        unlink(path);
    }
    if (dir)
        closedir(dir);
    if (wants(c, "tried") && !tried)
        complain("the attack was not seen in any trace");
}

static void check_report(Case *c, const char *folder)
{
    char path[PATH + 8];
    snprintf(path, sizeof path, "%s.log", folder);
    Bytes log = read_file(path);
    snprintf(path, sizeof path, "%s.report", folder);
    Bytes report = read_file(path);
    check_secrets("the log", "", &log);
    check_secrets("the report", "", &report);
    if (report.data && memmem(report.data, report.len, "ESCAPED", 7))
        complain("an escape is in the report");
    if (!report.data)
        complain("no report: %.200s", log.data ? log.data : "");
    else if (strcmp(format, "json") == 0)
        report_check_json(&report, c->status, sizeof c->status, &c->score);
    else
        report_check_text(format, &report);
    free(log.data);
    free(report.data);
}

static void check_expected(const Case *c)
{
    if (strcmp(format, "json") != 0)
        return;
    if (!wants(c, "any") && !wants(c, c->status))
        complain("the exercise is %s, expected: %s", c->status, c->words);
    if (wants(c, "20") && c->score != 20)
        complain("an attack without effect costs points: %g of 20", c->score);
}

static void check_end(const char *what, int status)
{
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
        complain("%s ended with %s %d", what, WIFEXITED(status) ? "status" : "signal",
                 WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

static void check_honest(const char *folder)
{
    char path[PATH + 8], status[32];
    double score = 0;
    snprintf(path, sizeof path, "%s.report", folder);
    Bytes report = read_file(path);
    if (!report.data)
        complain("no report of the program beside it");
    else
        report_check_json(&report, status, sizeof status, &score);
    if (score != 20)
        complain("the program beside it got %g of 20: %s", score, path);
    else
        unlink(path);
    free(report.data);
}

/* --- all of them --- */

static void grade(Case *c)
{
    char from[PATH], folder[PATH], honest[PATH], text[4 * PATH];
    const char *slow = getenv("GRADER_SLOW");
    double began, limit = LIMIT_S * (slow && atof(slow) > 1 ? atof(slow) : 1);
    snprintf(from, sizeof from, "tests/hostile/%s", c->name);
    snprintf(folder, sizeof folder, "%s/%s", scratch, c->name);
    snprintf(honest, sizeof honest, "%s/honest", scratch);
    stage(from, folder);
    char *mounts = mounts_now();
    began = now();
    pid_t beside = wants(c, "beside") ? start(honest, false, false) : 0;
    check_end("the grader", wait_for(start(folder, true, wants(c, "memory")), &c->watch, limit));
    c->seconds = now() - began;
    if (beside) {
        Watch other = {0};
        check_end("the grader beside it", wait_for(beside, &other, limit));
        check_honest(honest);
    }
    check_report(c, folder);
    check_traces(c);
    check_expected(c);
    canary_check(&canary);
    watch_check_left(&c->watch, tmp, canary.mark);
    char *after = mounts_now();
    if (strcmp(mounts, after) != 0)
        complain("the mounts have changed");
    if (c->watch.grader_peak > grader_most)
        complain("the grader itself took %zu MB", c->watch.grader_peak >> 20);
    if (wants(c, "memory") && c->watch.family_peak > run_most)
        complain("one run took %zu MB", c->watch.family_peak >> 20);
    free(mounts);
    free(after);
    snprintf(text, sizeof text, "chmod -R u+rwx %s 2>/dev/null; rm -rf %s %s.log", folder, folder,
             folder);
    command(text);
}

static void run_case(Case *c)
{
    int before = complaints;
    running = c->name;
    fflush(stdout);
    grade(c);
    if (verbose || complaints > before)
        printf("%-20s %-12s %4.1f  %5.1f s  grader %3zu MB  family %4zu MB, %3d\n", c->name,
               c->status, c->score, c->seconds, c->watch.grader_peak >> 20,
               c->watch.family_peak >> 20, c->watch.family_most);
}

static bool read_case(Case *c, const char *name)
{
    char path[PATH];
    snprintf(path, sizeof path, "tests/hostile/%s/expect", name);
    Bytes bytes = read_file(path);
    if (!bytes.data)
        return false;
    *c = (Case){.name = name};
    snprintf(c->words, sizeof c->words, "%.*s", (int)strcspn(bytes.data, "\n"), bytes.data);
    free(bytes.data);
    return !(wants(c, "root") && geteuid() != 0) && (!only_word || wants(c, only_word));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int by_name_backwards(const struct dirent **a, const struct dirent **b)
{
    return by_name(b, a);
}

static int run_all(const char *only, bool backwards)
{
    struct dirent **names;
    int n = scandir("tests/hostile", &names, NULL, backwards ? by_name_backwards : by_name);
    int ran = 0;
    size_t grader = 0, family = 0;
    bool seen = false;
    double longest = 0;
    for (int i = 0; i < n; i++) {
        Case c;
        if ((only && strcmp(only, names[i]->d_name) != 0) || !read_case(&c, names[i]->d_name))
            continue;
        run_case(&c);
        ran++;
        seen = seen || c.watch.n_folders > 0;
        grader = c.watch.grader_peak > grader ? c.watch.grader_peak : grader;
        family = c.watch.family_peak > family ? c.watch.family_peak : family;
        longest = c.seconds > longest ? c.seconds : longest;
    }
    if (!seen && !only)
        complain("no scratch folder was seen: the watch is blind");
    printf("hostile: %d submissions as %s (%s), %d complaints; grader %zu MB, all it ran %zu MB, "
           "%.1f s at most\n",
           ran, geteuid() == 0 ? "root" : "an ordinary user", format, complaints, grader >> 20,
           family >> 20, longest);
    return ran > 0 && complaints == 0;
}

int main(int argc, char **argv)
{
    const char *only = NULL;
    bool backwards = false;
    char text[2 * PATH];
    for (int letter; (letter = getopt(argc, argv, "b:f:p:rvw:")) != -1;) {
        if (letter == 'b')
            build = optarg;
        else if (letter == 'f')
            format = optarg;
        else if (letter == 'p')
            only = optarg;
        else if (letter == 'r')
            backwards = true;
        else if (letter == 'v')
            verbose = true;
        else if (letter == 'w')
            only_word = optarg;
        else
            return 2;
    }
    if (!mkdtemp(scratch) || chmod(scratch, 0755) < 0)
        die(scratch);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    snprintf(tmp, sizeof tmp, "%s/tmp", scratch);
    snprintf(traces, sizeof traces, "%s/traces", scratch);
    if (mkdir(tmp, 0755) < 0 || mkdir(traces, 0755) < 0)
        die(tmp);
    canary_make(&canary, scratch);
    canary_variables(&canary);
    snprintf(text, sizeof text, "mkdir %s/honest && cp -r reference/ex1_nonblocking %s/honest/",
             scratch, scratch);
    command(text);
    bool passed = run_all(only, backwards);
    canary_remove(&canary);
    snprintf(text, sizeof text, "rm -rf %s", scratch);
    if (passed || !verbose) /* otherwise it is for whoever looks into it */
        command(text);
    return passed ? 0 : 1;
}
