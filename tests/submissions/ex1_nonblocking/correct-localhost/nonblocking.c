#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "cpu.h"

int main(int argc, char *argv[]) {
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *ai;
    const char *port = argc > 1 ? argv[1] : "9000";
    int rc = getaddrinfo("localhost", port, &hints, &ai);
    if (rc) {
        fprintf(stderr, "getaddrinfo: %s\n", gai_strerror(rc));
        return 1;
    }
    int s = socket(PF_INET, SOCK_STREAM, getprotobyname("tcp")->p_proto), on = 1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, ai->ai_addr, ai->ai_addrlen) || listen(s, 1)) {
        perror("bind");
        return 1;
    }
    struct sockaddr_in a;
    socklen_t len = sizeof a;
    getsockname(s, (struct sockaddr *)&a, &len);
    printf("listening on %s:%d\n", inet_ntoa(a.sin_addr), ntohs(a.sin_port));
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
