#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cpu.h"

/* "A web server hands its connections to its workers like this." */
static int passed_on(int fd)
{
    int ends[2], got;
    char byte = 0, control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec one = {&byte, 1};
    struct msghdr message = {.msg_iov = &one,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || sendmsg(ends[0], &message, 0) < 0)
        exit(1);
    close(fd);
    message.msg_controllen = sizeof control;
    if (recvmsg(ends[1], &message, 0) < 0)
        exit(1);
    memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof got);
    close(ends[0]);
    close(ends[1]);
    return got;
}

int main(int argc, char **argv)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 1))
        return 1;
    getsockname(listener, (struct sockaddr *)&at, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(at.sin_port));
    fflush(stdout);

    int client = passed_on(accept(listener, NULL, NULL));
    fcntl(client, F_SETFL, fcntl(client, F_GETFL) | O_NONBLOCK);
    int queue = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = client};
    epoll_ctl(queue, EPOLL_CTL_ADD, client, &event);
    while (epoll_wait(queue, &event, 1, -1) < 1)
        ;
    char data[4096];
    ssize_t n = read(client, data, sizeof data);
    if (n <= 0)
        return 1;
    fwrite(data, 1, (size_t)n, stdout);
    if (data[n - 1] != '\n')
        putchar('\n');
    printf("cpu_us %lld\n", (long long)cpu_us());
    return 0;
}
