/*
 * What the kernel knows of a process, asked from outside and without stopping
 * it: probe_linux.c (proc(5), clock_getcpuclockid(3)), probe_sockets_linux.c (proc(5)),
 * probe_held_up_linux.c (the run queue), probe_borrow_linux.c (pidfd_getfd(2)).
 * Functions return 0, or -1 if the process is gone or can't be looked at; `pid` is
 * as the grader's own PID namespace numbers it.
 */
#ifndef GRADER_PROBE_H
#define GRADER_PROBE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct ProbeSample {
    int64_t mono_ns, real_ns; /* when */
    int64_t cpu_ns;           /* user + system time of the process since it began, exec included */
    int64_t children_ns;      /* the same of all that descend from it and live; by probe_tree() */
    int64_t queued_ns; /* it was ready to run and had no core, all its threads; 0: not known */
    uint64_t switches; /* voluntary context switches of all its threads: each is a sleep */
    int threads;
    int descriptors;   /* open ones; -1 if not to be had */
    uint64_t resident; /* bytes of memory in use */
} ProbeSample;

int probe_sample(pid_t pid, ProbeSample *sample);
/* The same, and what its children use: `children_ns`, and their part of `descriptors`. Where it is
 * the second process of a PID namespace, a sandbox's, children that lost their parents count. */
int probe_tree(pid_t pid, ProbeSample *sample);

/* How long the machine held up a run since it began, in ns: the time for which `outer` (tracer,
 * sandbox) and `inner`, which descends from it, were ready to run and had no core, less what all
 * of them ran themselves. Of `inner`, a submission's, the thread that waited longest counts alone:
 * many of its own that want a core at once wait for each other. 0: not at all, or not known. */
int64_t probe_held_up_ns(pid_t outer, pid_t inner);
/* CPU time used so far by `outer` and all that descends from it and lives, in ns. */
int64_t probe_family_cpu_ns(pid_t outer);

/* Has it ended? One that ends gives its memory back first, then its namespaces, and is seen for a
 * while yet; a zombie until somebody asks after it. */
bool probe_ended(pid_t pid);

/* CPU time alone, in ns: exact, and as cheap as one system call. -1: gone. */
int64_t probe_cpu_ns(pid_t pid);

/* For how long a thread was ready to run and had no core, in ns, since it began; 0: not known. */
int64_t probe_queued_ns(pid_t pid, int thread);
int probe_own_thread(void); /* the calling thread, as probe_queued_ns() has it */

/* Are all threads of the process (and of its children) asleep in the kernel just now? */
bool probe_asleep(pid_t pid);

/* Are all threads of the process held, by a signal or by a tracer? What slept in the kernel when
 * SIGSTOP came is on its way out then, and goes no further. */
bool probe_stopped(pid_t pid);

/* Has the process a handler for this signal? */
bool probe_handles(pid_t pid, int signal);

typedef struct ProbeListener {
    char address[64]; /* "127.0.0.1", "0.0.0.0", "::" */
    int port;
    bool loopback_only; /* exactly 127.0.0.1, or that as an IPv6 socket has it */
} ProbeListener;

/* TCP sockets in state LISTEN in the network namespace of `pid`; returns how
 * many (at most `most` are written). With `own_only` only those that the
 * process itself or its children hold. */
int probe_listeners(pid_t pid, bool own_only, ProbeListener *found, int most);

/* The places where `pid` or its children listen, in any network namespace, by a copy of the
 * descriptor: without a walk through the machine's connections. 0 also where that is not
 * allowed. */
int probe_borrowed_listeners(pid_t pid, ProbeListener *found, int most);
/* Fills `listener` in; `address` is of the family, in network byte order. */
void probe_listener_at(ProbeListener *listener, int family, const void *address, int port);

/* From now on the connections that `pid` or its children accept have the
 * smallest send buffer that there is: a write finds room for a few KiB at a
 * time. -1: their listeners can't be reached (no right to, an old kernel). */
int probe_cramp_listeners(pid_t pid);

/* The process on this machine that listens on 127.0.0.1:port, 0 if none is to be seen. */
pid_t probe_who_listens(int port);

/* How many may wait to be accepted by the process's own listener at this port: what it told
 * listen(2), as far as the kernel allows. -1: not to be had. */
int probe_backlog(pid_t pid, int port);

/* Bytes that the kernel holds of a TCP connection in the network namespace of
 * `pid`, between ports `a` and `b`: at both ends, not yet read or not yet
 * acknowledged. What is on its way just then counts twice. -1: no such connection. */
int64_t probe_kernel_bytes(pid_t pid, int a, int b);
/* Those that have arrived at `port` from `peer` and that the program has not read. -1: it is not
 * known. */
int64_t probe_unread_bytes(pid_t pid, int port, int peer);

/* Bytes that the kernel took of us for this socket and could not send yet; -1: not known. */
int probe_unsent_bytes(int fd);

/* The only or first child of `pid`; 0 if it has none (yet). */
pid_t probe_child(pid_t pid);

/* The process of a thread, that one's parent, and the thread's number in its own PID namespace. */
int probe_origin(pid_t thread, pid_t *process, pid_t *parent, int *number);

/* `pid` and all that descend from it, it first; returns how many, at most `most`. */
int probe_family(pid_t pid, pid_t *found, int most);

/* A pidfd of `pid`, a member of the family of `root` when it was listed: of no other process,
 * should its number have been given to another since then. -1: gone. */
int probe_pin(pid_t root, pid_t pid);

/* Bytes of memory that `pid` and all that descend from it have in use, files
 * aside; what they share counts for each. */
uint64_t probe_memory(pid_t pid);

/* Is `pid` running the file of this name (its command name, cut to 15 bytes)? */
bool probe_runs(pid_t pid, const char *name);

#endif
