#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

enum { MOST = 2100, DEBT = 65536 };

static struct pollfd fds[MOST]; /* 0: the listener */
static struct {
    char *bytes;
    size_t at, len;
} debts[MOST];
static int n_fds = 1;

static void leave(int i)
{
    close(fds[i].fd);
    free(debts[i].bytes);
    n_fds--;
    fds[i] = fds[n_fds];
    debts[i] = debts[n_fds];
    fds[0].events = POLLIN;
}

static void welcome(void)
{
    int fd;
    while ((fd = accept4(fds[0].fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        fds[n_fds] = (struct pollfd){.fd = fd, .events = POLLIN};
        debts[n_fds].bytes = NULL;
        n_fds++;
    }
    if (errno == EMFILE)
        fds[0].events = 0;
}

/* 0: the client is to leave */
static int pay(int i)
{
    ssize_t n =
        send(fds[i].fd, debts[i].bytes + debts[i].at, debts[i].len - debts[i].at, MSG_NOSIGNAL);
    if (n < 0)
        return errno == EAGAIN;
    debts[i].at += n;
    if (debts[i].at == debts[i].len) {
        free(debts[i].bytes);
        debts[i].bytes = NULL;
        fds[i].events = POLLIN;
    }
    return 1;
}

static int echo(int i)
{
    static char buf[DEBT];
    ssize_t n = recv(fds[i].fd, buf, sizeof buf, 0);
    if (n <= 0)
        return n < 0 && errno == EAGAIN;
    ssize_t w = send(fds[i].fd, buf, n, MSG_NOSIGNAL);
    if (w < 0 && errno != EAGAIN)
        return 0;
    if (w < 0)
        w = 0;
    if (w < n) {
        debts[i].bytes = malloc(n - w);
        memcpy(debts[i].bytes, buf + w, n - w);
        debts[i].at = 0;
        debts[i].len = n - w;
        fds[i].events = POLLOUT;
    }
    return 1;
}

static void stop(int number)
{
    (void)number;
    _exit(0);
}

int main(int argc, char **argv)
{
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    fds[0].fd = start_listening(argc > 1 ? atoi(argv[1]) : 9000, SOCK_NONBLOCK);
    fds[0].events = POLLIN;
    for (;;) {
        if (poll(fds, n_fds, -1) < 0)
            continue;
        for (int i = n_fds - 1; i > 0; i--)
            if (fds[i].revents && !(debts[i].bytes ? pay(i) : echo(i)))
                leave(i);
        if (fds[0].revents)
            welcome();
    }
}
