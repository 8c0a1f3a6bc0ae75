/*
 * The sandbox: runs a program of a submission (or a compiler over its source)
 * with no network but its own loopback, no view of the grader, of others'
 * work or of secrets, bounded in CPU, memory, processes, files and output.
 *
 * It only makes command lines and descriptors; run.c and build.c spawn them on
 * their event loop. Order: launch (outer: dies with the grader, drops root,
 * joins the cgroup, pins to a core) -> strace -> bwrap -> launch (inner:
 * limits, burnt CPU) -> the program. A tracer inside would share the
 * program's uid and could be killed by it.
 *
 * Backend: sandbox_*linux.c, the only one. Sources: bwrap(1), strace(1),
 * user_namespaces(7), seccomp(2), setrlimit(2), cgroups(7), setns(2).
 */
#ifndef GRADER_SANDBOX_H
#define GRADER_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"

typedef enum SandboxMode {
    SANDBOX_USERNS, /* an unprivileged user namespace; root drops to an ordinary uid first */
    SANDBOX_ROOT,   /* root where unprivileged user namespaces are denied: dropped inside */
    SANDBOX_OWN     /* --own: none. One's own code on one's own machine */
} SandboxMode;

typedef struct Sandbox Sandbox;

/* Finds out what this machine can do, makes a scratch folder (and cgroups
 * where it may) and removes those that a killed grader left. One for a process. */
Sandbox *sandbox_open(bool own, Fault *fault);
void sandbox_close(Sandbox *sandbox); /* removes scratch and cgroups; NULL is fine */

SandboxMode sandbox_mode(const Sandbox *sandbox);
bool sandbox_bounds_memory(const Sandbox *sandbox); /* a memory cgroup is in force */
bool sandbox_traces(const Sandbox *sandbox);        /* a tracer works here */

/* A new private folder under the scratch folder, readable by the sandbox's
 * uid; removed by sandbox_close() or sandbox_discard(). Caller frees the path. */
char *sandbox_folder(Sandbox *sandbox, const char *name, Fault *fault);
void sandbox_discard(Sandbox *sandbox, const char *folder);
/* Lets the sandbox's uid write to a file or folder under scratch (as root: chown). */
int sandbox_give(Sandbox *sandbox, const char *path, Fault *fault);

typedef struct SandboxBind {
    const char *outside, *inside;
    bool writable;
} SandboxBind;

typedef struct SandboxLimits {
    uint64_t memory;    /* bytes: address space, and the cgroup where there is one */
    unsigned processes; /* and threads */
    unsigned descriptors;
    uint64_t file_size; /* bytes a file may have */
    unsigned cpu_s;
} SandboxLimits;

extern const SandboxLimits sandbox_program_limits; /* contract: 512 MiB, 32, 2,048 */
extern const SandboxLimits sandbox_build_limits;

/* Descriptors of the spawned command, in this order (libuv's stdio array). */
enum {
    SANDBOX_STDIN,   /* /dev/null */
    SANDBOX_STDOUT,  /* pipe to the grader */
    SANDBOX_STDERR,  /* pipe to the grader */
    SANDBOX_INFO,    /* a pipe to the grader; see SandboxInfo */
    SANDBOX_SECCOMP, /* inherited from sandbox_seccomp_fd() */
    SANDBOX_FDS
};
int sandbox_seccomp_fd(Sandbox *sandbox, Fault *fault); /* a new descriptor, the caller closes it */

typedef struct SandboxCommand {
    const char *const *argv; /* inside the sandbox, NULL-terminated; argv[0] is a path inside */
    const char *folder;      /* working directory inside; NULL: / */
    const SandboxBind *binds;
    size_t n_binds;
    const char *const *environment; /* NAME=VALUE, NULL-terminated; NULL: PATH and LANG only */
    const SandboxLimits *limits;
    bool build;        /* a compiler: no /proc, no network, a writable /tmp */
    const char *trace; /* where strace writes (a FIFO or file in scratch); NULL: untraced */
    const char *calls; /* strace's -e trace= value */
    bool stacks;       /* strace -k */
    int core;          /* pin tracer and program to the core-th CPU of sandbox_cores(); -1: free */
    int64_t burn_us;   /* CPU time used up before the exec of argv[0] */
    bool by_root;      /* a bind lies where only root may go: bound before root is dropped */
} SandboxCommand;

