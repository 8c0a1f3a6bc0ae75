/*
 * Live events: 1,000 browsers watch while results stream. The stand-in for the grader says
 * the moment as the name of an exercise (web_standin.c), the server hands it on, and each
 * viewer compares it with its own clock: from the grader's own line to the viewer's socket.
 */
#include "web.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { VIEWERS = 1000, JOBS = 24, EXERCISES = 4, WORKERS = 2, LINE_MOST = 4096, EVENTS = 64 };
enum { SEEN_MOST = VIEWERS * JOBS * EXERCISES, PATIENCE_S = 120 };

typedef struct Viewer {
    int fd;
    char line[LINE_MOST + 1]; /* what has come of a line that is not whole yet */
    size_t len;
} Viewer;

typedef struct Watching {
    Viewer *viewers;
    int epoll, open; /* those that have been told that they are in */
    double *late_ms;
    int seen;
} Watching;

static void see_line(Watching *watching, const char *line)
{
    const char *at = strstr(line, "\"exercise\":\"at-");
    watching->open += strstr(line, ": here we are") != NULL;
    if (at && watching->seen < SEEN_MOST)
        watching->late_ms[watching->seen++] = (now() - strtod(at + 15, NULL) / 1e9) * 1000;
}

static void take_lines(Watching *watching, Viewer *viewer)
{
    ssize_t n = recv(viewer->fd, viewer->line + viewer->len, LINE_MOST - viewer->len, 0);
    if (n <= 0)
        give_up("a viewer was dropped");
    viewer->len += (size_t)n;
    viewer->line[viewer->len] = '\0';
    char *begin = viewer->line, *end;
    for (; (end = strchr(begin, '\n')); begin = end + 1) {
        *end = '\0';
        see_line(watching, begin);
    }
    viewer->len -= (size_t)(begin - viewer->line);
    memmove(viewer->line, begin, viewer->len + 1);
    if (viewer->len == LINE_MOST)
        give_up("a line without an end");
}

static void watch_until(Watching *watching, const int *count, int wanted)
{
    struct epoll_event events[EVENTS];
    double until = now() + PATIENCE_S;
    while (*count < wanted) {
        int n = epoll_wait(watching->epoll, events, EVENTS, 1000);
        for (int i = 0; i < n; i++)
            take_lines(watching, events[i].data.ptr);
        if (now() > until)
            give_up("%d of %d events came", *count, wanted);
    }
}

static void join(Watching *watching, Viewer *viewer, int port, const char *cookie)
{
    char text[256];
    int len =
        snprintf(text, sizeof text,
                 "GET /events HTTP/1.1\r\nHost: localhost\r\nCookie: session=%s\r\n\r\n", cookie);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = viewer};
    viewer->fd = connect_to(port);
    if (send(viewer->fd, text, (size_t)len, MSG_NOSIGNAL) != len)
        give_up("a viewer was not let in");
    epoll_ctl(watching->epoll, EPOLL_CTL_ADD, viewer->fd, &event);
}

/* Branches without jobs: the server queues them at its start, and waits while it is paused. */
static char *waiting_course(void)
{
    char commit[65];
    char *course = new_course("live", JOBS, NULL), *source = new_repository("work", "ex1", commit);
    for (int i = 0; i < JOBS; i++)
        copy_repository(source, course, i);
    free(source);
    set_course(course, "paused", "1");
    return course;
}

static void report(const Watching *watching, const Served *served, double cpu, double wall)
{
    printf("  %d events to each of %d viewers within %.0f s; load %.1f\n", watching->seen / VIEWERS,
           VIEWERS, wall, load_now());
    printf("  %-52s %8.2f ms   (median %.2f, last %.2f)  target < 100\n",
           "from the grader's line to the viewer, p99",
           share_of(watching->late_ms, watching->seen, 0.99),
           share_of(watching->late_ms, watching->seen, 0.5),
           share_of(watching->late_ms, watching->seen, 1));
    printf("  %-52s %8.2f us\n", "CPU of the server, an event to one viewer",
           1e6 * cpu / watching->seen);
    printf("  %-52s %8.1f MiB           target < 64\n", "most memory of the server",
           (double)resident_most(served->pid) / 1024);
}

void live_section(void)
{
    puts("live: 1,000 viewers while results stream");
    Watching watching = {.viewers = x_calloc(VIEWERS, sizeof(Viewer)),
                         .epoll = epoll_create1(EPOLL_CLOEXEC),
                         .late_ms = x_calloc(SEEN_MOST, sizeof(double))};
    char *course = waiting_course();
    Served served;
    Db *db = open_course(course);
    const char *cookie = sign_in(db);
    char *self = realpath("/proc/self/exe", NULL);
    serve_begin(&served, course, self, WORKERS);
    free(self);
    for (int i = 0; i < VIEWERS; i++)
        join(&watching, &watching.viewers[i], served.port, cookie);
    watch_until(&watching, &watching.open, VIEWERS);
    double cpu = cpu_of(served.pid), began = now();
    set_course(course, "paused", "0");
    watch_until(&watching, &watching.seen, SEEN_MOST);
    report(&watching, &served, cpu_of(served.pid) - cpu, now() - began);
    serve_end(&served);
    for (int i = 0; i < VIEWERS; i++)
        close(watching.viewers[i].fd);
    close(watching.epoll);
    free(watching.late_ms);
    free(watching.viewers);
    db_close(db);
    free(course);
}
