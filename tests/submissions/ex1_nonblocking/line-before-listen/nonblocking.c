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

int main(int argc, char *argv[])
{
    int port = argc > 1 ? atoi(argv[1]) : 9000;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));

    struct sockaddr_in addr;
    memset(&addr, 0, sizeof(addr));
    addr.sin_family = AF_INET;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    addr.sin_port = htons(port);
    if (bind(server, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
        perror("bind");
        return 1;
    }
    socklen_t len = sizeof(addr);
    getsockname(server, (struct sockaddr *)&addr, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(addr.sin_port));
    fflush(stdout);
    if (listen(server, 1) < 0) {
        perror("listen");
        return 1;
    }

    int client = accept(server, NULL, NULL);
    fcntl(client, F_SETFL, fcntl(client, F_GETFL) | O_NONBLOCK);

    char buf[4096];
    ssize_t n;
    while (1) {
        n = read(client, buf, sizeof(buf));
        if (n > 0)
            break;
        if (n == 0) {
            fprintf(stderr, "peer closed\n");
            return 1;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            printf("WouldBlock\n");
            usleep(100000);
        } else if (errno != EINTR) {
            perror("read");
            return 1;
        }
    }
    fwrite(buf, 1, n, stdout);
    if (buf[n - 1] != '\n')
        printf("\n");
    printf("cpu_us %ld\n", cpu_us());
    close(client);
    close(server);
    return 0;
}
