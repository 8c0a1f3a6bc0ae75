/*
 * grader-launch: the small steps between the grader and a program of a
 * submission that must be done by the process itself. Static, so that it
 * needs nothing inside a sandbox.
 *
 *   grader-launch outer WORD... -- COMMAND...   before strace and bwrap
 *   grader-launch inner WORD... -- COMMAND...   inside, just before the program
 *   grader-launch pass                          exits 0: a sandbox that works
 *
 * The words are the table below. What they do is done in one fixed order,
 * whatever the order they come in. Exit status 125: a step failed; 126: the
 * command can't be run. What failed is written to stderr.
 *
 * The inner launcher writes "exec\n" to the descriptor `ready` as its last
 * act: what happens afterwards is the program's own doing, what happened
 * before is ours. No program can write there; the descriptor is closed.
 *
 * Sources: prctl(2), setresuid(2), setrlimit(2), sched_setaffinity(2),
 * close_range(2), cgroups(7), capabilities(7).
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { CGROUPS = 2, VARIABLES = 32, NOT_DONE = 125, NOT_RUN = 126 };

static const uint64_t unset = UINT64_MAX;

typedef struct Plan {
    uint64_t parent, core, uid, gid, keep, info, ready, reap;      /* outer */
    uint64_t memory, processes, descriptors, file_size, cpu, burn; /* inner (bytes, s, us) */
    const char *cgroups[CGROUPS + 1], *environment[VARIABLES + 1], *folder;
    unsigned n_cgroups, n_environment;
} Plan;

typedef struct Word {
    const char *name;
    size_t number; /* offset of a number in Plan */
} Word;

#define NUMBER(name, field)                                                                        \
    {                                                                                              \
        name "=", offsetof(Plan, field)                                                            \
    }
static const Word words[] = {
    NUMBER("parent", parent),       /* die with this process */
    NUMBER("core", core),           /* run on this CPU only */
    NUMBER("uid", uid),             /* drop root */
    NUMBER("gid", gid),             /* ... */
    NUMBER("keep", keep),           /* descriptors from this one on are closed */
    NUMBER("info", info),           /* copied to `ready` */
    NUMBER("ready", ready),         /* gets "exec" just before the command is run */
    NUMBER("reap", reap),           /* inner: stay as the parent of whatever is left over */
    NUMBER("memory", memory),       /* limits */
    NUMBER("processes", processes), /* ... */
    NUMBER("descriptors", descriptors),
    NUMBER("file-size", file_size),
    NUMBER("cpu", cpu),
    NUMBER("burn", burn), /* CPU time used up first */
};

static _Noreturn void fail(const char *what)
{
    int error = errno;
    dprintf(2, "grader-launch: %s: %s\n", what, strerror(error));
    _exit(NOT_DONE);
}

static bool has(uint64_t value)
{
    return value != unset;
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        fail(path);
    close(fd);
}

/* --- words --- */

static void plan_init(Plan *plan)
{
    *plan = (Plan){0};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        memcpy((char *)plan + words[i].number, &unset, sizeof unset);
}

static const char *behind(const char *word, const char *name)
{
    size_t len = strlen(name);
    return strncmp(word, name, len) == 0 ? word + len : NULL;
}

static bool plan_number(Plan *plan, const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *text = behind(word, words[i].name);
        if (!text)
            continue;
        char *end;
        uint64_t value = strtoull(text, &end, 10);
        memcpy((char *)plan + words[i].number, &value, sizeof value);
        return *text && !*end;
    }
    return false;
}

static bool plan_word(Plan *plan, const char *word)
{
    const char *text;
    if ((text = behind(word, "cgroup=")) && plan->n_cgroups < CGROUPS)
        plan->cgroups[plan->n_cgroups++] = text;
    else if ((text = behind(word, "env=")) && plan->n_environment < VARIABLES)
        plan->environment[plan->n_environment++] = text;
    else if ((text = behind(word, "folder=")))
        plan->folder = text;
    else
        return plan_number(plan, word);
    return true;
}

/* --- steps --- */

static void join_cgroups(const Plan *plan)
{
    for (unsigned i = 0; i < plan->n_cgroups; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/cgroup.procs", plan->cgroups[i]);
        write_file(path, "0");
    }
}

static void pin(uint64_t core)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    if (sched_setaffinity(0, sizeof set, &set) < 0)
        fail("sched_setaffinity");
}

static void drop_root(const Plan *plan)
{
    if (!has(plan->uid) || !has(plan->gid))
        return;
    gid_t gid = (gid_t)plan->gid;
    uid_t uid = (uid_t)plan->uid;
    if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
        fail("setresuid");
}

static void limit(int what, const char *name, uint64_t soft, uint64_t hard)
{
    struct rlimit now, want = {soft, hard};
    if (getrlimit(what, &now) < 0)
        fail(name);
    if (want.rlim_max > now.rlim_max)
        want.rlim_max = now.rlim_max;
    if (want.rlim_cur > want.rlim_max)
        want.rlim_cur = want.rlim_max;
    if (setrlimit(what, &want) < 0)
        fail(name);
}

