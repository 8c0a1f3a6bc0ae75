#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "sandbox_linux.h"

enum { SPACE_MB = 256 };

/* What a failing sandbox or tracer says, and what to do about it. First match counts. */
typedef struct Cure {
    const char *symptom, *cure;
} Cure;

static const char in_containers[] =
    "in a container: docker run --security-opt seccomp=unconfined --security-opt "
    "apparmor=unconfined --security-opt systempaths=unconfined --cap-add SYS_PTRACE; "
    "or grade your own code with --own";
static const char by_apparmor[] =
    "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu 23.10 and later), "
    "or run the grader as root, or grade your own code with --own";

static const Cure sandbox_cures[] = {
    {"setting up uid map", by_apparmor},
    {"RTM_NEWADDR", by_apparmor},
    {"No permissions to create", in_containers},
    {"mount proc", in_containers},
    {"pivot_root", in_containers},
    {"setresuid", "this container maps too few uids: run the grader as an ordinary user in it"},
    {"No space left",
     "sudo sysctl -w user.max_user_namespaces=10000 user.max_net_namespaces=10000"},
    {"", "sudo sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000; if "
         "that does not help, run the grader as root, or grade your own code with --own"},
};

static const Cure tracer_cures[] = {
    {"PTRACE_TRACEME", "sudo sysctl -w kernel.yama.ptrace_scope=1; in a container: docker run "
                       "--cap-add SYS_PTRACE --security-opt seccomp=unconfined"},
    {"seccomp", "install strace 5.3 or later"},
    {"unrecognized option", "install strace 5.16 or later (Debian 12, Ubuntu 24.04 have it)"},
    {"", "in a container: docker run --cap-add SYS_PTRACE --security-opt seccomp=unconfined"},
};

static const char *cure_for(const Cure *cures, const char *text)
{
    while (!strstr(text, cures->symptom))
        cures++;
    return cures->cure;
}

/* --- the abilities --- */

static void tell(SandboxAbility *a, bool ok, const char *cure, const char *detail, ...)
    __attribute__((format(printf, 4, 5)));

static void tell(SandboxAbility *a, bool ok, const char *cure, const char *detail, ...)
{
    va_list args;
    va_start(args, detail);
    vsnprintf(a->detail, sizeof a->detail, detail, args);
    va_end(args);
    a->ok = ok;
    snprintf(a->cure, sizeof a->cure, "%s", ok ? "" : cure);
}

static void ask_kernel(SandboxAbility *a, Sandbox *sandbox)
{
    char text[256] = "";
    int fd = open("/proc/version", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, text, sizeof text - 1) < 0)
        text[0] = 0;
    if (fd >= 0)
        close(fd);
    text[strcspn(text, "(\n")] = 0;
    if (text[0] && text[strlen(text) - 1] == ' ')
        text[strlen(text) - 1] = 0;
    /* the second WSL is a Linux, and spells itself in small letters */
    tell(a, !strstr(text, "Microsoft"), "wsl --set-version DISTRIBUTION 2, in a Windows terminal",
         "%s, %d CPU%s to use", text, sandbox_cores(sandbox),
         sandbox_cores(sandbox) == 1 ? "" : "s");
}

static void ask_scratch(SandboxAbility *a, Sandbox *sandbox)
{
    struct statvfs fs;
    if (statvfs(sandbox->scratch, &fs) < 0) {
        tell(a, false, "set TMPDIR to a folder on a disk with room", "%s", strerror(errno));
        return;
    }
    unsigned long long mb = (unsigned long long)fs.f_bavail * fs.f_frsize >> 20;
    tell(a, mb >= SPACE_MB, "free some room there, or set TMPDIR to a folder that has it",
         "%llu MB free in %.100s", mb, sandbox->scratch);
}

static void ask_compiler(SandboxAbility *a, Sandbox *sandbox)
{
    char *cc = sandbox_tool("cc");
    if (!cc) {
        tell(a, false, "sudo apt install gcc libc6-dev", "no C compiler below /usr");
        return;
    }
    const char *argv[] = {cc, "--version", NULL};
    Try try;
    sandbox_try(sandbox, (SandboxCommand){.argv = argv, .build = true}, &try);
    tell(a, try_passed(&try), "see the line `sandbox`", "%.150s", try.text);
    char *rest = strstr(a->detail, " Copyright");
    if (rest)
        *rest = 0;
    free(cc);
}

