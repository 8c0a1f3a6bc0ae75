#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "cpu.h"

int main(int argc, char *argv[]) {
    int s = socket(AF_INET6, SOCK_STREAM, 0), on = 1, off = 0;
    struct sockaddr_in6 a = {.sin6_family = AF_INET6,
                             .sin6_port = htons(argc > 1 ? atoi(argv[1]) : 9000)};
    socklen_t len = sizeof a;
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &a.sin6_addr);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(s, (struct sockaddr *)&a, sizeof a) || listen(s, 1)) {
        perror("bind");
        return 1;
    }
    getsockname(s, (struct sockaddr *)&a, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(a.sin6_port));
    fflush(stdout);
    int c = accept(s, NULL, NULL);
    fcntl(c, F_SETFL, fcntl(c, F_GETFL) | O_NONBLOCK);
    char buf[4096];
    for (;;) {
        ssize_t n = recv(c, buf, sizeof buf, 0);
        if (n > 0) {
            fwrite(buf, 1, n, stdout);
            if (buf[n - 1] != '\n')
                putchar('\n');
            printf("cpu_us %ld\n", cpu_us());
            return 0;
        }
        if (n == 0 || errno != EAGAIN)
            return 1;
        printf("WouldBlock\n");
        struct timespec t = {0, 100000000};
        nanosleep(&t, NULL);
    }
}