static void limit_all(const Plan *plan)
{
    const struct {
        int what;
        const char *name;
        uint64_t soft, slack;
    } limits[] = {
        {RLIMIT_AS, "RLIMIT_AS", plan->memory, 0},
        {RLIMIT_NPROC, "RLIMIT_NPROC", plan->processes, 0},
        {RLIMIT_NOFILE, "RLIMIT_NOFILE", plan->descriptors, 0},
        {RLIMIT_FSIZE, "RLIMIT_FSIZE", plan->file_size, 0},
        {RLIMIT_CPU, "RLIMIT_CPU", plan->cpu, 1},
        {RLIMIT_CORE, "RLIMIT_CORE", 0, 0},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (has(limits[i].soft))
            limit(limits[i].what, limits[i].name, limits[i].soft, limits[i].soft + limits[i].slack);
}

static void default_signals(void)
{
    for (int s = 1; s < NSIG; s++)
        if (s != SIGKILL && s != SIGSTOP)
            signal(s, SIG_DFL); /* two of libc's own are refused, which is as well */
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static uint64_t us_of(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static void work(bool in_the_kernel)
{
    static char dice[16384];
    if (in_the_kernel && getrandom(dice, sizeof dice, GRND_NONBLOCK) < 0)
        errno = 0;
    for (volatile int spins = 0; !in_the_kernel && spins < 20000; spins++)
        ;
}

/* Half of it in user mode and half in the kernel, by the kernel's own accounting: who reports the one
 * part alone is far off. The accounting goes by ticks; a few more are waited for until it is so. */
static void burn(uint64_t us)
{
    for (;;) {
        struct rusage used;
        getrusage(RUSAGE_SELF, &used);
        uint64_t user = us_of(used.ru_utime), kernel = us_of(used.ru_stime), all = user + kernel;
        uint64_t smaller = user < kernel ? user : kernel;
        if ((all >= us && smaller >= all * 2 / 5) || all >= us * 2)
            return;
        work(kernel <= user);
    }
}

static void close_from(uint64_t first)
{
    if (syscall(SYS_close_range, (unsigned)first, ~0u, 0) == 0)
        return;
    for (int fd = (int)first; fd < 65536; fd++)
        close(fd);
}

#include "launch_init_linux.h"

/* --- the two launchers --- */

/* When the machine is out of memory, the submission goes first. If it can't be said, so be it. */
static void volunteer(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "1000", 4) < 0)
        errno = 0;
    if (fd >= 0)
        close(fd);
}

static void outer(const Plan *plan)
{
    join_cgroups(plan);
    volunteer();
    if (has(plan->core))
        pin(plan->core);
    setsid(); /* the terminal's Ctrl-C is for the grader */
    if (has(plan->keep))
        close_from(plan->keep);
    if (has(plan->info) && has(plan->ready) && dup2((int)plan->info, (int)plan->ready) < 0)
        fail("dup2");
    limit_all(plan);
    drop_root(plan); /* it clears the wish to die with the parent, which comes next */
    stand_in(plan->parent);
    reap(-1);
}

/* `ready` is moved out of the way of close_range(2), and is gone with exec. */
static int keep_ready(const Plan *plan)
{
    if (!has(plan->ready))
        return -1;
    int fd = (int)plan->ready;
    if (fd != 3 && dup2(fd, 3) < 0)
        fail("descriptor `ready`");
    if (fcntl(3, F_SETFD, FD_CLOEXEC) < 0)
        fail("descriptor `ready`");
    return 3;
}

static int inner(const Plan *plan)
{
    int ready = keep_ready(plan);
    close_from(ready < 0 ? 3 : 4);
    limit_all(plan);
    drop_root(plan);
    signal(SIGPIPE, SIG_IGN); /* who does not listen to `ready` need not */
    if (has(plan->reap))
        reap(ready);
    if (plan->folder && chdir(plan->folder) < 0)
        fail(plan->folder);
    if (has(plan->burn))
        burn(plan->burn);
    if (ready >= 0)
        dprintf(ready, "exec\n");
    default_signals();
    return ready;
}

int main(int argc, char **argv)
{
    Plan plan;
    plan_init(&plan);
    if (argc == 2 && strcmp(argv[1], "pass") == 0)
        return 0;
    bool is_outer = argc > 1 && strcmp(argv[1], "outer") == 0;
    bool is_inner = argc > 1 && strcmp(argv[1], "inner") == 0;
    int at = 2;
    while (at < argc && strcmp(argv[at], "--") != 0 && plan_word(&plan, argv[at]))
        at++;
    if ((!is_outer && !is_inner) || at + 1 >= argc || strcmp(argv[at], "--") != 0) {
        dprintf(2, "usage: grader-launch outer|inner WORD... -- COMMAND...\n");
        return NOT_DONE;
    }
    char **command = argv + at + 1;
    int ready = -1;
    if (is_outer)
        outer(&plan);
    else
        ready = inner(&plan);
    extern char **environ;
    char *const *environment =
        is_outer || plan.n_environment ? (char *const *)plan.environment : environ;
    execve(command[0], command, environment);
    int error = errno;
    if (ready >= 0)
        dprintf(ready, "failed %d\n", error);
    dprintf(2, "grader-launch: %s: %s\n", command[0], strerror(error));
    return NOT_RUN;
}
