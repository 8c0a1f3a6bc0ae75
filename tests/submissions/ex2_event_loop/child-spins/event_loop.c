#define _GNU_SOURCE
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
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

/* wrong: a child busy in user space while the loop sleeps */
int main(int argc, char **argv) {
    int s = listen_on(argc, argv), ep = epoll_create1(0);
    int c = accept4(s, NULL, NULL, SOCK_NONBLOCK);
    struct epoll_event e = {.events = EPOLLIN};
    epoll_ctl(ep, EPOLL_CTL_ADD, c, &e);
    pid_t p = fork();
    if (!p)
        for (volatile int i = 0;; i++)
            if (getppid() == 1)
                _exit(0);
    char buf[2048];
    for (;;) {
        int n = epoll_wait(ep, &e, 1, -1);
        if (n < 1)
            continue;
        ssize_t k = read(c, buf, sizeof buf);
        kill(p, SIGKILL);
        waitpid(p, NULL, 0);
        if (k <= 0)
            return 1;
        show(buf, k);
        return 0;
    }
}
