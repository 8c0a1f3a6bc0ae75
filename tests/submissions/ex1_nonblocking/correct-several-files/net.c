#define _GNU_SOURCE

#include "net.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

int net_listen(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t len = sizeof a;

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&a, len) < 0 || listen(fd, 4) < 0)
        return -1;
    getsockname(fd, (struct sockaddr *)&a, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
    return fflush(stdout) == 0 ? fd : -1;
}

int net_accept(int server)
{
    return accept4(server, NULL, NULL, SOCK_NONBLOCK);
}
