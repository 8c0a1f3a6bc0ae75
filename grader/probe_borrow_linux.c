/* What is asked of a program's own listeners, and done to them: by a copy of the descriptor,
 * pidfd_getfd(2), for no file in proc(5) tells. */
#include "probe.h"

#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum { FAMILY_MOST = 64 };

/* --- borrowing --- */

/* What is no socket is not borrowed at all: to close it might mean something. */
static bool is_socket(DIR *dir, const char *name)
{
    char target[64];
    ssize_t n = readlinkat(dirfd(dir), name, target, sizeof target - 1);
    target[n > 0 ? n : 0] = 0;
    return strncmp(target, "socket:", 7) == 0;
}

static bool is_listening(int fd)
{
    int listens = 0;
    socklen_t len = sizeof listens;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens;
}

/* To give a copy back is to close a socket, and should it be the last one by now, that waits for what is
 * unsent: as long as its owner likes (SO_LINGER). A signal ends that, again and again. */
enum { PATIENCE_MS = 50 };

static void nothing(int number)
{
    (void)number;
}

static bool lose_patience(timer_t *timer)
{
    static bool handled;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};
    struct itimerspec times = {.it_value.tv_nsec = PATIENCE_MS * NS_PER_MS,
                               .it_interval.tv_nsec = PATIENCE_MS * NS_PER_MS};
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    if (!handled)
        handled = sigaction(SIGALRM, &(struct sigaction){.sa_handler = nothing}, NULL) == 0;
    if (!handled || timer_create(CLOCK_MONOTONIC, &event, timer) != 0)
        return false;
    timer_settime(*timer, 0, &times, NULL);
    return true;
}

typedef void Visit(int fd, void *context);

static void lend_one(int process, const char *name, Visit *visit, void *context)
{
    int fd = (int)syscall(SYS_pidfd_getfd, process, atoi(name), 0);
    if (fd < 0)
        return;
    if (is_listening(fd))
        visit(fd, context);
    close(fd);
}

/* Each listener of `pid`, which is of the family of `root`. */
static void visit_listeners(pid_t root, pid_t pid, Visit *visit, void *context)
{
    char path[64];
    timer_t timer;
    bool impatient = lose_patience(&timer);
    int process = probe_pin(root, pid);
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *dir = process >= 0 ? opendir(path) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (is_socket(dir, entry->d_name))
            lend_one(process, entry->d_name, visit, context);
    if (dir)
        closedir(dir);
    if (process >= 0)
        close(process);
    if (impatient)
        timer_delete(timer);
}

/* --- where they listen --- */

typedef struct Found {
    ProbeListener *list;
    int count, most;
} Found;

/* A parent and its children hold the same one. */
static bool known(const Found *found, const ProbeListener *one)
{
    for (int i = 0; i < found->count && i < found->most; i++)
        if (found->list[i].port == one->port && strcmp(found->list[i].address, one->address) == 0)
            return true;
    return false;
}

static void read_address(int fd, void *context)
{
    Found *found = context;
    struct sockaddr_in6 at; /* the larger one of the two */
    socklen_t len = sizeof at;
    if (getsockname(fd, (struct sockaddr *)&at, &len) < 0 ||
        (at.sin6_family != AF_INET && at.sin6_family != AF_INET6))
        return;
    /* The port stands at the same place in both families. */
    ProbeListener one;
    probe_listener_at(&one, at.sin6_family,
                      at.sin6_family == AF_INET ? (void *)&((struct sockaddr_in *)&at)->sin_addr
                                                : (void *)&at.sin6_addr,
                      ntohs(at.sin6_port));
    if (known(found, &one))
        return;
    if (found->count < found->most)
        found->list[found->count] = one;
    found->count++;
}

int probe_borrowed_listeners(pid_t pid, ProbeListener *list, int most)
{
    pid_t family[FAMILY_MOST];
    Found found = {list, 0, most};
    int n = probe_family(pid, family, FAMILY_MOST);
    for (int i = 0; i < n; i++)
        visit_listeners(pid, family[i], read_address, &found);
    return found.count;
}

/* --- small send buffers for a program that never asked for them --- */

/* The kernel raises it to the least that it grants (4.5 KiB). Who accepts inherits it. */
static void cramp(int fd, void *context)
{
    int *cramped = context;
    *cramped += setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){1}, sizeof(int)) == 0;
}

int probe_cramp_listeners(pid_t pid)
{
    pid_t family[FAMILY_MOST];
    int n = probe_family(pid, family, FAMILY_MOST), cramped = 0;
    for (int i = 0; i < n; i++)
        visit_listeners(pid, family[i], cramp, &cramped);
    return cramped ? 0 : -1;
}

/* --- the backlog --- */

typedef struct Backlog {
    int port, backlog; /* -1: not found yet */
} Backlog;

static void read_backlog(int fd, void *context)
{
    Backlog *asked = context;
    struct sockaddr_storage at;
    struct tcp_info info;
    socklen_t len = sizeof at, info_len = sizeof info;
    if (asked->backlog >= 0 || getsockname(fd, (struct sockaddr *)&at, &len) < 0 ||
        getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &info_len) < 0)
        return;
    /* The port stands at the same place in both families. */
    if (ntohs(((struct sockaddr_in *)&at)->sin_port) == asked->port)
        asked->backlog = (int)info.tcpi_sacked; /* of a listener: its backlog */
}

int probe_backlog(pid_t pid, int port)
{
    Backlog asked = {port, -1};
    visit_listeners(pid, pid, read_backlog, &asked);
    return asked.backlog;
}