/* The command line (NULL-terminated; argv[0] is the path of the file to spawn)
 * and the environment to spawn it with (an empty one: what the program gets is
 * in the command line). It must be spawned by this process itself. Keep the
 * command line until the command has ended: sandbox_argv_free() also removes
 * the run's cgroup. */
char **sandbox_argv(Sandbox *sandbox, const SandboxCommand *command, Fault *fault);
char **sandbox_environment(const SandboxCommand *command);
void sandbox_argv_free(char **argv); /* NULL is fine */

/* The path that the execve(2) of the program shows in a trace: argv[0]; in OWN
 * mode the path outside that the binds stand for. Caller frees. */
char *sandbox_program(const Sandbox *sandbox, const SandboxCommand *command);

/* What the pipe at SANDBOX_INFO carries: {"child-pid": N, ...} and then a line
 * "exec" just before the program's execve(2). A command that ends without
 * `started` was broken by us (its stderr says how); after it, whatever happens
 * is the program's own doing, which can't write there. The tracer keeps the
 * pipe open: do not wait for its end. */
typedef struct SandboxInfo {
    pid_t child;  /* the sandbox's init, in OWN mode our own; 0: not said yet */
    bool started; /* "exec" was said */
    size_t len;
    char text[1024];
} SandboxInfo;
void sandbox_info_feed(SandboxInfo *info, const char *bytes, size_t len); /* starts zeroed */

/* The program's own process, the first child of that init; 0 if there is none
 * (yet, or any more). Until `started` it is a launcher still. */
pid_t sandbox_process(const Sandbox *sandbox, pid_t child);

/* Everything inside ends, daemons too, and the tracer by itself once it has
 * written its log. `child`: as SandboxInfo said it. Before it was said, kill
 * the spawned command (SIGKILL will do): what it started ends a moment later.
 * Only before the spawned command was waited for: a pid is used again. */
void sandbox_kill(Sandbox *sandbox, pid_t child);

/* TCP sockets made inside the sandbox's network namespace (in OWN mode: here),
 * unconnected, close-on-exec, non-blocking. `pid`: child-pid. 0 or -1. */
int sandbox_sockets(Sandbox *sandbox, pid_t pid, int count, int *fds, Fault *fault);

/* The path of an executable by this name: PATH, then the usual places; NULL
 * if there is none. Caller frees. */
char *sandbox_find(const char *name);
/* The path inside of a tool such as "cc" (links are followed, for the folders
 * they lead through may not be there); NULL if there is none that can be seen
 * inside. Caller frees. */
char *sandbox_tool(const char *name);
/* The folder of a Rust toolchain (bin/cargo, bin/rustc, lib): "/usr", or one
 * that must be bound; NULL if there is none. Caller frees. */
char *sandbox_rust(void);

/* CPUs that programs may be pinned to, as sched_getaffinity(2) says; at least 1. */
int sandbox_cores(const Sandbox *sandbox);

/* Did the kernel kill something of this command for its memory (the cgroup's
 * count of that is not 0)? Ask before sandbox_argv_free(); false where it
 * can't be told. */
bool sandbox_out_of_memory(Sandbox *sandbox, const char *const *argv);

/* One line for each ability of this machine, for `grader doctor`. `dir`: the folder of
 * submissions to look at, too; NULL: none. */
typedef struct SandboxAbility {
    const char *name;
    bool ok, needed; /* needed: without it nothing can be graded */
    char detail[240];
    char cure[400]; /* what to do, in a line a student can type; empty if ok */
} SandboxAbility;
int sandbox_abilities(const char *dir, SandboxAbility *abilities, int most);

#endif
