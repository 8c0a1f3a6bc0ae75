#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe.h"
#include "sandbox_linux.h"

pid_t sandbox_process(const Sandbox *sandbox, pid_t child)
{
    (void)sandbox;
    return probe_child(child);
}

/* Without a sandbox it is our own launcher, which ends the rest itself. */
void sandbox_kill(Sandbox *sandbox, pid_t child)
{
    if (child > 1)
        kill(child, sandbox->mode == SANDBOX_OWN ? SIGTERM : SIGKILL);
}

/* --- sockets inside --- */

/* What the child that entered the sandbox's network made there, in memory that both see. */
typedef struct Made {
    int error, n; /* errno; how many */
    int fds[];
} Made;

/* The child of a process with threads: only what signal-safety(7) allows. */
static int enter(int net, bool user)
{
    int owner = user ? ioctl(net, NS_GET_USERNS) : -1;
    int entered = !user ? 0 : owner < 0 ? -1 : setns(owner, CLONE_NEWUSER);
    int error = errno;
    if (owner >= 0)
        close(owner); /* it is our parent's, too */
    errno = error;
    return entered < 0 ? -1 : setns(net, CLONE_NEWNET);
}

static int make_sockets(int *fds, int count)
{
    for (int i = 0; i < count; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fds[i] < 0)
            return -1;
    }
    return 0;
}

static _Noreturn void socket_child(Made *made, int net, bool user, int count)
{
    made->error = enter(net, user) < 0 ? errno : 0;
    while (made->error == 0 && made->n < count)
        if (make_sockets(&made->fds[made->n], 1) == 0)
            made->n++;
        else
            made->error = errno;
    _exit(0);
}

/* The child shares our table of descriptors: what it opens is ours at once. Passed in a message
 * they would count as in flight, and of those a user has few: a submission that keeps many
 * there, under the same user id, would leave none for us. */
static int sockets_through(int net, bool user, int count, int *fds)
{
    size_t size = sizeof(Made) + (size_t)count * sizeof(int);
    Made *made = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED)
        return -1;
    made->error = ESRCH; /* of a child that was killed */
    pid_t child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        socket_child(made, net, user, count);
    int error = child < 0 ? errno : 0;
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    error = error ? error : made->error;
    if (error == 0)
        memcpy(fds, made->fds, (size_t)count * sizeof(int));
    for (int i = 0; error && i < made->n; i++)
        close(made->fds[i]);
    munmap(made, size);
    errno = error;
    return error ? -1 : 0;
}

int sandbox_sockets(Sandbox *sandbox, pid_t pid, int count, int *fds, Fault *fault)
{
    if (sandbox->mode == SANDBOX_OWN) {
        if (make_sockets(fds, count) == 0)
            return 0;
        for (int i = 0; i < count && fds[i] >= 0; i++)
            close(fds[i]);
        return fault_errno(fault, "can't make sockets");
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)pid);
    int net = open(path, O_RDONLY | O_CLOEXEC);
    if (net < 0)
        return fault_errno(fault, "can't reach the sandbox's network");
    int rc = sockets_through(net, sandbox->mode == SANDBOX_USERNS, count, fds);
    if (rc < 0)
        fault_errno(fault, "can't make %d sockets in the sandbox's network", count);
    close(net);
    return rc;
}
