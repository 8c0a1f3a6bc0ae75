#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
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

enum { PASS_MOST = 253 }; /* descriptors in one message: the kernel's SCM_MAX_FD */

typedef union Control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(PASS_MOST * sizeof(int))];
} Control;

/* The child of a process with threads: only what signal-safety(7) allows. */
static int enter(int net, bool user)
{
    int owner = user ? ioctl(net, NS_GET_USERNS) : -1;
    if (user && (owner < 0 || setns(owner, CLONE_NEWUSER) < 0))
        return -1;
    return setns(net, CLONE_NEWNET);
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

static int pass(int channel, int *fds, int count)
{
    Control control;
    memset(&control, 0, sizeof control);
    int error = 0;
    struct iovec bytes = {&error, sizeof error};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control.bytes};
    message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
    memcpy(CMSG_DATA(header), fds, (size_t)count * sizeof(int));
    return sendmsg(channel, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static _Noreturn void socket_child(int channel, int net, bool user, int count)
{
    int fds[PASS_MOST];
    int rc = enter(net, user);
    while (rc == 0 && count > 0) {
        int n = count < PASS_MOST ? count : PASS_MOST;
        rc = make_sockets(fds, n) < 0 || pass(channel, fds, n) < 0 ? -1 : 0;
        for (int i = 0; rc == 0 && i < n; i++)
            close(fds[i]);
        count -= n;
    }
    int error = errno;
    if (rc < 0 && write(channel, &error, sizeof error) < 0)
        _exit(1);
    _exit(rc ? 1 : 0);
}

/* One message: how many descriptors it carried; -1 with errno. */
static int receive(int channel, int *fds, int most)
{
    Control control;
    int error = 0;
    struct iovec bytes = {&error, sizeof error};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control.bytes};
    message.msg_controllen = sizeof control.bytes;
    ssize_t n;
    while ((n = recvmsg(channel, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
        ;
    struct cmsghdr *header = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (!header) {
        errno = n == (ssize_t)sizeof error ? error : n < 0 ? errno : ESRCH;
        return -1;
    }
    int count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    if (count > most || message.msg_flags & MSG_CTRUNC) {
        errno = EMFILE; /* the kernel passes only as many as we have room for */
        count = count > most ? most : count;
        memcpy(fds, CMSG_DATA(header), (size_t)count * sizeof(int));
        while (count > 0)
            close(fds[--count]);
        return -1;
    }
    memcpy(fds, CMSG_DATA(header), (size_t)count * sizeof(int));
    return count;
}

static int sockets_through(int net, bool user, int count, int *fds)
{
    int channel[2], got = 0, n = 0;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) < 0)
        return -1;
    pid_t child = fork();
    if (child == 0)
        socket_child(channel[1], net, user, count);
    close(channel[1]);
    while (child > 0 && got < count && (n = receive(channel[0], fds + got, count - got)) > 0)
        got += n;
    int error = errno;
    close(channel[0]);
    while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
        ;
    if (got == count)
        return 0;
    while (got > 0)
        close(fds[--got]);
    errno = error;
    return -1;
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
