#include "git_said.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"

enum { CLEAN_MOST = 6 * SAID_LINE };

static void say(const GitSaid *said, const char *bytes, size_t len)
{
    Buf clean;
    buf_init(&clean, CLEAN_MOST);
    text_clean(&clean, bytes, len);
    fprintf(stderr, "courseweb: git of %s: %s\n", said->name, clean.data);
    buf_release(&clean);
}

static void line_over(GitSaid *said)
{
    static const char more[] = "(it says more)";
    if (said->len && said->lines < SAID_LINES)
        say(said, said->line, said->len);
    else if (said->len && said->lines == SAID_LINES)
        say(said, more, sizeof more - 1);
    said->lines += said->len && said->lines <= SAID_LINES;
    said->len = 0;
}

static void take(GitSaid *said, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i] == '\n')
            line_over(said);
        else if (said->len < SAID_LINE)
            said->line[said->len++] = bytes[i];
}

static void stop(GitSaid *said)
{
    line_over(said);
    if (said->pump)
        pump_remove(said->pump, said->fd);
    close(said->fd);
    said->fd = -1;
}

static void ready(Pumped *pumped)
{
    GitSaid *said = (GitSaid *)pumped;
    char piece[4096];
    ssize_t n = read(said->fd, piece, sizeof piece);
    if (n > 0)
        take(said, piece, (size_t)n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        stop(said);
}

int git_said_open(GitSaid *said, const char *name, int *end, Fault *fault)
{
    int ends[2];
    *said = (GitSaid){.pumped.ready = ready, .fd = -1};
    snprintf(said->name, sizeof said->name, "%s", name);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fault_errno(fault, "can't make a pipe");
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    said->fd = ends[0];
    *end = ends[1];
    return 0;
}

void git_said_watch(GitSaid *said, GitPump *pump)
{
    said->pump = pump;
    pump_add(pump, said->fd, &said->pumped);
}

void git_said_close(GitSaid *said)
{
    char piece[4096];
    ssize_t n;
    if (said->fd < 0)
        return;
    while ((n = read(said->fd, piece, sizeof piece)) > 0)
        take(said, piece, (size_t)n);
    stop(said);
}
