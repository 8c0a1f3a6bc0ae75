#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "sandbox_linux.h"

enum { READY_FD = SANDBOX_FDS };

/* What the tracer and bwrap's own processes need besides the program. The
 * program could make use of those: bwrap's init runs under its uid. */
enum { OUR_MEMORY = 1 << 30, OUR_FILE = 64 << 20, OUR_PROCESSES = 16 };

/* What is inside, apart from binds of the command. */
#define LAUNCH_INSIDE "/launch"
#define TMP_BYTES     "67108864"

const SandboxLimits sandbox_program_limits = {
    .memory = UINT64_C(512) << 20,
    .processes = 32,
    .descriptors = 2048,
    .file_size = 4 << 20,
    .cpu_s = 30,
};
const SandboxLimits sandbox_build_limits = {
    .memory = UINT64_C(1) << 30,
    .processes = 32,
    .descriptors = 256,
    .file_size = 32 << 20,
    .cpu_s = 10,
};

/* --- a growing argv --- */

typedef struct Words {
    char **list;
    size_t len, cap;
} Words;

static void add_take(Words *words, char *word)
{
    if (words->len + 1 >= words->cap) {
        words->cap = words->cap ? words->cap * 2 : 128;
        words->list = x_realloc(words->list, words->cap * sizeof *words->list);
    }
    words->list[words->len++] = word;
    words->list[words->len] = NULL;
}

static void add(Words *words, const char *word)
{
    add_take(words, x_strdup(word));
}

static void add_all(Words *words, const char *const *list)
{
    for (; list && *list; list++)
        add(words, *list);
}

static void add_3(Words *words, const char *a, const char *b, const char *c)
{
    add(words, a);
    add(words, b);
    add(words, c);
}

static void add_number(Words *words, const char *name, uint64_t number)
{
    add_take(words, x_printf("%s=%" PRIu64, name, number));
}

/* --- paths --- */

/* OWN mode has no inside: a path there is the path outside that was to be bound. */
static char *outside(const SandboxCommand *command, const char *inside)
{
    for (size_t i = 0; i < command->n_binds; i++) {
        const SandboxBind *bind = &command->binds[i];
        size_t len = strlen(bind->inside);
        if (strncmp(inside, bind->inside, len) == 0 && (inside[len] == '/' || !inside[len]))
            return x_printf("%s%s", bind->outside, inside + len);
    }
    return x_strdup(inside);
}

char *sandbox_program(const Sandbox *sandbox, const SandboxCommand *command)
{
    return sandbox->mode == SANDBOX_OWN ? outside(command, command->argv[0])
                                        : x_strdup(command->argv[0]);
}

/* --- the outer launcher --- */

static SandboxMode mode_for(const Sandbox *sandbox, const SandboxCommand *command)
{
    bool by_root = command->by_root && sandbox->drops && sandbox->mode == SANDBOX_USERNS;
    return by_root ? SANDBOX_ROOT : sandbox->mode;
}

static int core_number(const Sandbox *sandbox, int core)
{
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &sandbox->cpus) && core-- == 0)
            return cpu;
    return -1;
}

static void add_cgroups(Words *words, Sandbox *sandbox, const SandboxCommand *command)
{
    char *paths[CGROUPS_MOST];
    int n =
        cgroups_make(&sandbox->cgroups, command->limits->memory, command->limits->processes, paths);
    for (int i = 0; i < n; i++)
        add_take(words, x_printf("cgroup=%s", paths[i]));
    while (n > 0)
        free(paths[--n]);
}

static void add_ids(Words *words, const Sandbox *sandbox, unsigned slot)
{
    add_number(words, "uid", sandbox->uid_base + slot);
    add_number(words, "gid", sandbox->gid);
}

static void add_outer_limits(Words *words, const Sandbox *sandbox, const SandboxLimits *limits)
{
    add_number(words, "memory", limits->memory + OUR_MEMORY);
    add_number(words, "file-size", limits->file_size + OUR_FILE);
    if (sandbox->drops)
        add_number(words, "processes", limits->processes + OUR_PROCESSES);
}

static void add_outer(Words *words, Sandbox *sandbox, const SandboxCommand *command, unsigned slot)
{
    add(words, sandbox->launch);
    add(words, "outer");
    add_number(words, "parent", (uint64_t)getpid());
    add_number(words, "keep", SANDBOX_FDS);
    add_number(words, "info", SANDBOX_INFO);
    add_number(words, "ready", READY_FD);
    int core = command->core < 0 ? -1 : core_number(sandbox, command->core);
    if (core >= 0)
        add_number(words, "core", (uint64_t)core);
    add_cgroups(words, sandbox, command);
    if (sandbox->mode != SANDBOX_OWN)
        add_outer_limits(words, sandbox, command->limits);
    if (sandbox->drops && mode_for(sandbox, command) == SANDBOX_USERNS)
        add_ids(words, sandbox, slot);
    add(words, "--");
}

