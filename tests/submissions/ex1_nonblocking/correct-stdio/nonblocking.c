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
    int c = accept(s, NULL, NULL);
    fcntl(c, F_SETFL, fcntl(c, F_GETFL) | O_NONBLOCK);
    FILE *in = fdopen(c, "r");
    char buf[4096];
    for (;;) {
        size_t n = fread(buf, 1, sizeof buf, in);
        if (n > 0) {
            fwrite(buf, 1, n, stdout);
            if (buf[n - 1] != '\n')
                putchar('\n');
            printf("cpu_us %ld\n", cpu_us());
            fclose(in);
            return 0;
        }
        if (feof(in))
            return 1;
        if (ferror(in) && errno != EAGAIN && errno != EINTR) {
            perror("fread");
            return 1;
        }
        clearerr(in);
        printf("WouldBlock\n");
        struct timespec t = {0, 100000000};
        nanosleep(&t, NULL);
    }
}
