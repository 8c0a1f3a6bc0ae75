#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

static int start_listening(int port, int flags)
{
    int fd = socket(AF_INET, SOCK_STREAM | flags, 0), on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t len = sizeof a;

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&a, len) < 0 || listen(fd, 511) < 0)
        err(1, "port %d", port);
    getsockname(fd, (struct sockaddr *)&a, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
    fflush(stdout);
    return fd;
}

static struct {
    char *bytes;
    size_t at, len;
} debts[FD_SETSIZE];
static fd_set connected;
static int full;

static void leave(int fd)
{
    close(fd);
    FD_CLR(fd, &connected);
    free(debts[fd].bytes);
    debts[fd].bytes = NULL;
    full = 0;
}

static void serve(int fd)
{
    static char buf[65536];
    if (debts[fd].bytes) {
        ssize_t w = write(fd, debts[fd].bytes + debts[fd].at, debts[fd].len - debts[fd].at);
        if (w < 0 && errno != EAGAIN)
            leave(fd);
        if (w < 0)
            return;
        debts[fd].at += w;
        if (debts[fd].at == debts[fd].len) {
            free(debts[fd].bytes);
            debts[fd].bytes = NULL;
        }
        return;
    }
    ssize_t n = read(fd, buf, sizeof buf);
    if (n < 0 && errno == EAGAIN)
        return;
    ssize_t w = n > 0 ? write(fd, buf, n) : -1;
    if (n <= 0 || (w < 0 && errno != EAGAIN)) {
        leave(fd);
        return;
    }
    if (w < 0)
        w = 0;
    if (w < n) {
        debts[fd].bytes = malloc(n - w);
        memcpy(debts[fd].bytes, buf + w, n - w);
        debts[fd].at = 0;
        debts[fd].len = n - w;
    }
}

static void stop(int number)
{
    (void)number;
    _exit(0);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    int listener = start_listening(argc > 1 ? atoi(argv[1]) : 9000, SOCK_NONBLOCK);
    for (;;) {
        fd_set in, out;
        FD_ZERO(&in);
        FD_ZERO(&out);
        if (!full)
            FD_SET(listener, &in);
        for (int fd = 0; fd < FD_SETSIZE; fd++)
            if (FD_ISSET(fd, &connected))
                FD_SET(fd, debts[fd].bytes ? &out : &in);
        if (select(FD_SETSIZE, &in, &out, NULL, NULL) < 0)
            continue;
        for (int fd = 0; fd < FD_SETSIZE; fd++)
            if (fd != listener && (FD_ISSET(fd, &in) || FD_ISSET(fd, &out)))
                serve(fd);
        if (FD_ISSET(listener, &in)) {
            int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            if (fd >= FD_SETSIZE)
                close(fd);
            else if (fd >= 0)
                FD_SET(fd, &connected);
            else if (errno == EMFILE)
                full = 1;
        }
    }
}
