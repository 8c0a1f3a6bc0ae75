#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTENER = 0, PAUSE_US = 200000 };

static int fds[1 << 20]; /* by token */

static void stop(int signal)
{
    (void)signal;
    _exit(0);
}

static int listen_on(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t len = sizeof addr;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&addr, len) < 0 || listen(fd, SOMAXCONN) < 0) {
        perror("listen");
        exit(1);
    }
    getsockname(fd, (struct sockaddr *)&addr, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(addr.sin_port));
    fflush(stdout);
    return fd;
}

/* All of it, however long it takes: no need to remember anything. */
static int write_all(int fd, const char *bytes, ssize_t n)
{
    while (n > 0) {
        ssize_t w = write(fd, bytes, n);
        if (w < 0 && errno == EAGAIN) {
            struct pollfd room = {.fd = fd, .events = POLLOUT};
            poll(&room, 1, -1);
            continue;
        }
        if (w < 0)
            return -1;
        bytes += w;
        n -= w;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    int listener = listen_on(argc > 1 ? atoi(argv[1]) : 9000), epfd = epoll_create1(0), next = 1;
    struct epoll_event ev = {.events = EPOLLIN, .data.u32 = LISTENER}, events[64];
    epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &ev);
    static char buf[65536];
    for (;;) {
        int n = epoll_wait(epfd, events, 64, -1);
        for (int i = 0; i < n; i++) {
            unsigned token = events[i].data.u32;
            if (token == LISTENER) {
                int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK), on = 1;
                if (fd < 0) {
                    usleep(PAUSE_US);
                    continue;
                }
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                fds[next] = fd;
                ev.data.u32 = next++;
                epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev);
                continue;
            }
            ssize_t got = read(fds[token], buf, sizeof buf);
            if (got < 0 && errno == EAGAIN)
                continue;
            if (got <= 0 || write_all(fds[token], buf, got) < 0) {
                epoll_ctl(epfd, EPOLL_CTL_DEL, fds[token], NULL);
                close(fds[token]);
            }
        }
    }
}
