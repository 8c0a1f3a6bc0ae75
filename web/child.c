#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

extern char **environ;

enum { SHORT_MS = 30000 };

/* Between vfork and exec: in the memory of the server, whose calling thread stands still.
 * System calls only, and nothing of the server's is written to. */
static void become(const ChildOptions *options, int null)
{
    int fds[3] = {options->in, options->out, options->err};
    for (int i = 0; i < 3; i++)
        fds[i] = fcntl(fds[i] < 0 ? null : fds[i], F_DUPFD, 3);
    for (int i = 0; i < 3; i++)
        dup2(fds[i], i);
    syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
    setpgid(0, 0);
    if (!options->outlives)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* A port below 1024 is the server's; bubblewrap refuses to begin with a capability. */
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (options->nice)
        setpriority(PRIO_PROCESS, 0, options->nice);
    struct rlimit memory = {(rlim_t)options->memory, (rlim_t)options->memory};
    if (options->memory && setrlimit(RLIMIT_AS, &memory) != 0)
        _exit(127);
    struct rlimit cpu = {(rlim_t)options->cpu_s, (rlim_t)options->cpu_s};
    if (options->cpu_s && setrlimit(RLIMIT_CPU, &cpu) != 0)
        _exit(127);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (options->folder && chdir(options->folder) != 0)
        _exit(127);
    execvpe(options->argv[0], (char **)(uintptr_t)options->argv,
            options->env ? (char **)(uintptr_t)options->env : environ);
    _exit(127);
}

/* A fork would copy the tables of all the server's pages, and then every thread pays a fault
 * for each page that it writes to next. */
static pid_t spawned(const ChildOptions *options, int null)
{
    pid_t pid = vfork();
    if (pid == 0)
        become(options, null);
    return pid;
}

pid_t child_start(const ChildOptions *options, Fault *fault)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0)
        return fault_errno(fault, "can't open /dev/null");
    pid_t pid = spawned(options, null);
    close(null);
    if (pid < 0)
        return fault_errno(fault, "can't start %.100s", options->argv[0]);
    setpgid(pid, pid);
    return pid;
}

int child_wait(pid_t pid, int64_t ms, bool *late)
{
    int status = 0;
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    int got;
    while ((got = poll(&waiting, fd >= 0, (int)ms)) < 0 && errno == EINTR)
        ;
    *late = got == 0;
    /* Also what it left behind in its group; the id is ours until it is waited for. */
    kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (fd >= 0)
        close(fd);
    return status;
}

typedef struct Follow {
    void (*line)(void *context, const char *line);
    void *context;
    char text[1024];
    size_t len;
    bool skip; /* the rest of a line that was too long */
} Follow;

static void follow_bytes(Follow *follow, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n') {
            follow->text[follow->len] = '\0';
            if (!follow->skip)
                follow->line(follow->context, follow->text);
            follow->len = 0;
            follow->skip = false;
        } else if (follow->len + 1 < sizeof follow->text) {
            follow->text[follow->len++] = bytes[i];
        } else {
            follow->skip = true;
        }
    }
}

int child_follow(pid_t pid, int fd, int64_t ms, void (*line)(void *context, const char *line),
                 void *context, bool *late)
{
    char piece[16384];
    Follow follow = {.line = line, .context = context};
    int64_t until = clock_mono_ns() + ms * NS_PER_MS, left = ms;
    int ended = (int)syscall(SYS_pidfd_open, pid, 0);
    /* Its own end counts, not that of the pipe: somebody else may still hold that. */
    struct pollfd waiting[2] = {{.fd = fd, .events = POLLIN}, {.fd = ended, .events = POLLIN}};
    while (left > 0 && (poll(waiting, 2, (int)left) >= 0 || errno == EINTR)) {
        ssize_t n = 0;
        if (waiting[0].revents && (n = read(fd, piece, sizeof piece)) > 0)
            follow_bytes(&follow, piece, (size_t)n);
        if (n <= 0 && (waiting[1].revents || waiting[0].revents))
            break;
        left = (until - clock_mono_ns()) / NS_PER_MS;
    }
    if (ended >= 0)
        close(ended);
    close(fd);
    return child_wait(pid, left > 0 ? left : 0, late);
}

static void read_all(int fd, Buf *out)
{
    char piece[16384];
    ssize_t n;
    while ((n = read(fd, piece, sizeof piece)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0)
            buf_add(out, piece, (size_t)n);
}

int child_output(const char *const *argv, const char *folder, Buf *out, Fault *fault)
{
    int ends[2];
    bool late;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fault_errno(fault, "can't make a pipe");
    pid_t pid = child_start(
        &(ChildOptions){.argv = argv, .folder = folder, .in = -1, .out = ends[1], .err = -1},
        fault);
    close(ends[1]);
    if (pid > 0)
        read_all(ends[0], out);
    close(ends[0]);
    if (pid < 0)
        return -1;
    int status = child_wait(pid, SHORT_MS, &late);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return fault_set(fault, "%.100s %.100s failed", argv[0], argv[1] ? argv[1] : "");
}
