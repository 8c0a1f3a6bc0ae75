#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "sandbox_linux.h"

enum { SPACE_MB = 256, INODES = 5000 };

/* What the lines are made from. */
typedef struct Patient {
    Sandbox *sandbox;
    const char *dir; /* the submission's folder; NULL: none */
    Machine machine;
} Patient;

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

static void ask_kernel(SandboxAbility *a, Patient *patient)
{
    const Machine *machine = &patient->machine;
    int cores = sandbox_cores(patient->sandbox);
    tell(a, !machine->wsl1, cure_of_sandbox(machine, ""), "%.120s%s%s, %d CPU%s to use",
         machine->kernel, machine->wsl ? ", WSL" : "", machine->container ? ", in a container" : "",
         cores, cores == 1 ? "" : "s");
}

static void ask_scratch(SandboxAbility *a, Patient *patient)
{
    const char *scratch = patient->sandbox->scratch;
    MachineMount mount;
    struct statvfs fs;
    bool known = machine_mount("", scratch, &mount);
    if (statvfs(scratch, &fs) < 0) {
        tell(a, false, "set TMPDIR to a folder on a disk with room", "%s", strerror(errno));
        return;
    }
    unsigned long long mb = (unsigned long long)fs.f_bavail * fs.f_frsize >> 20;
    bool room = mb >= SPACE_MB && (!fs.f_files || fs.f_favail >= INODES);
    if (known && machine_on_windows(&patient->machine, &mount))
        tell(a, false, "unset TMPDIR: programs and pipes need a Linux disk",
             "%.100s is on a Windows drive", scratch);
    else if (known && mount.noexec)
        tell(a, false,
             "set TMPDIR to a folder that programs may be started from, such as $HOME/tmp",
             "%.100s is mounted noexec", mount.point);
    else
        tell(a, room, "free some room there, or set TMPDIR to a folder that has it",
             "%llu MB%s free in %.100s", mb, room || mb < SPACE_MB ? "" : ", but no files more,",
             scratch);
}

/* It can be graded there, but everything waits for Windows. */
static void ask_submission(SandboxAbility *a, Patient *patient)
{
    MachineMount mount;
    const char *dir = patient->dir;
    bool drive = machine_mount("", dir, &mount) && machine_on_windows(&patient->machine, &mount);
    if (access(dir, R_OK | X_OK) < 0)
        tell(a, false, "name the submission: grader doctor DIR", "%.100s: %s", dir,
             strerror(errno));
    else
        tell(a, !drive, "work below your Linux home folder: git clone the repository there",
             drive ? "%.100s is on a Windows drive (%.50s): slow, without permissions" : "%.100s",
             dir, mount.point);
}

/* Times are compared in nanoseconds; a clock that only ticks can't tell them apart. */
static void ask_clock(SandboxAbility *a, Patient *patient)
{
    struct timespec step = {0}, real = {0};
    clock_getres(CLOCK_MONOTONIC, &step);
    clock_gettime(CLOCK_REALTIME, &real);
    bool fine = step.tv_sec == 0 && step.tv_nsec <= 1000000;
    bool set = real.tv_sec > 1700000000;
    const char *wrong = clock_slow_wrong();
    if (wrong)
        tell(a, false, "export GRADER_SLOW=3, say, or unset GRADER_SLOW", "%.150s", wrong);
    else if (!set)
        tell(a, false, "sudo hwclock --hctosys, or set the date by hand",
             "this machine believes it is 1970 plus %lld days", (long long)real.tv_sec / 86400);
    else
        tell(a, fine, "start the machine with a better clock: clocksource=tsc or hpet",
             "%s%ssteps of %ld ns%s", patient->machine.clocksource,
             patient->machine.clocksource[0] ? ", " : "", step.tv_nsec,
             clock_slow() > 1 ? ", limits multiplied by GRADER_SLOW" : "");
}

