/*
 * Programs that the server starts. They get stdin, stdout and stderr as given and no
 * other descriptor, a process group of their own, and die with the thread that started
 * them.
 */
#ifndef WEB_CHILD_H
#define WEB_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/fault.h"

typedef struct ChildOptions {
    const char *const *argv; /* argv[0] is looked up in PATH */
    const char *const *env;  /* NULL: ours */
    const char *folder;      /* NULL: ours */
    int in, out, err;        /* -1: /dev/null */
    int nice;
    long long memory; /* address space in bytes, its own and its children's each; 0: as ours */
    int cpu_s;        /* processor seconds, its own and its children's each; 0: as ours */
    bool outlives;    /* does not die with us */
} ChildOptions;

/* The process id; -1 and the fault. */
pid_t child_start(const ChildOptions *options, Fault *fault);

/* Waits at most `ms`, then kills the whole group. The wait status; `late` says whether it was
 * killed. */
int child_wait(pid_t pid, int64_t ms, bool *late);

/* The same for a program whose output is read along: each whole line of at most 1,023 bytes
 * that comes from `fd` is handed on. Closes `fd`. */
int child_follow(pid_t pid, int fd, int64_t ms, void (*line)(void *context, const char *line),
                 void *context, bool *late);

/* Runs a short program and keeps what it prints. 0 if it exits with 0. */
int child_output(const char *const *argv, const char *folder, Buf *out, Fault *fault);

#endif
