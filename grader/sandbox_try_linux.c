#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "sandbox_linux.h"

enum { TRY_HIGH = 20 }; /* above every descriptor that the child gets a meaning for */

typedef struct Pipes {
    int output[2], info[2], seccomp;
} Pipes;

static int raise_fd(int fd)
{
    int high = fcntl(fd, F_DUPFD_CLOEXEC, TRY_HIGH);
    close(fd);
    return high;
}

static int pipe_high(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    ends[0] = raise_fd(ends[0]);
    ends[1] = raise_fd(ends[1]);
    return ends[0] < 0 || ends[1] < 0 ? -1 : 0;
}

static _Noreturn void child(char *const *argv, const Pipes *pipes)
{
    char *const nothing[] = {NULL};
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(null, SANDBOX_STDIN);
    dup2(pipes->output[1], SANDBOX_STDOUT);
    dup2(pipes->output[1], SANDBOX_STDERR);
    dup2(pipes->info[1], SANDBOX_INFO);
    if (pipes->seccomp >= 0)
        dup2(pipes->seccomp, SANDBOX_SECCOMP);
    execve(argv[0], argv, nothing);
    dprintf(2, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static void read_info(Try *try, int fd)
{
    char bytes[512];
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n > 0)
        sandbox_info_feed(&try->info, bytes, (size_t)n);
}

/* Reads until the output's end or the deadline. The last reading is after the
 * end: what was written before it is in the pipes by then. */
static void listen_to(Try *try, Buf *output, const Pipes *pipes, int64_t deadline)
{
    for (;;) {
        int64_t left = (deadline - clock_mono_ns() + NS_PER_MS - 1) / NS_PER_MS;
        struct pollfd fds[] = {{pipes->output[0], POLLIN, 0}, {pipes->info[0], POLLIN, 0}};
        if (left <= 0 || poll(fds, 2, (int)left) == 0) {
            try->timed_out = true;
            return;
        }
        if (fds[1].revents & POLLIN)
            read_info(try, pipes->info[0]);
        char bytes[512];
        ssize_t n = fds[0].revents ? read(pipes->output[0], bytes, sizeof bytes) : 1;
        if (n <= 0)
            break;
        if (fds[0].revents)
            buf_add(output, bytes, (size_t)n);
    }
    fcntl(pipes->info[0], F_SETFL, O_NONBLOCK);
    read_info(try, pipes->info[0]);
}

static void keep_text(Try *try, const Buf *output)
{
    Buf clean;
    buf_init(&clean, sizeof try->text - 1);
    text_clean(&clean, output->data, output->len);
    while (clean.len && clean.data[clean.len - 1] == '\n')
        clean.data[--clean.len] = 0;
    for (char *p = clean.data; *p; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    memcpy(try->text, clean.data, clean.len + 1);
    buf_release(&clean);
}

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void run(char *const *argv, int seccomp, int seconds, Buf *output, Try *try)
{
    *try = (Try){.status = -1};
    Pipes pipes = {
        {-1, -1}, {-1, -1}, seccomp < 0 ? -1 : fcntl(seccomp, F_DUPFD_CLOEXEC, TRY_HIGH)};
    if (pipe_high(pipes.output) < 0 || pipe_high(pipes.info) < 0)
        goto done;
    int64_t deadline = clock_mono_ns() + clock_limit_ms(seconds * INT64_C(1000)) * NS_PER_MS;
    pid_t pid = fork();
    if (pid < 0)
        goto done;
    if (pid == 0)
        child(argv, &pipes);
    close_end(&pipes.output[1]);
    close_end(&pipes.info[1]);
    listen_to(try, output, &pipes, deadline);
    if (try->timed_out) {
        kill(pid, SIGKILL);
    }
    while (waitpid(pid, &try->status, 0) < 0 && errno == EINTR)
        ;
    keep_text(try, output);
done:
    if (try->status == -1 && !try->text[0])
        snprintf(try->text, sizeof try->text, "%s: %s", argv[0], strerror(errno));
    close_end(&pipes.output[0]);
    close_end(&pipes.output[1]);
    close_end(&pipes.info[0]);
    close_end(&pipes.info[1]);
    close_end(&pipes.seccomp);
}

void try_command(char *const *argv, int seccomp, int seconds, Try *try)
{
    Buf output;
    buf_init(&output, 4096);
    run(argv, seccomp, seconds, &output, try);
    buf_release(&output);
}

void try_command_output(char *const *argv, Buf *output, Try *try)
{
    run(argv, -1, 10, output, try);
}

bool try_passed(const Try *try)
{
    return !try->timed_out && WIFEXITED(try->status) && WEXITSTATUS(try->status) == 0;
}
