#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "cpu.h"

static void die(const char *w) {
    perror(w);
    exit(1);
}

static int listen_on(int argc, char **argv) {
    int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000)};
    socklen_t len = sizeof a;
    a.sin_addr.s_addr = inet_addr("127.0.0.1");
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, (struct sockaddr *)&a, sizeof a) || listen(s, 5))
        die("bind");
    getsockname(s, (struct sockaddr *)&a, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
    fflush(stdout);
    return s;
}

static void show(const char *b, ssize_t n) {
    fwrite(b, 1, n, stdout);
    if (b[n - 1] != 10)
        putchar(10);
    printf("cpu_us %ld\n", cpu_us());
}

int main(int argc, char **argv) {
    int s = listen_on(argc, argv), outer = epoll_create1(0), inner = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = inner};
    epoll_ctl(outer, EPOLL_CTL_ADD, inner, &e);
    e.data.fd = s;
    epoll_ctl(outer, EPOLL_CTL_ADD, s, &e);
    char buf[2048];
    for (;;) {
        int n = epoll_wait(outer, &e, 1, -1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            die("epoll_wait");
        if (e.data.fd == s) {
            int c = accept4(s, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
            e = (struct epoll_event){.events = EPOLLIN | EPOLLRDHUP, .data.fd = c};
            epoll_ctl(inner, EPOLL_CTL_ADD, c, &e);
            continue;
        }
        while (epoll_wait(inner, &e, 1, 0) > 0) {
            ssize_t k = read(e.data.fd, buf, sizeof buf);
            if (k < 0 && errno == EAGAIN)
                continue;
            if (k <= 0)
                return 1;
            show(buf, k);
            return 0;
        }
    }
}