/* --- strace --- */

static void add_strace(Words *words, const Sandbox *sandbox, const SandboxCommand *command)
{
    /* Messages about exits are wanted, those about attaching are not: not -qq. */
    static const char *const always[] = {"-f",
                                         "--seccomp-bpf",
                                         "-y",
                                         "--quiet=attach,personality",
                                         "--absolute-timestamps=format:unix,precision:ns",
                                         "--syscall-times=ns",
                                         "-s",
                                         "1100",
                                         "-e",
                                         "signal=all",
                                         NULL};
    add(words, sandbox->strace);
    add_all(words, always);
    if (command->calls) {
        add(words, "-e");
        add_take(words, x_printf("trace=%s", command->calls));
    }
    if (command->stacks)
        add(words, "-k");
    add_3(words, "-o", command->trace, "--");
}

/* --- bwrap --- */

/* /bin, /lib and the like as the system itself has them: links into /usr, or folders. */
static void add_system(Words *words, const Sandbox *sandbox)
{
    static const char *const roots[] = {"/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32"};
    add_3(words, "--ro-bind", "/usr", "/usr");
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        char target[256];
        struct stat st;
        ssize_t n = readlink(roots[i], target, sizeof target - 1);
        if (n > 0) {
            target[n] = 0;
            add_3(words, "--symlink", target, roots[i]);
        } else if (stat(roots[i], &st) == 0 && S_ISDIR(st.st_mode)) {
            add_3(words, "--ro-bind", roots[i], roots[i]);
        }
    }
    for (int i = 0; i < sandbox->n_hidden; i++) {
        add(words, "--tmpfs");
        add_3(words, sandbox->hidden[i], "--remount-ro", sandbox->hidden[i]);
    }
}

static void add_namespaces(Words *words, const Sandbox *sandbox, SandboxMode mode)
{
    static const char *const always[] = {"--unshare-ipc",
                                         "--unshare-pid",
                                         "--unshare-net",
                                         "--unshare-uts",
                                         "--hostname",
                                         "sandbox",
                                         "--die-with-parent",
                                         "--new-session",
                                         "--cap-drop",
                                         "ALL",
                                         NULL};
    static const char *const as_user[] = {"--unshare-user", "--uid", "1000", "--gid", "1000", NULL};
    static const char *const as_root[] = {"--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID",
                                          NULL};
    add_all(words, always);
    add_all(words, mode == SANDBOX_ROOT ? as_root : as_user);
    if (mode != SANDBOX_ROOT && sandbox->bwrap.disables_userns)
        add(words, "--disable-userns");
}

/* A folder that bwrap has to make for a bind is its owner's alone, and without
 * a user namespace the program is someone else. */
static void add_bind(Words *words, const SandboxBind *bind)
{
    const char *slash = strrchr(bind->inside, '/');
    if (slash > bind->inside) {
        add(words, "--dir");
        add_take(words, x_strndup(bind->inside, (size_t)(slash - bind->inside)));
    }
    add_3(words, bind->writable ? "--bind" : "--ro-bind", bind->outside, bind->inside);
}

/* A program gets nothing it could write to: a tmpfs is bounded in bytes but
 * not in files. A compiler needs a /tmp. */
static void add_folders(Words *words, const Sandbox *sandbox, const SandboxCommand *command)
{
    if (!command->build && sandbox->bwrap.proc)
        add_3(words, "--proc", "/proc", "--dev");
    else
        add(words, "--dev");
    add(words, "/dev");
    if (command->build && sandbox->bwrap.sizes)
        add_3(words, "--size", TMP_BYTES, "--perms"); /* it is not the owner's in every mode */
    if (command->build && sandbox->bwrap.sizes)
        add(words, "1777");
    add(words, command->build ? "--tmpfs" : "--dir");
    add(words, "/tmp");
    for (size_t i = 0; i < command->n_binds; i++)
        add_bind(words, &command->binds[i]);
    if (!command->build)
        add_3(words, "--ro-bind", sandbox->etc, "/etc");
    add_3(words, "--ro-bind", sandbox->launch, LAUNCH_INSIDE);
    add_3(words, "--remount-ro", "/dev", "--remount-ro");
    add(words, "/");
}

