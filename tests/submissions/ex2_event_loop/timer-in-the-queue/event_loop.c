#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "cpu.h"

#define DIE(what) do { perror(what); exit(EXIT_FAILURE); } while (0)

int main(int argc, char **argv)
{
    struct sockaddr_in me = { 0 };
    socklen_t size = sizeof me;
    int one = 1;
    int s = socket(PF_INET, SOCK_STREAM, IPPROTO_TCP);

    if (s == -1)
        DIE("socket");
    me.sin_family = AF_INET;
    me.sin_port = htons(argc == 2 ? strtoul(argv[1], NULL, 10) : 9000);
    inet_pton(AF_INET, "127.0.0.1", &me.sin_addr);
    if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == -1)
        DIE("setsockopt");
    if (bind(s, (void *)&me, sizeof me) == -1)
        DIE("bind");
    if (listen(s, SOMAXCONN) == -1)
        DIE("listen");
    if (getsockname(s, (void *)&me, &size) == -1)
        DIE("getsockname");
    printf("listening on 127.0.0.1:%d\n", ntohs(me.sin_port));
    fflush(stdout);

    struct epoll_event ev = { .events = EPOLLIN, .data.u64 = 0x1122334455667788 };
    char buf[1024];
    ssize_t got;
    int c = accept4(s, NULL, NULL, SOCK_NONBLOCK), ep = epoll_create1(EPOLL_CLOEXEC);

    epoll_ctl(ep, EPOLL_CTL_ADD, c, &ev);
    struct itimerspec tick = { { 0, 100000000 }, { 0, 100000000 } };
    int timer = timerfd_create(CLOCK_MONOTONIC, 0);
    timerfd_settime(timer, 0, &tick, NULL);
    ev.data.u64 = 1;
    epoll_ctl(ep, EPOLL_CTL_ADD, timer, &ev);
    for (;;) {
        if (epoll_wait(ep, &ev, 1, -1) == -1) {
            if (errno == EINTR)
                continue;
            DIE("epoll_wait");
        }
        if (ev.data.u64 == 1) {
            uint64_t ticks;
            if (read(timer, &ticks, sizeof ticks) < 0)
                DIE("read");
            continue;
        }
        got = recv(c, buf, sizeof buf, 0);
        if (got >= 0)
            break;
        if (errno != EAGAIN)
            DIE("recv");
    }
    if (got == 0)
        exit(EXIT_FAILURE);
    fwrite(buf, got, 1, stdout);
    if (buf[got - 1] != '\n')
        putchar('\n');
    printf("cpu_us %ld\n", cpu_us());
    return EXIT_SUCCESS;
}
