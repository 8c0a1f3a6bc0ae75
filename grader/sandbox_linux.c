#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "sandbox_linux.h"

/* Numbers that no account has, one for each run of each grader that lives: a
 * pid has 22 bits, and 6 are left. Where only 16 bits of them are mapped (a
 * container without root), what is there is shared. */
#define UIDS_WIDE     UINT32_C(0x70000000)
#define UIDS_WIDE_END UINT32_C(0x7fffffff)
#define UIDS_NARROW   64000u
enum { SLOTS_WIDE = 64, SLOTS_NARROW = 900, PROBE_SECONDS = 10 };

/* --- the uid that root drops to --- */

/* Does our user namespace know this uid? Lines of uid_map: first, outside, count. */
static bool uid_mapped(uint32_t uid)
{
    FILE *map = fopen("/proc/self/uid_map", "re");
    unsigned long first, count;
    bool found = !map;
    while (map && !found && fscanf(map, "%lu %*u %lu", &first, &count) == 2)
        found = uid >= first && uid - first < count;
    if (map)
        fclose(map);
    return found;
}

static void choose_ids(Sandbox *sandbox)
{
    sandbox->drops = geteuid() == 0 && sandbox->mode != SANDBOX_OWN;
    sandbox->uids = 1;
    sandbox->gid = (gid_t)-1;
    if (!sandbox->drops)
        return;
    uint32_t pid = (uint32_t)getpid();
    bool wide = uid_mapped(UIDS_WIDE) && uid_mapped(UIDS_WIDE_END);
    sandbox->uids = wide ? SLOTS_WIDE : SLOTS_NARROW;
    sandbox->uid_base = wide ? UIDS_WIDE + (pid & 0x3fffff) * SLOTS_WIDE : UIDS_NARROW;
    sandbox->slot = wide ? 0 : pid * 61 % SLOTS_NARROW;
    sandbox->gid = wide ? UIDS_WIDE : UIDS_NARROW;
}

/* Since Linux 5.14 RLIMIT_NPROC counts each user namespace apart; before, it
 * would count whatever else the user runs. */
static bool counts_apart(const Sandbox *sandbox)
{
    struct utsname system;
    int major = 0, minor = 0;
    if (sandbox->drops || uname(&system) < 0)
        return true;
    return sscanf(system.release, "%d.%d", &major, &minor) != 2 || major > 5 ||
           (major == 5 && minor >= 14);
}

/* --- the launcher --- */

/* As built it lies beside us, as installed in ../libexec. */
static char *find_launch(void)
{
    char self[PATH_MAX];
    const char *asked = getenv("GRADER_LAUNCH");
    if (asked && *asked)
        return access(asked, R_OK) == 0 ? x_strdup(asked) : NULL;
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        return NULL;
    self[n] = 0;
    *strrchr(self, '/') = 0;
    static const char *const places[] = {"", "/../libexec", "/../grader"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *path = x_printf("%s%s/grader-launch", self, places[i]);
        if (access(path, R_OK) == 0)
            return path;
        free(path);
    }
    return NULL;
}

