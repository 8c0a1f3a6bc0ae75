#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cpu.h"
#include "loop.h"

static void on_data(int fd, void *context)
{
    int *status = context;
    char data[1024];
    ssize_t n = read(fd, data, sizeof data);

    if (n < 0 && errno == EAGAIN)
        return;
    loop_stop();
    if (n <= 0)
        return;
    fwrite(data, 1, n, stdout);
    if (data[n - 1] != '\n')
        putchar('\n');
    printf("cpu_us %ld\n", cpu_us());
    *status = 0;
}

static void on_client(int fd, void *context)
{
    int client = accept(fd, NULL, NULL);

    fcntl(client, F_SETFL, O_NONBLOCK);
    if (loop_add(client, on_data, context) < 0)
        loop_stop();
}

int main(int argc, char **argv)
{
    int server = socket(AF_INET, SOCK_STREAM, 0), on = 1, status = 1;
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t len = sizeof a;

    a.sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server, (struct sockaddr *)&a, len) < 0 || listen(server, 8) < 0 ||
        getsockname(server, (struct sockaddr *)&a, &len) < 0) {
        perror("event_loop");
        return 1;
    }
    printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
    fflush(stdout);
    if (loop_add(server, on_client, &status) < 0 || loop_run() < 0)
        perror("loop");
    return status;
}
