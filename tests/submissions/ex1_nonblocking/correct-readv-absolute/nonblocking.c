#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

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

static long clock_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
    int server = start_server(argc > 1 ? atoi(argv[1]) : 9000);
    int client = accept4(server, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    char first[600], second[600];
    struct iovec parts[] = {{first, sizeof first}, {second, sizeof second}};
    struct timespec next;
    ssize_t n;

    clock_gettime(CLOCK_MONOTONIC, &next);
    while ((n = readv(client, parts, 2)) < 0) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK) {
            perror("readv");
            return 1;
        }
        puts("WouldBlock");
        next.tv_nsec += 100 * 1000 * 1000;
        if (next.tv_nsec >= 1000000000) {
            next.tv_nsec -= 1000000000;
            next.tv_sec++;
        }
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR)
            ;
    }
    if (n == 0)
        return 1;
    fwrite(first, 1, n < (ssize_t)sizeof first ? (size_t)n : sizeof first, stdout);
    if (n > (ssize_t)sizeof first)
        fwrite(second, 1, n - sizeof first, stdout);
    puts("");
    printf("cpu_us %ld\n", clock_us());
    return 0;
}
