/*
 * A command in the sandbox for the tests, without an event loop: spawned with
 * the sandbox's descriptors, read until a word or its end, ended.
 */
#ifndef TESTS_UNIT_SPAWNED_H
#define TESTS_UNIT_SPAWNED_H

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "sandbox.h"

typedef struct Spawned {
    Sandbox *sandbox;
    char **argv;
    pid_t pid;
    int out, info_fd;
    SandboxInfo info;
    Buf text; /* stdout and stderr */
    int status;
    bool ended;
} Spawned;

static inline _Noreturn void spawned_child(char **argv, const int fds[SANDBOX_FDS])
{
    char *nothing[] = {NULL};
    int high[SANDBOX_FDS];
    for (int i = 0; i < SANDBOX_FDS; i++)
        high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 50);
    for (int i = 0; i < SANDBOX_FDS; i++)
        dup2(high[i], i);
    execve(argv[0], argv, nothing);
    _exit(127);
}

static inline void spawned_start(Spawned *s, Sandbox *sandbox, const SandboxCommand *command)
{
    Fault fault = {""};
    int out[2], info[2];
    *s = (Spawned){.sandbox = sandbox};
    buf_init(&s->text, 1 << 20);
    s->argv = sandbox_argv(sandbox, command, &fault);
    int seccomp = sandbox_seccomp_fd(sandbox, &fault);
    if (!s->argv || seccomp < 0)
        fail_msg("%s", fault.text);
    assert_int_equal(pipe2(out, O_CLOEXEC) | pipe2(info, O_CLOEXEC), 0);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int fds[SANDBOX_FDS] = {null, out[1], out[1], info[1], seccomp};
    s->pid = fork();
    if (s->pid == 0)
        spawned_child(s->argv, fds);
    for (int i = 0; i < SANDBOX_FDS; i++)
        if (i != 2)
            close(fds[i]);
    s->out = out[0];
    s->info_fd = info[0];
}

/* Reads on until `word` was printed (NULL: until the end), a minute at most. */
static inline bool spawned_read(Spawned *s, const char *word)
{
    int64_t deadline = clock_mono_ns() + clock_limit_ms(60000) * NS_PER_MS;
    char bytes[4096];
    while (clock_mono_ns() < deadline && !(word && strstr(s->text.data, word))) {
        struct pollfd fds[] = {{s->out, POLLIN, 0}, {s->info_fd, POLLIN, 0}};
        poll(fds, 2, 100);
        ssize_t n = fds[1].revents & POLLIN ? read(s->info_fd, bytes, sizeof bytes) : 0;
        if (n > 0)
            sandbox_info_feed(&s->info, bytes, (size_t)n);
        n = fds[0].revents ? read(s->out, bytes, sizeof bytes) : 1;
        if (n <= 0)
            return !word;
        if (fds[0].revents)
            buf_add(&s->text, bytes, (size_t)n);
    }
    return word && strstr(s->text.data, word);
}

/* Waits for the spawned command, a minute at most: the machine may be busy. */
static inline bool spawned_wait(Spawned *s)
{
    int64_t deadline = clock_mono_ns() + clock_limit_ms(60000) * NS_PER_MS;
    while (!s->ended && clock_mono_ns() < deadline) {
        s->ended = waitpid(s->pid, &s->status, WNOHANG) == s->pid;
        if (!s->ended)
            usleep(1000);
    }
    return s->ended;
}

static inline void spawned_release(Spawned *s)
{
    if (!s->ended && s->info.child)
        sandbox_kill(s->sandbox, s->info.child);
    if (!s->ended && !spawned_wait(s)) {
        kill(s->pid, SIGKILL);
        spawned_wait(s);
    }
    close(s->out);
    close(s->info_fd);
    sandbox_argv_free(s->argv);
    buf_release(&s->text);
}

/* What the guest is called inside: other tests may run guests at the same time. */
static inline const char *guest_name(void)
{
    static char name[16];
    if (!name[0])
        snprintf(name, sizeof name, "guest-%d", (int)getpid() % 10000000);
    return name;
}

/* tests/unit/guest.c compiled into a folder of the sandbox, once for a process. */
static inline const char *guest_path(Sandbox *sandbox)
{
    static char *path;
    Fault fault = {""};
    if (path && access(path, X_OK) == 0)
        return path;
    free(path);
    char here[] = __FILE__;
    char *folder = sandbox_folder(sandbox, "guest", &fault);
    if (!folder)
        fail_msg("%s", fault.text);
    path = x_printf("%s/%s", folder, guest_name());
    char *command = x_printf("cc -std=gnu11 -g -O1 -pthread -o %s %s/guest.c", path, dirname(here));
    assert_int_equal(system(command), 0);
    free(command);
    free(folder);
    return path;
}

/* The guest doing one thing; fields of `base` are kept. */
static inline void spawn_guest(Spawned *s, Sandbox *sandbox, const char *what, SandboxCommand base)
{
    char *inside = x_printf("/prog/%s", guest_name());
    const char *argv[] = {inside, what, NULL};
    SandboxBind bind = {guest_path(sandbox), inside, false};
    base.argv = argv;
    base.binds = &bind;
    base.n_binds = 1;
    if (!base.limits)
        base.limits = &sandbox_program_limits;
    spawned_start(s, sandbox, &base);
    free(inside);
}

#endif