static void ask_sandbox(SandboxAbility *a, Sandbox *sandbox)
{
    static const char *const how[] = {"by a user namespace", "by root, without user namespaces",
                                      ""};
    if (!sandbox->bwrap.path) {
        tell(a, false, "sudo apt install bubblewrap", "bubblewrap is not installed");
        return;
    }
    Try try;
    bool works = sandbox_mode_works(sandbox, SANDBOX_USERNS, &try) ||
                 (sandbox->drops && sandbox_mode_works(sandbox, SANDBOX_ROOT, &try));
    if (works)
        tell(a, true, "", "bubblewrap, %s%s", how[sandbox->mode],
             sandbox->bwrap.proc ? "" : "; no /proc inside");
    else
        tell(a, false, cure_for(sandbox_cures, try.text), "%.190s", try.text);
}

static void ask_tracer(SandboxAbility *a, Sandbox *sandbox)
{
    if (!sandbox->strace) {
        tell(a, false, "sudo apt install strace", "strace is not installed");
        return;
    }
    Try try;
    sandbox_try(sandbox, (SandboxCommand){.trace = "/dev/null", .calls = "execve"}, &try);
    tell(a, try_passed(&try), cure_for(tracer_cures, try.text), "%.190s",
         try_passed(&try) ? "strace sees a program's system calls" : try.text);
}

/* A frame of a stack is a line " > module(function+0x12) [0x345]". */
static bool has_frames(const char *log)
{
    char text[8192];
    int fd = open(log, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    text[n > 0 ? n : 0] = 0;
    if (fd >= 0)
        close(fd);
    return strstr(text, "\n > ") != NULL;
}

static void ask_stacks(SandboxAbility *a, Sandbox *sandbox)
{
    Fault fault = {""};
    char *folder = sandbox_folder(sandbox, "stacks", &fault);
    char *log = x_printf("%s/log", folder ? folder : sandbox->scratch);
    close(open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    Try try = {.text = ""};
    if (sandbox->strace && sandbox_give(sandbox, log, &fault) == 0)
        sandbox_try(sandbox, (SandboxCommand){.trace = log, .stacks = true}, &try);
    bool ok = try_passed(&try) && has_frames(log);
    tell(a, ok, "install a strace that was built with stack unwinding (Debian's and Ubuntu's are)",
         "%s", ok ? "strace -k shows the line of a call" : "reports come without source lines");
    free(log);
    free(folder);
}

static void ask_memory(SandboxAbility *a, Sandbox *sandbox)
{
    bool ok = sandbox_bounds_memory(sandbox);
    tell(a, ok, "run the grader as root where cgroups can be made, for programs you do not trust",
         "%s",
         ok ? sandbox->cgroups.unified ? "memory and pids cgroups (v2)" : "memory cgroup (v1)"
            : "no cgroup to be had: each process is bounded by itself, not all of them together");
}

static void ask_processes(SandboxAbility *a, Sandbox *sandbox)
{
    tell(a, sandbox->counts_apart, "run the grader as root, or on Linux 5.14 or later", "%s",
         sandbox->counts_apart ? "counted for each run apart"
                               : "this kernel counts all of a user's; the limit is left out");
}

static void ask_cargo(SandboxAbility *a, Sandbox *sandbox)
{
    (void)sandbox;
    char *rust = sandbox_rust();
    tell(a, rust != NULL, "sudo apt install cargo, if submissions in Rust are to be graded",
         "%s%.150s", rust ? "in " : "no cargo", rust ? rust : "");
    free(rust);
}

/* Later ones build on what the sandbox's line found out. */
static const struct {
    const char *name;
    bool needed;
    void (*ask)(SandboxAbility *a, Sandbox *sandbox);
} asked[] = {
    {"kernel", true, ask_kernel},        {"scratch", true, ask_scratch},
    {"sandbox", true, ask_sandbox},      {"tracer", true, ask_tracer},
    {"compiler", true, ask_compiler},    {"source lines", false, ask_stacks},
    {"memory limit", false, ask_memory}, {"process limit", false, ask_processes},
    {"cargo", false, ask_cargo},
};

int sandbox_abilities(SandboxAbility *abilities, int most)
{
    Fault fault = {""};
    Sandbox *sandbox = sandbox_open_unproved(false, &fault);
    int n = 0;
    if (!sandbox && most > 0) {
        abilities[n] = (SandboxAbility){.name = "scratch", .needed = true};
        tell(&abilities[n++], false, "see there", "%.190s", fault.text);
    }
    for (size_t i = 0; sandbox && i < sizeof asked / sizeof *asked && n < most; i++) {
        abilities[n] = (SandboxAbility){.name = asked[i].name, .needed = asked[i].needed};
        asked[i].ask(&abilities[n++], sandbox);
    }
    sandbox_close(sandbox);
    return n;
}
