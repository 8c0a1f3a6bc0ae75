#include <string.h>

#include "sandbox_linux.h"

/* What a failing sandbox or tracer says, or what its machine is like, and what to do about it. */
typedef struct Cure {
    const char *symptom; /* part of what was said; NULL: anything */
    bool (*because)(const Machine *machine);
    const char *cure;
} Cure;

static bool is_wsl1(const Machine *machine)
{
    return machine->wsl1;
}

static bool is_container(const Machine *machine)
{
    return machine->container;
}

static bool is_container_on_ubuntu(const Machine *machine)
{
    return machine->container && machine->apparmor_userns > 0;
}

static bool apparmor_restricts(const Machine *machine)
{
    return machine->apparmor_userns > 0;
}

static bool clone_is_off(const Machine *machine)
{
    return machine->userns_clone == 0;
}

static bool has_no_namespaces(const Machine *machine)
{
    return machine->user_namespaces == 0;
}

static bool ptrace_is_gone(const Machine *machine)
{
    return machine->ptrace_scope == 3;
}

static bool ptrace_is_for_root(const Machine *machine)
{
    return machine->ptrace_scope == 2;
}

static bool is_filtered(const Machine *machine)
{
    return machine->filtered;
}

static const char by_wsl2[] = "wsl --set-version DISTRIBUTION 2, in a Windows terminal";
static const char in_containers[] =
    "in a container: docker run --security-opt seccomp=unconfined --security-opt "
    "apparmor=unconfined --security-opt systempaths=unconfined --cap-add SYS_PTRACE; "
    "or grade your own code with --own";
static const char in_containers_on_ubuntu[] =
    "on the host: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, and docker run "
    "--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt "
    "systempaths=unconfined --cap-add SYS_PTRACE; or grade your own code with --own";
static const char by_apparmor[] =
    "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu 23.10 and later), "
    "or run the grader as root, or grade your own code with --own";
static const char no_exec[] = "programs can't be started from the scratch folder: set TMPDIR to a "
                              "folder that is not mounted noexec, such as $HOME/tmp";
static const char ptrace_in_containers[] =
    "in a container: docker run --cap-add SYS_PTRACE --security-opt seccomp=unconfined";

/* The first that fits counts: what is sure, then what is likely. */
static const Cure sandbox_cures[] = {
    {NULL, is_wsl1, by_wsl2},
    {"No space left", has_no_namespaces,
     "sudo sysctl -w user.max_user_namespaces=10000, or grade your own code with --own"},
    {"No space left", NULL,
     "sudo sysctl -w user.max_user_namespaces=10000 user.max_net_namespaces=10000"},
    {"setresuid", NULL,
     "this container maps too few uids: run the grader as an ordinary user in it"},
    {"/launch: Permission denied", NULL, no_exec},
    {NULL, is_container_on_ubuntu, in_containers_on_ubuntu},
    {NULL, is_container, in_containers},
    {NULL, clone_is_off,
     "sudo sysctl -w kernel.unprivileged_userns_clone=1, or run the grader as root, or grade your "
     "own code with --own"},
    {NULL, has_no_namespaces,
     "sudo sysctl -w user.max_user_namespaces=10000, or run the grader as root, or grade your own "
     "code with --own"},
    {NULL, apparmor_restricts, by_apparmor},
    {"setting up uid map", NULL, by_apparmor},
    {"RTM_NEWADDR", NULL, by_apparmor},
    {"No permissions to create", NULL, in_containers},
    {"mount proc", NULL, in_containers},
    {"pivot_root", NULL, in_containers},
    {NULL, NULL,
     "sudo sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000; if that "
     "does not help, run the grader as root, or grade your own code with --own"},
};

static const Cure tracer_cures[] = {
    {NULL, is_wsl1, by_wsl2},
    {"unrecognized option", NULL, "install strace 5.16 or later (Debian 12, Ubuntu 24.04 have it)"},
    {NULL, ptrace_is_gone,
     "kernel.yama.ptrace_scope is 3, which lasts until the next start: set it to 1 below "
     "/etc/sysctl.d, then restart"},
    {NULL, ptrace_is_for_root, "sudo sysctl -w kernel.yama.ptrace_scope=1"},
    {NULL, is_container, ptrace_in_containers},
    {"PTRACE_", is_filtered, ptrace_in_containers},
    {"PTRACE_", NULL,
     "sudo sysctl -w kernel.yama.ptrace_scope=1; in a container: docker run --cap-add SYS_PTRACE "
     "--security-opt seccomp=unconfined"},
    {"seccomp", NULL, "install strace 5.3 or later"},
    {NULL, NULL, ptrace_in_containers},
};

/* The last line of a table fits whatever was said. */
static const char *cure_for(const Cure *cure, const Machine *machine, const char *said)
{
    while ((cure->symptom && !strstr(said, cure->symptom)) ||
           (cure->because && !cure->because(machine)))
        cure++;
    return cure->cure;
}

const char *cure_of_sandbox(const Machine *machine, const char *said)
{
    return cure_for(sandbox_cures, machine, said);
}

const char *cure_of_tracer(const Machine *machine, const char *said)
{
    return cure_for(tracer_cures, machine, said);
}
