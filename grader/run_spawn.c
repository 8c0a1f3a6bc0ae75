#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "run_parts.h"

#ifndef F_SETPIPE_SZ
#define F_SETPIPE_SZ F_GETFL /* macOS has no such call: a question without effect */
#endif

enum { LOG_PIPE = 1 << 20, DESCRIPTORS = 65536 };

/* A script may have a thousand clients, and many run at once. */
static void raise_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS)
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* --- the tracer's log: a FIFO, read as it is written --- */

/* A tracer that must wait for us stalls the program. A refusal costs speed alone. */
static void enlarge(int fd)
{
    fcntl(fd, F_SETPIPE_SZ, LOG_PIPE);
}

static int open_log(Run *run, Fault *fault)
{
    run->folder = sandbox_folder(run->spec.sandbox, "run", fault);
    if (!run->folder)
        return -1;
    run->log_path = x_printf("%s/log", run->folder);
    if (mkfifo(run->log_path, 0600) < 0)
        return fault_errno(fault, "%s can't be made", run->log_path);
    if (sandbox_give(run->spec.sandbox, run->log_path, fault))
        return -1;
    int fd = open(run->log_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return fault_errno(fault, "%s can't be opened", run->log_path);
    enlarge(fd);
    return stream_open(run, STREAM_LOG, fd);
}

static int open_kept_trace(Run *run, Fault *fault)
{
    if (!run->spec.keep_trace)
        return 0;
    run->keep_fd = open(run->spec.keep_trace, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    return run->keep_fd < 0 ? fault_errno(fault, "%s can't be written", run->spec.keep_trace) : 0;
}

static bool origin_of(int thread, StraceOrigin *origin)
{
    return probe_origin(thread, &origin->process, &origin->parent, &origin->number) == 0;
}

static int open_trace(Run *run, Fault *fault)
{
    if (run->spec.script->untraced)
        return 0;
    if (open_log(run, fault) || open_kept_trace(run, fault))
        return -1;
    run->observation->trace = trace_new(strace_blind);
    run->parser =
        strace_parser_new(run->observation->trace, run->program,
                          run->spec.stacks ? run->spec.resolve : NULL, run->spec.resolve_context);
    strace_parser_ask(run->parser, origin_of);
    return 0;
}

/* --- the command --- */

typedef struct Words {
    char *path, port[16], second[16];
    const char *argv[4];
    SandboxBind bind;
    SandboxLimits limits;
    SandboxCommand command;
} Words;

static void words_init(Words *words, const RunSpec *spec)
{
    const Script *script = spec->script;
    int n = 0;
    *words = (Words){.limits = sandbox_program_limits};
    words->path = x_printf("/submission/%s", spec->name);
    words->bind = (SandboxBind){spec->binary, words->path, false};
    words->argv[n++] = words->path;
    snprintf(words->port, sizeof words->port, "%d", script->port);
    snprintf(words->second, sizeof words->second, "%d", script->second_argument);
    if (script->port >= 0)
        words->argv[n++] = words->port;
    if (script->has_second_argument)
        words->argv[n++] = words->second;
    if (script->descriptors)
        words->limits.descriptors = (unsigned)script->descriptors;
    words->command = (SandboxCommand){.argv = words->argv,
                                      .binds = &words->bind,
                                      .n_binds = 1,
                                      .limits = &words->limits,
                                      .calls = strace_calls,
                                      .stacks = spec->stacks,
                                      .core = spec->core,
                                      .burn_us = script->burn_ns / NS_PER_US};
}

static int make_command(Run *run, Fault *fault)
{
    Words words;
    words_init(&words, &run->spec);
    run->program = sandbox_program(run->spec.sandbox, &words.command);
    int result = open_trace(run, fault);
    if (result == 0) {
        words.command.trace = run->log_path;
        run->argv = sandbox_argv(run->spec.sandbox, &words.command, fault);
        run->environment = sandbox_environment(&words.command);
        result = run->argv ? 0 : -1;
    }
    free(words.path);
    return result;
}

/* --- the process --- */

/* Opens the child's end of a pipe whose other end becomes a stream. */
static int open_pipe(Run *run, int which, Fault *fault)
{
    int fds[2], error = uv_pipe(fds, UV_NONBLOCK_PIPE, 0);
    if (error < 0) {
        fault_set(fault, "no pipe can be had: %s", uv_strerror(error));
        return -1;
    }
    if (stream_open(run, which, fds[0])) {
        close(fds[1]);
        return fault_set(fault, "a pipe can't be watched");
    }
    return fds[1];
}

static int open_ends(Run *run, int *ends, Fault *fault)
{
    static const int streams[] = {STREAM_OUT, STREAM_ERR, STREAM_INFO};
    ends[SANDBOX_STDIN] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (ends[SANDBOX_STDIN] < 0)
        return fault_errno(fault, "/dev/null can't be opened");
    for (int i = 0; i < 3; i++)
        if ((ends[SANDBOX_STDOUT + i] = open_pipe(run, streams[i], fault)) < 0)
            return -1;
    ends[SANDBOX_SECCOMP] = sandbox_seccomp_fd(run->spec.sandbox, fault);
    return ends[SANDBOX_SECCOMP] < 0 ? -1 : 0;
}

static int spawn(Run *run, const int *ends, uv_exit_cb on_exit, Fault *fault)
{
    uv_stdio_container_t stdio[SANDBOX_FDS];
    for (int i = 0; i < SANDBOX_FDS; i++) {
        stdio[i].flags = UV_INHERIT_FD;
        stdio[i].data.fd = ends[i];
    }
    uv_process_options_t options = {.file = run->argv[0],
                                    .args = run->argv,
                                    .env = run->environment,
                                    .exit_cb = on_exit,
                                    .stdio = stdio,
                                    .stdio_count = SANDBOX_FDS,
                                    /* ^C is for the grader, which ends its runs itself */
                                    .flags = UV_PROCESS_DETACHED};
    run->process.data = run;
    int error = uv_spawn(run->loop, &run->process, &options);
    run->spawned = true;
    run->handles++;
    if (error < 0)
        return fault_set(fault, "%s can't be started: %s", run->argv[0], uv_strerror(error));
    return 0;
}

int run_spawn(Run *run, uv_exit_cb on_exit)
{
    Fault *fault = &run->observation->fault;
    int ends[SANDBOX_FDS] = {-1, -1, -1, -1, -1};
    raise_descriptors();
    int result =
        make_command(run, fault) || open_ends(run, ends, fault) || spawn(run, ends, on_exit, fault)
            ? -1
            : 0;
    for (int i = 0; i < SANDBOX_FDS; i++)
        if (ends[i] >= 0)
            close(ends[i]);
    run->observation->spawned_ns = clock_real_ns();
    return result;
}

void run_spawn_release(Run *run)
{
    strace_parser_free(run->parser);
    run->parser = NULL;
    if (run->keep_fd >= 0)
        close(run->keep_fd);
    run->keep_fd = -1;
    if (run->folder)
        sandbox_discard(run->spec.sandbox, run->folder);
    if (run->argv)
        run->observation->out_of_memory =
            sandbox_out_of_memory(run->spec.sandbox, (const char *const *)run->argv);
    sandbox_argv_free(run->argv);
    sandbox_argv_free(run->environment);
    free(run->folder);
    free(run->log_path);
    free(run->program);
    run->argv = run->environment = NULL;
    run->folder = run->log_path = run->program = NULL;
}