/* Into scratch: where it was built the sandbox's uid may not be able to go. */
static int copy_launch(Sandbox *sandbox, Fault *fault)
{
    char *from = find_launch();
    if (!from)
        return fault_set(fault, "grader-launch is missing beside the grader; run `make` again");
    sandbox->launch = x_printf("%s/launch", sandbox->scratch);
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(sandbox->launch, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    bool copied = in >= 0 && out >= 0 && fd_copy(in, out) && fchmod(out, 0755) == 0;
    int rc = copied ? 0
                    : fault_set(fault,
                                "can't copy %s into %s: %s; free some room or set TMPDIR to a "
                                "folder that has it",
                                from, sandbox->scratch, strerror(errno));
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    free(from);
    return rc;
}

/* --- what this machine can do --- */

static void find_bwrap(Bwrap *bwrap)
{
    bwrap->path = sandbox_find("bwrap");
    if (!bwrap->path)
        return;
    char *argv[] = {bwrap->path, (char *)"--help", NULL};
    Buf help;
    Try try;
    buf_init(&help, 16384);
    try_command_output(argv, &help, &try);
    bwrap->sizes = strstr(help.data, "--size ") != NULL;
    bwrap->disables_userns = strstr(help.data, "--disable-userns ") != NULL;
    buf_release(&help);
}

/* What failed without a word. */
static void name_silent(const Sandbox *sandbox, const SandboxCommand *command, Try *try)
{
    bool own = sandbox->mode == SANDBOX_OWN;
    const char *tracer = command->trace ? sandbox->strace : "";
    const char *inner = own ? sandbox->launch : sandbox->bwrap.path;
    char how[64];
    if (try->timed_out)
        snprintf(how, sizeof how, "did not end");
    else if (WIFEXITED(try->status))
        snprintf(how, sizeof how, "ended with status %d", WEXITSTATUS(try->status));
    else
        snprintf(how, sizeof how, "was ended by signal %d", WTERMSIG(try->status));
    snprintf(try->text, sizeof try->text, "%s%s%s %s and said nothing", tracer,
             *tracer ? " with " : "", inner, how);
}

void sandbox_try(Sandbox *sandbox, SandboxCommand command, Try *try)
{
    static const char *const pass[] = {"/launch", "pass", NULL};
    SandboxBind bind = {sandbox->launch, "/launch", false};
    if (!command.argv) {
        command.argv = pass;
        command.binds = &bind;
        command.n_binds = sandbox->mode == SANDBOX_OWN;
    }
    command.limits = &sandbox_program_limits;
    command.core = -1;
    Fault fault = {""};
    int seccomp = sandbox_seccomp_fd(sandbox, &fault);
    char **argv = sandbox_argv(sandbox, &command, &fault);
    *try = (Try){.status = -1};
    if (argv && seccomp >= 0)
        try_command(argv, seccomp, PROBE_SECONDS, try);
    else
        snprintf(try->text, sizeof try->text, "%s", fault.text);
    if (!try_passed(try) && !try->text[0])
        name_silent(sandbox, &command, try);
    sandbox_argv_free(argv);
    if (seccomp >= 0)
        close(seccomp);
}

/* Programs that do not look into /proc do without it; a container that hides
 * parts of its own forbids a new one. */
static bool passes(Sandbox *sandbox, SandboxCommand command, Try *try)
{
    sandbox_try(sandbox, command, try);
    if (!try_passed(try) && strstr(try->text, "mount proc")) {
        sandbox->bwrap.proc = false;
        sandbox_try(sandbox, command, try);
    }
    return try_passed(try);
}

/* The usual case takes one try. */
bool sandbox_mode_works(Sandbox *sandbox, SandboxMode mode, Try *try)
{
    sandbox->mode = mode;
    sandbox->bwrap.proc = true;
    sandbox->traces =
        sandbox->strace &&
        passes(sandbox, (SandboxCommand){.trace = "/dev/null", .calls = "execve"}, try);
    return sandbox->traces || passes(sandbox, (SandboxCommand){0}, try);
}

static int choose_mode(Sandbox *sandbox, bool own, Fault *fault)
{
    Try try, first;
    if (own)
        return sandbox_mode_works(sandbox, SANDBOX_OWN, &try)
                   ? 0
                   : fault_set(fault, "can't start programs here: %.300s", try.text);
    if (!sandbox->bwrap.path)
        return fault_set(fault, "bubblewrap is not installed: apt install bubblewrap (or grade "
                                "your own code with --own)");
    if (sandbox_mode_works(sandbox, SANDBOX_USERNS, &first))
        return 0;
    if (sandbox->drops && sandbox_mode_works(sandbox, SANDBOX_ROOT, &try))
        return 0;
    sandbox->mode = SANDBOX_USERNS;
    return fault_set(fault,
                     "no sandbox can be had here: %.200s; `grader doctor` tells the cure, "
                     "--own grades your own code without one",
                     first.text);
}

/* --- open, close --- */

Sandbox *sandbox_open_unproved(bool own, Fault *fault)
{
    Sandbox *sandbox = x_calloc(1, sizeof *sandbox);
    sandbox->lock = -1;
    sandbox->mode = own ? SANDBOX_OWN : SANDBOX_USERNS;
    buf_init(&sandbox->filter, 1 << 16);
    if (sched_getaffinity(0, sizeof sandbox->cpus, &sandbox->cpus) < 0)
        CPU_ZERO(&sandbox->cpus);
    choose_ids(sandbox);
    sandbox->counts_apart = counts_apart(sandbox);
    sandbox->scratch = scratch_make(sandbox->gid, &sandbox->lock, fault);
    if (!sandbox->scratch || copy_launch(sandbox, fault) < 0 ||
        !(sandbox->etc = etc_make(sandbox->scratch, fault)) ||
        seccomp_make(&sandbox->filter, fault) < 0) {
        sandbox_close(sandbox);
        return NULL;
    }
    cgroups_open(&sandbox->cgroups, sandbox->scratch, sandbox->lock);
    sandbox->n_hidden = hidden_folders(sandbox->hidden);
    sandbox->strace = sandbox_find("strace");
    if (!own)
        find_bwrap(&sandbox->bwrap);
    return sandbox;
}

Sandbox *sandbox_open(bool own, Fault *fault)
{
    Sandbox *sandbox = sandbox_open_unproved(own, fault);
    if (sandbox && choose_mode(sandbox, own, fault) < 0) {
        sandbox_close(sandbox);
        sandbox = NULL;
    }
    return sandbox;
}

void sandbox_close(Sandbox *sandbox)
{
    if (!sandbox)
        return;
    cgroups_close(&sandbox->cgroups);
    if (sandbox->scratch)
        scratch_remove(sandbox->scratch);
    if (sandbox->lock >= 0)
        close(sandbox->lock);
    buf_release(&sandbox->filter);
    free(sandbox->bwrap.path);
    free(sandbox->strace);
    free(sandbox->launch);
    free(sandbox->etc);
    for (int i = 0; i < sandbox->n_hidden; i++)
        free(sandbox->hidden[i]);
    free(sandbox->scratch);
    free(sandbox);
}

SandboxMode sandbox_mode(const Sandbox *sandbox)
{
    return sandbox->mode;
}

bool sandbox_bounds_memory(const Sandbox *sandbox)
{
    return cgroups_bound_memory(&sandbox->cgroups);
}

bool sandbox_traces(const Sandbox *sandbox)
{
    return sandbox->traces;
}

int sandbox_cores(const Sandbox *sandbox)
{
    int count = CPU_COUNT(&sandbox->cpus);
    return count > 0 ? count : 1;
}

/* --- folders --- */

char *sandbox_folder(Sandbox *sandbox, const char *name, Fault *fault)
{
    char *folder = x_printf("%s/%u-%.64s", sandbox->scratch, sandbox->folders++, name);
    for (char *p = strrchr(folder, '/') + 1; *p; p++)
        if (*p == '/' || *p == '.')
            *p = '_';
    if (mkdir(folder, 0755) == 0 && chmod(folder, 0755) == 0)
        return folder;
    fault_errno(fault, "can't make %s", folder);
    free(folder);
    return NULL;
}

void sandbox_discard(Sandbox *sandbox, const char *folder)
{
    size_t len = strlen(sandbox->scratch);
    if (folder && strncmp(folder, sandbox->scratch, len) == 0 && folder[len] == '/')
        scratch_remove(folder);
}

int sandbox_give(Sandbox *sandbox, const char *path, Fault *fault)
{
    struct stat st;
    if (lstat(path, &st) < 0 || S_ISLNK(st.st_mode))
        return fault_errno(fault, "can't find %s", path);
    mode_t mode = S_ISDIR(st.st_mode) ? 0770 : 0660;
    if ((sandbox->drops && chown(path, (uid_t)-1, sandbox->gid) < 0) || chmod(path, mode) < 0)
        return fault_errno(fault, "can't hand over %s", path);
    return 0;
}
