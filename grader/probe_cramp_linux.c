/* Small send buffers for a program that never asked for them. */
#include "probe.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FAMILY_MOST = 64 };

/* The kernel raises it to the least that it grants (4.5 KiB). Who accepts inherits it. */
static int cramp(int fd)
{
    int listens = 0;
    socklen_t len = sizeof listens;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0 || !listens)
        return 0;
    return setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){1}, sizeof(int)) == 0;
}

static int cramp_one(int process, const char *name)
{
    int fd = (int)syscall(SYS_pidfd_getfd, process, atoi(name), 0);
    int cramped = fd >= 0 ? cramp(fd) : 0;
    if (fd >= 0)
        close(fd);
    return cramped;
}

/* What is no socket is not borrowed at all: to close it might mean something. */
static bool is_socket(DIR *dir, const char *name)
{
    char target[64];
    ssize_t n = readlinkat(dirfd(dir), name, target, sizeof target - 1);
    target[n > 0 ? n : 0] = 0;
    return strncmp(target, "socket:", 7) == 0;
}

static int cramp_all(pid_t root, pid_t pid)
{
    char path[64];
    int cramped = 0, process = probe_pin(root, pid);
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *dir = process >= 0 ? opendir(path) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (is_socket(dir, entry->d_name))
            cramped += cramp_one(process, entry->d_name);
    if (dir)
        closedir(dir);
    if (process >= 0)
        close(process);
    return cramped;
}

int probe_cramp_listeners(pid_t pid)
{
    pid_t family[FAMILY_MOST];
    int n = probe_family(pid, family, FAMILY_MOST), cramped = 0;
    for (int i = 0; i < n; i++)
        cramped += cramp_all(pid, family[i]);
    return cramped ? 0 : -1;
}
