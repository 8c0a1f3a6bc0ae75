#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "cpu.h"

/* stdin is closed and stdout moved out of the way: the sockets get descriptors 0 and 1 */
int main(int argc, char *argv[]) {
    int out = fcntl(1, F_DUPFD_CLOEXEC, 20);
    close(0);
    close(1);
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000)};
    socklen_t len = sizeof a;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, (struct sockaddr *)&a, sizeof a) || listen(s, 4)) {
        perror("bind");
        return 1;
    }
    getsockname(s, (struct sockaddr *)&a, &len);
    dprintf(out, "listening on ");
    dprintf(out, "127.0.0.1:");
    dprintf(out, "%d\n", ntohs(a.sin_port));
    int c = accept4(s, NULL, NULL, SOCK_NONBLOCK);
    char buf[2048];
    ssize_t n;
    while ((n = read(c, buf, sizeof buf)) < 0) {
        if (errno != EAGAIN)
            return 1;
        write(out, "Would", 5) < 0 ? abort() : (void)0;
        dprintf(out, "Block\n");
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 100000000;
        if (until.tv_nsec >= 1000000000)
            until.tv_sec++, until.tv_nsec -= 1000000000;
        while (clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL) == EINTR)
            ;
    }
    if (n == 0)
        return 2;
    for (char *p = buf; p < buf + n;) {
        ssize_t m = write(out, p, buf + n - p > 3 ? 3 : buf + n - p);
        if (m < 0)
            return 1;
        p += m;
    }
    if (buf[n - 1] != '\n')
        dprintf(out, "\n");
    dprintf(out, "cpu_us %ld\n", cpu_us());
    _exit(0);
}