static void ask_compiler(SandboxAbility *a, Patient *patient)
{
    Sandbox *sandbox = patient->sandbox;
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

static void ask_sandbox(SandboxAbility *a, Patient *patient)
{
    Sandbox *sandbox = patient->sandbox;
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
        tell(a, false, cure_of_sandbox(&patient->machine, try.text), "%.190s", try.text);
}

static void ask_tracer(SandboxAbility *a, Patient *patient)
{
    Sandbox *sandbox = patient->sandbox;
    if (!sandbox->strace) {
        tell(a, false, "sudo apt install strace", "strace is not installed");
        return;
    }
    Try try;
    sandbox_try(sandbox, (SandboxCommand){.trace = "/dev/null", .calls = "execve"}, &try);
    tell(a, try_passed(&try), cure_of_tracer(&patient->machine, try.text), "%.190s",
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

static void ask_stacks(SandboxAbility *a, Patient *patient)
{
    Sandbox *sandbox = patient->sandbox;
    Fault fault = {""};
    char *folder = sandbox_folder(sandbox, "stacks", &fault);
    char *log = x_printf("%s/log", folder ? folder : sandbox->scratch);
    close(open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    Try try = {.text = ""};
    /* few calls: each is unwound, which takes long on a machine that is busy */
    if (sandbox->strace && sandbox_give(sandbox, log, &fault) == 0)
        sandbox_try(
            sandbox,
            (SandboxCommand){.trace = log, .calls = "execve,close,exit_group", .stacks = true},
            &try);
    bool ok = try_passed(&try) && has_frames(log);
    tell(a, ok, "install a strace that was built with stack unwinding (Debian's and Ubuntu's are)",
         "%s", ok ? "strace -k shows the line of a call" : "reports come without source lines");
    free(log);
    free(folder);
}

static void ask_memory(SandboxAbility *a, Patient *patient)
{
    Sandbox *sandbox = patient->sandbox;
    bool ok = sandbox_bounds_memory(sandbox);
    tell(a, ok,
         "run the grader in a systemd unit with Delegate=memory pids (courseweb's has it), or as "
         "root where cgroups can be made, for programs you do not trust",
         "%s",
         ok ? sandbox->cgroups.unified ? "memory and pids cgroups (v2)" : "memory cgroup (v1)"
            : "no cgroup to be had: each process is bounded by itself, not all of them together");
}

static void ask_processes(SandboxAbility *a, Patient *patient)
{
    Sandbox *sandbox = patient->sandbox;
    tell(a, sandbox->counts_apart, "run the grader as root, or on Linux 5.14 or later", "%s",
         sandbox->counts_apart ? "counted for each run apart"
                               : "this kernel counts all of a user's; the limit is left out");
}

static void ask_cargo(SandboxAbility *a, Patient *patient)
{
    (void)patient;
    char *rust = sandbox_rust();
    tell(a, rust != NULL, "sudo apt install cargo, if submissions in Rust are to be graded",
         "%s%.150s", rust ? "in " : "no cargo", rust ? rust : "");
    free(rust);
}

/* Later ones build on what the sandbox's line found out. */
static const struct {
    const char *name;
    bool needed;
    void (*ask)(SandboxAbility *a, Patient *patient);
} asked[] = {
    {"kernel", true, ask_kernel},        {"clock", true, ask_clock},
    {"scratch", true, ask_scratch},      {"submission", false, ask_submission},
    {"sandbox", true, ask_sandbox},      {"tracer", true, ask_tracer},
    {"compiler", true, ask_compiler},    {"source lines", false, ask_stacks},
    {"memory limit", false, ask_memory}, {"process limit", false, ask_processes},
    {"cargo", false, ask_cargo},
};

int sandbox_abilities(const char *dir, SandboxAbility *abilities, int most)
{
    Fault fault = {""};
    Patient patient = {.sandbox = sandbox_open_unproved(false, &fault), .dir = dir};
    machine_read(&patient.machine, "");
    int n = 0;
    if (!patient.sandbox && most > 0) {
        abilities[n] = (SandboxAbility){.name = "scratch", .needed = true};
        tell(&abilities[n++], false, "set TMPDIR to a folder on a disk with room", "%.190s",
             fault.text);
    }
    for (size_t i = 0; patient.sandbox && i < sizeof asked / sizeof *asked && n < most; i++) {
        if (asked[i].ask == ask_submission && !dir)
            continue;
        abilities[n] = (SandboxAbility){.name = asked[i].name, .needed = asked[i].needed};
        asked[i].ask(&abilities[n++], &patient);
    }
    sandbox_close(patient.sandbox);
    return n;
}
