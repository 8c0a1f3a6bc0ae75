#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cpu.h"

static int start_server(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t len = sizeof a;

    a.sin_addr.s_addr = inet_addr("127.0.0.1");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, len) != 0 || listen(fd, 16) != 0) {
        perror("server");
        exit(1);
    }
    getsockname(fd, (struct sockaddr *)&a, &len);
    printf("listening on 127.0.0.1:%u\n", ntohs(a.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    int server = start_server(argc > 1 ? atoi(argv[1]) : 9000);
    int client = accept(server, NULL, NULL);
    useconds_t pause = 20;
    char data[4096];
    ssize_t n;

    fcntl(client, F_SETFL, O_NONBLOCK);
    while ((n = read(client, data, sizeof data)) < 0) {
        if (errno == EAGAIN) {
            puts("WouldBlock");
            usleep(pause);
            if (pause < 20000)
                pause *= 2;
        } else if (errno != EINTR) {
            perror("read");
            exit(1);
        }
    }
    if (n == 0)
        exit(1);
    fwrite(data, 1, n, stdout);
    if (data[n - 1] != '\n')
        putchar('\n');
    printf("cpu_us %ld\n", cpu_us());
    exit(0);
}
