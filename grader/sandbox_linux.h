/*
 * Private to the Linux sandbox: what its files share.
 *
 *   sandbox_linux.c          open, close, which mode this machine allows
 *   sandbox_argv_linux.c     a SandboxCommand -> a command line
 *   sandbox_live_linux.c     a running sandbox: its processes, sockets inside it
 *   sandbox_scratch_linux.c  the scratch folder, and those of killed graders
 *   sandbox_etc_linux.c      what a program finds in /etc
 *   sandbox_hidden_linux.c   what it does not find below /usr
 *   sandbox_cgroup_linux.c   memory and pids, cgroups v1 and v2
 *   sandbox_seccomp_linux.c  the system calls that are refused
 *   sandbox_info.c           reads the info pipe (every system's)
 *   sandbox_tools.c          compilers and the like, as they are found and seen inside
 *   sandbox_try_linux.c      runs a small command and waits: probing
 *   sandbox_doctor_linux.c   the abilities, each with its cure
 *   sandbox_machine_linux.c  what kind of machine this is, as its files tell
 *   sandbox_cures_linux.c    what to do about a sandbox or tracer that does not work
 */
#ifndef GRADER_SANDBOX_LINUX_H
#define GRADER_SANDBOX_LINUX_H

#include <sched.h>

#include "base/buf.h"
#include "sandbox.h"

/* --- try: short commands of our own, before any event loop runs --- */

typedef struct Try {
    int status;      /* as waitpid(2); -1: could not be run */
    bool timed_out;  /* killed after `seconds` */
    char text[1024]; /* the beginning of stdout and stderr, cleaned, one line */
    SandboxInfo info;
} Try;

/* `seccomp`: becomes SANDBOX_SECCOMP; -1: none. Environment empty. */
void try_command(char *const *argv, int seccomp, int seconds, Try *try);
bool try_passed(const Try *try);
/* As above for a command that only prints: its stdout and stderr go to `output`. */
void try_command_output(char *const *argv, Buf *output, Try *try);

/* --- scratch --- */

/* A new folder, locked: `*lock` is held as long as this process lives. Scratch
 * folders that nobody locks any more are removed, with the cgroups they name.
 * `gid`: the group that may enter it; (gid_t)-1: the owner alone. */
char *scratch_make(gid_t gid, int *lock, Fault *fault);
void scratch_remove(const char *folder);
/* Notes in the lock file that this cgroup goes with the folder. */
int scratch_note_cgroup(int lock, const char *cgroup, Fault *fault);

/* --- /etc --- */

/* A folder of that kind in scratch, to be bound; NULL and the fault. Caller frees. */
char *etc_make(const char *scratch, Fault *fault);

/* --- hidden --- */

enum { HIDDEN_MOST = 6 };

/* Folders below /usr that are covered in every sandbox; how many. The caller frees the paths. */
int hidden_folders(char **found);

/* --- cgroups --- */

enum { CGROUPS_MOST = 2 }; /* v1 has memory and pids apart */

typedef struct Cgroups {
    char *parent[CGROUPS_MOST]; /* folders of ours that hold one folder a run; NULL: none */
    bool unified;               /* v2: one folder for both */
    unsigned made;
} Cgroups;

/* Makes the parents if this machine lets us; they are noted in `lock` before
 * they are made. What can't be had is left out: never a fault. */
void cgroups_open(Cgroups *cgroups, const char *scratch, int lock);
void cgroups_close(Cgroups *cgroups);
bool cgroups_bound_memory(const Cgroups *cgroups);
/* Folders for one run; up to CGROUPS_MOST paths are written (caller frees), returns how many. */
int cgroups_make(Cgroups *cgroups, uint64_t memory, unsigned processes, char **paths);
void cgroup_remove(const char *path); /* and what is below it; what runs there is killed */
void cgroup_remove_empty(const char *path);
bool cgroup_out_of_memory(const char *path);

/* --- seccomp --- */

/* The filter as the kernel wants it, into `filter`. */
int seccomp_make(Buf *filter, Fault *fault);

/* --- the machine, for the doctor --- */

typedef struct Machine {
    char kernel[256]; /* "Linux version 6.1.0-18-amd64" */
    bool wsl, wsl1;   /* Windows' Linux; its first version, which has neither tracer nor sandbox */
    bool container;
    bool filtered; /* a filter of system calls is in force on us already */
    /* kernel settings; -1: there is no such */
    int apparmor_userns; /* kernel.apparmor_restrict_unprivileged_userns */
    int userns_clone;    /* kernel.unprivileged_userns_clone */
    int user_namespaces; /* user.max_user_namespaces */
    int ptrace_scope;    /* kernel.yama.ptrace_scope */
    char clocksource[32];
} Machine;
/* `root`: where /proc, /sys and /run are looked for; "" is this machine, a test has a folder. */
void machine_read(Machine *machine, const char *root);

typedef struct MachineMount {
    char type[32], point[256];
    bool noexec;
} MachineMount;
/* The file system that a path lies on; false: can't be told. */
bool machine_mount(const char *root, const char *path, MachineMount *mount);
/* A Windows drive, such as /mnt/c: slow, without FIFOs and permissions. */
bool machine_on_windows(const Machine *machine, const MachineMount *mount);

/* What to do, in a line; `said`: what bubblewrap or strace printed. */
const char *cure_of_sandbox(const Machine *machine, const char *said);
const char *cure_of_tracer(const Machine *machine, const char *said);

/* --- the sandbox --- */

typedef struct Bwrap {
    char *path;
    bool sizes;           /* has --size */
    bool disables_userns; /* has --disable-userns */
    bool proc;            /* can mount /proc here */
} Bwrap;

struct Sandbox {
    SandboxMode mode;
    bool traces;
    Bwrap bwrap;
    char *strace; /* NULL: none */
    char *launch; /* our copy of grader-launch, in scratch */
    char *etc;    /* becomes /etc */
    char *hidden[HIDDEN_MOST];
    int n_hidden;
    char *scratch;
    int lock;
    bool drops;     /* we are root: each run gets a uid of its own */
    uid_t uid_base; /* ... this one and up */
    unsigned uids, slot;
    gid_t gid;
    bool counts_apart; /* RLIMIT_NPROC counts what is inside alone */
    Cgroups cgroups;
    Buf filter;
    cpu_set_t cpus;
    unsigned folders;
};

/* As sandbox_open(), but no mode has been tried: for the doctor. */
Sandbox *sandbox_open_unproved(bool own, Fault *fault);
/* Runs a command to its end, with its limits and core filled in; without an argv it is
 * the launcher's `pass`. */
void sandbox_try(Sandbox *sandbox, SandboxCommand command, Try *try);
/* Tries a mode and sets what it can do. `try` tells why it does not work. */
bool sandbox_mode_works(Sandbox *sandbox, SandboxMode mode, Try *try);

#endif
