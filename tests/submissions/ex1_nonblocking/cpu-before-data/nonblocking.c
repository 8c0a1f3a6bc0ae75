#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "cpu.h"

static void SHOW(const char *b, ssize_t n) {
    printf("cpu_us %ld\n", cpu_us());
    fwrite(b, 1, n, stdout);
    if (b[n - 1] != 10)
        putchar(10);
}

#define TRY read
static void begin(void) {
}

static void pause_100(void) {
    usleep(100000);
}

int main(int argc, char *argv[]) {
    int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(argc > 1 ? atoi(argv[1]) : 9000)};
    socklen_t len = sizeof a;
    a.sin_addr.s_addr = inet_addr("127.0.0.1");
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s, (struct sockaddr *)&a, sizeof a) || listen(s, 1)) {
        perror("bind");
        return 1;
    }
    getsockname(s, (struct sockaddr *)&a, &len);
    printf("listening on 127.0.0.1:%d\n", ntohs(a.sin_port));
    fflush(stdout);
    begin();
    int c = accept(s, NULL, NULL);
    int nb = 1;
    (void)nb;
    fcntl(c, F_SETFL, fcntl(c, F_GETFL) | O_NONBLOCK);
    char buf[4096];
    for (;;) {
        ssize_t n = TRY(c, buf, sizeof buf);
        if (n > 0) {
            SHOW(buf, n);
            return 0;
        }
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            return 1;
        if (errno == EAGAIN)
            printf("WouldBlock\n");
        pause_100();
    }
}