static const char *const usual_environment[] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/tmp",
                                                NULL};

static const char *const *environment_of(const SandboxCommand *command)
{
    return command->environment ? command->environment : usual_environment;
}

static void add_bwrap(Words *words, const Sandbox *sandbox, const SandboxCommand *command)
{
    add(words, sandbox->bwrap.path);
    add_namespaces(words, sandbox, mode_for(sandbox, command));
    add_system(words, sandbox);
    add_folders(words, sandbox, command);
    add_3(words, "--chdir", command->folder ? command->folder : "/", "--clearenv");
    for (const char *const *e = environment_of(command); *e; e++) {
        const char *equals = strchr(*e, '=');
        if (!equals)
            continue;
        add(words, "--setenv");
        add_take(words, x_strndup(*e, (size_t)(equals - *e)));
        add(words, equals + 1);
    }
    add(words, "--seccomp");
    add_take(words, x_printf("%d", SANDBOX_SECCOMP));
    add(words, "--info-fd");
    add_take(words, x_printf("%d", SANDBOX_INFO));
    add(words, "--");
}

/* --- the inner launcher --- */

static void add_limits(Words *words, const Sandbox *sandbox, const SandboxLimits *limits)
{
    add_number(words, "memory", limits->memory);
    if (sandbox->counts_apart && sandbox->mode != SANDBOX_OWN)
        add_number(words, "processes", limits->processes + 1); /* bwrap's own is one, too */
    add_number(words, "descriptors", limits->descriptors);
    add_number(words, "file-size", limits->file_size);
    add_number(words, "cpu", (uint64_t)(limits->cpu_s * clock_slow()));
}

static void add_own(Words *words, const SandboxCommand *command)
{
    add(words, "reap=1");
    for (const char *const *e = environment_of(command); *e; e++)
        add_take(words, x_printf("env=%s", *e));
    if (command->folder) {
        char *folder = outside(command, command->folder);
        add_take(words, x_printf("folder=%s", folder));
        free(folder);
    }
}

static void add_inner(Words *words, const Sandbox *sandbox, const SandboxCommand *command,
                      unsigned slot)
{
    bool own = sandbox->mode == SANDBOX_OWN;
    add(words, own ? sandbox->launch : LAUNCH_INSIDE);
    add(words, "inner");
    add_number(words, "ready", READY_FD);
    add_limits(words, sandbox, command->limits);
    if (mode_for(sandbox, command) == SANDBOX_ROOT)
        add_ids(words, sandbox, slot);
    if (command->burn_us > 0)
        add_number(words, "burn", (uint64_t)command->burn_us);
    if (own)
        add_own(words, command);
    add(words, "--");
    add_take(words, sandbox_program(sandbox, command));
    add_all(words, command->argv + 1);
}

/* --- all of it --- */

char **sandbox_argv(Sandbox *sandbox, const SandboxCommand *command, Fault *fault)
{
    if (command->trace && !sandbox->strace) {
        fault_set(fault, "strace is not installed: apt install strace");
        return NULL;
    }
    Words words = {0};
    unsigned slot = sandbox->slot++ % sandbox->uids;
    add_outer(&words, sandbox, command, slot);
    if (command->trace)
        add_strace(&words, sandbox, command);
    if (sandbox->mode != SANDBOX_OWN)
        add_bwrap(&words, sandbox, command);
    add_inner(&words, sandbox, command, slot);
    return words.list;
}

char **sandbox_environment(const SandboxCommand *command)
{
    (void)command; /* bwrap's own first process shows inside what bwrap was started with */
    return x_calloc(1, sizeof(char *));
}

/* The paths of the outer launcher's cgroup= words. */
static const char *cgroup_word(const char *const *argv, size_t *at)
{
    for (; argv[*at] && strcmp(argv[*at], "--") != 0; ++*at)
        if (strncmp(argv[*at], "cgroup=", 7) == 0)
            return argv[(*at)++] + 7;
    return NULL;
}

bool sandbox_out_of_memory(Sandbox *sandbox, const char *const *argv)
{
    (void)sandbox;
    const char *path;
    bool killed = false;
    for (size_t at = 0; (path = cgroup_word(argv, &at));)
        killed = killed || cgroup_out_of_memory(path);
    return killed;
}

void sandbox_argv_free(char **argv)
{
    if (!argv)
        return;
    const char *path;
    for (size_t at = 0; argv[0] && (path = cgroup_word((const char *const *)argv, &at));)
        cgroup_remove_empty(path);
    for (char **word = argv; *word; word++)
        free(*word);
    free(argv);
}
