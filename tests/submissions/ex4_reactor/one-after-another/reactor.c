#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void serve(int number, int fd)
{
    struct epoll_event ev = {.events = EPOLLIN};
    int ep = epoll_create1(0);
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
    while (epoll_wait(ep, &ev, 1, -1) < 1)
        ;
    char buf[4096];
    ssize_t n = read(fd, buf, sizeof buf);
    printf("task %d: ", number);
    if (n > 0)
        fwrite(buf, 1, n, stdout);
    else
        puts("closed");
    if (n > 0 && buf[n - 1] != '\n')
        putchar('\n');
    fflush(stdout);
    close(ep);
    close(fd);
}

int main(int argc, char **argv)
{
    int n = argc > 2 ? atoi(argv[2]) : 1;
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

    for (int i = 1; i <= n; i++)
        serve(i, accept(listener, NULL, NULL));
    return 0;
}
