#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cpu.h"

#define DIE(what) do { perror(what); exit(EXIT_FAILURE); } while (0)

struct source {
    int fd;
    void (*act)(int ep, struct source *self, struct source *client);
};

static void on_listener(int ep, struct source *self, struct source *client)
{
    struct epoll_event ev = { .events = EPOLLIN, .data.ptr = client };

    client->fd = accept(self->fd, NULL, NULL);
    if (client->fd == -1)
        DIE("accept");
    fcntl(client->fd, F_SETFL, O_NONBLOCK);
    if (epoll_ctl(ep, EPOLL_CTL_ADD, client->fd, &ev) == -1)
        DIE("epoll_ctl");
    epoll_ctl(ep, EPOLL_CTL_DEL, self->fd, NULL);
}

static void on_client(int ep, struct source *self, struct source *client)
{
    char buf[2048];
    ssize_t got = read(self->fd, buf, sizeof buf);

    (void)client;
    if (got == -1 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0)
        exit(EXIT_FAILURE);
    epoll_ctl(ep, EPOLL_CTL_DEL, self->fd, NULL);
    fwrite(buf, got, 1, stdout);
    if (buf[got - 1] != '\n')
        putchar('\n');
    printf("cpu_us %ld\n", cpu_us());
    exit(EXIT_SUCCESS);
}

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

    struct source listener = { s, on_listener }, client = { -1, on_client };
    struct epoll_event ev = { .events = EPOLLIN, .data.ptr = &listener };
    int ep = epoll_create1(0);

    if (ep == -1 || epoll_ctl(ep, EPOLL_CTL_ADD, s, &ev) == -1)
        DIE("epoll");
    for (;;) {
        struct epoll_event ready[4];
        int n = epoll_wait(ep, ready, 4, -1);

        if (n == -1 && errno != EINTR)
            DIE("epoll_wait");
        for (int i = 0; i < n; i++) {
            struct source *source = ready[i].data.ptr;

            source->act(ep, source, &client);
        }
    }
}
